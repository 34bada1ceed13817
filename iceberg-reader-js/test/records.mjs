/** A fence, as the Pipeline gets it. */
export function fence(ns, epoch) {
  return record(ns, epoch, 0, { verb: 'store.fence', payload: {} });
}

/** An event with a payload of a given size. */
export function event(ns, epoch, seq, bytes = 40) {
  const entityId = `customer_${seq % 7}`;
  const payload = { $id: entityId, $version: seq, text: noise(seq, bytes) };
  const more = { verb: 'thing.updated', payload, entityId, entityType: 'Customer', version: seq };
  return record(ns, epoch, seq, more);
}

export function events(ns, epoch, from, to, bytes) {
  return Array.from({ length: to - from + 1 }, (_, i) => event(ns, epoch, from + i, bytes));
}

function record(ns, epoch, seq, more) {
  const ts = 1_769_860_800_000 + seq;
  return {
    store: 'things',
    timestamp: new Date(ts).toISOString(),
    idempotencyKey: `${ns}:${epoch}.${seq}`,
    _meta: { namespace: ns },
    ns,
    epoch,
    seq,
    ts,
    ...more,
  };
}

/** The row of the archive that a record becomes. */
export function rowOf({ epoch, life = 0, seq, verb, entityId, entityType, version, ts, payload }) {
  return {
    epoch,
    life,
    seq,
    verb,
    entityId: entityId ?? null,
    entityType: entityType ?? null,
    version: version ?? 0,
    ts,
    payload: JSON.stringify(payload),
  };
}

/** What a read of these records has to give: ordered, each as often as it was sent. */
export function expected(records, namespace, { afterSeq = 0, untilSeq = Infinity, entityIds } = {}) {
  const wanted = records.filter(
    ({ ns, seq, entityId }) =>
      ns === namespace &&
      (seq === 0 || (seq > afterSeq && seq <= untilSeq && (!entityIds || entityIds.includes(entityId)))),
  );
  return wanted.map(rowOf).sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
}

/** The same rows, each position once: so they come when only positions are asked for. */
export function once(rows) {
  return [...new Map(rows.map((one) => [`${one.epoch}.${one.seq}`, one])).values()];
}

/** The same records in another order, the same one each time. */
export function shuffled(records) {
  return records
    .map((one, i) => [random(i), one])
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

/** Text that does not compress. */
function noise(seed, bytes) {
  let text = `é${seed} `;
  for (let i = 0; text.length < bytes; i++)
    text += random(seed * 1000 + i)
      .toString(36)
      .slice(2);
  return text.slice(0, bytes);
}

function random(seed) {
  const x = Math.sin(seed + 1) * 10_000;
  return x - Math.floor(x);
}
