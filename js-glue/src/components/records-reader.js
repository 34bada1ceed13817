import { mismatch } from './values.js';

/** @import { ArchivedEvent, ArchiveQuery, IcebergReader } from '../index.js' */

/**
 * The archive reader of what was given: one with `read`, as it is; one of the original's shape, with
 * `getRecords`, through {@link RecordsReader}.
 *
 * @returns {IcebergReader | undefined}
 */
export function readerOf(iceberg) {
  if (!iceberg) return undefined;
  if (typeof iceberg.read === 'function' && !isBinding(iceberg)) return iceberg;
  if (typeof iceberg.getRecords === 'function') return new RecordsReader(iceberg);
  throw mismatch('iceberg', 'have read() or getRecords()', iceberg);
}

/** Another Worker's entrypoint seems to have every method, and none of them can give rows one by one. */
function isBinding(iceberg) {
  return typeof iceberg['no method is called this'] === 'function';
}

/**
 * An archive reader over one that gives all records of a namespace at once.
 *
 * Records of a store, which have fences among them, are passed on as they are. Others are put in the
 * order of their time, each key once, and numbered; what does not fit what came before (an update of
 * what there is not) is made to fit, because a reader of that shape can promise nothing.
 *
 * @implements {IcebergReader}
 */
export class RecordsReader {
  #iceberg;

  /** @type {ArchivedEvent[]} */
  #fences = [];

  constructor(iceberg) {
    this.#iceberg = iceberg;
  }

  /**
   * A Pipeline whose fences and probes count as archived once it has accepted them, where no record
   * shows a fence: a recovery waits until it sees its probe.
   */
  watch(pipeline) {
    return {
      send: async (records) => {
        await pipeline.send(records);
        this.#fences.push(...records.filter(({ seq }) => seq === 0).map(rowOf));
      },
    };
  }

  /** @param {ArchiveQuery} query */
  async *read({ namespace, afterSeq, untilSeq, entityIds }) {
    // A source of this shape has the events of its namespace and nothing else.
    if (namespace.endsWith('/snapshots')) return;
    const answer = await this.#iceberg.getRecords({
      namespace,
      partition: { ns: namespace },
      orderBy: 'timestamp',
    });
    const records = [];
    for await (const record of answer ?? []) {
      if ((record.ns ?? record._meta?.namespace ?? namespace) === namespace) records.push(record);
    }
    const fenced = records.some(({ verb }) => verb === 'store.fence');
    const isOwn = ({ epoch }) => fenced && epoch > 0;
    const all = records.map(rowOf);
    const own = fenced ? all.filter(isOwn) : this.#fences;
    const rows = [...numbered(all.filter((row) => !isOwn(row))), ...own].sort(byPosition);
    yield rows.filter(
      ({ seq, entityId, events }) =>
        seq === 0 ||
        (seq > afterSeq &&
          seq <= untilSeq &&
          (!entityIds || events > 0 || entityIds.includes(String(entityId)))),
    );
  }
}

/** The archive's row of a record, its payload as text. */
export function rowOf(record) {
  const given = record.payload ?? record.data ?? {};
  const payload = typeof given === 'string' ? JSON.parse(given) : given;
  const entityId = payload.$id ?? record.entityId ?? null;
  return {
    epoch: record.epoch ?? 0,
    life: record.life ?? 0,
    seq: record.seq ?? 0,
    verb: record.verb ?? record.type,
    entityId,
    entityType: payload.$type ?? record.entityType ?? null,
    version: record.version ?? payload.$version ?? 0,
    ts: record.ts ?? new Date(record.timestamp ?? 0).getTime(),
    payload: JSON.stringify({ ...payload, $id: entityId ?? undefined }),
    ...(record.n > 0 && {
      session: record.session,
      sub: record.sub ?? null,
      n: record.n,
      batchIndex: record.batchIndex ?? -1,
    }),
    events: record.events ?? 0,
    key: record.idempotencyKey,
  };
}

function byPosition(a, b) {
  return a.epoch - b.epoch || a.seq - b.seq;
}

/** Records that no store numbered, as the history of one that began with them. */
function numbered(rows) {
  const keys = new Set();
  const things = new Map();
  const history = [];
  const add = (row, verb) => {
    const version = verb === 'thing.created' ? 1 : (things.get(row.entityId) ?? 0) + 1;
    if (verb === 'thing.deleted') things.delete(row.entityId);
    else things.set(row.entityId, version);
    history.push({ ...row, verb, version, epoch: 1, life: 0, seq: history.length + 1 });
  };
  rows.sort((a, b) => a.ts - b.ts || byPosition(a, b));
  for (const row of rows) {
    if (row.key !== undefined && keys.has(row.key)) continue;
    keys.add(row.key);
    const known = things.has(row.entityId);
    if (row.verb === 'thing.created' && known) add(row, 'thing.deleted');
    if (row.verb === 'thing.created' || (row.verb === 'thing.updated' && !known)) add(row, 'thing.created');
    else if (row.verb === 'thing.updated') add(row, 'thing.updated');
    else if (row.verb === 'thing.deleted' && known) add(row, 'thing.deleted');
  }
  return history;
}
