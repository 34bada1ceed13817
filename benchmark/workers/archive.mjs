// Measures how the Worker's archive reader, in workerd, reads one namespace out of a large table:
//   archive.mjs [--events 1000000] [--files 50] [--namespaces 10] [--rounds 3]
// The table is the emulator's. Memory is what the workerd process takes over what it took at rest,
// garbage included; every read has a workerd of its own. Linux only.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Emulator, Server } from '../../js-glue/test/harness.mjs';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    files: { type: 'string', default: '50' },
    namespaces: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
});
const [total, files, namespaces, rounds] = Object.values(options).map(Number);

/** One event, with a payload of some 190 bytes that differ. */
function event(i) {
  const ns = `tenant-${i % namespaces}`;
  const seq = Math.floor(i / namespaces) + 1;
  const ts = 1_769_860_800_000 + i;
  const entityId = `customer_${seq % 5000}`;
  return {
    verb: 'thing.updated',
    store: 'things',
    payload: {
      $id: entityId,
      $version: seq,
      name: Math.random().toString(36).repeat(3),
      email: `user${seq}@example.com`,
      address: Math.random().toString(36).repeat(4),
      $updatedAt: ts,
    },
    timestamp: new Date(ts).toISOString(),
    idempotencyKey: `${entityId}:updated:${ts}:1.${seq}`,
    _meta: { namespace: ns },
    ns,
    epoch: 1,
    seq,
    entityId,
    entityType: 'Customer',
    version: seq,
    ts,
  };
}

/** What a process takes, now and at most so far, in MB. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1000;
  return { now: mb('VmRSS'), most: mb('VmHWM') };
}

/** The workerd that a server's script has started. */
function workerdOf({ process: { pid } }) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('serve'));
}

async function measure(emulator, query) {
  const { ICEBERG_CATALOG_URL, ICEBERG_OBJECTS_URL } = emulator.env;
  const vars = { ICEBERG_CATALOG_URL, ICEBERG_OBJECTS_URL };
  const config = 'js-glue/test/archive.toml';
  const server = await new Server({ url: emulator.url }, { config, vars }).start();
  try {
    await (await server.fetch('/')).text();
    const pid = workerdOf(server);
    const rest = memory(pid).now;
    const begun = performance.now();
    const body = JSON.stringify({ namespace: 'tenant-3', ...query });
    const found = await (await server.fetch('/', { method: 'POST', body })).json();
    if (found.error || !found.ordered) throw new Error(found.error ?? 'the rows are not in order');
    return { rows: found.count, ms: performance.now() - begun, mb: memory(pid).most - rest };
  } finally {
    await server.stop();
  }
}

const emulator = await new Emulator().start();
try {
  const begun = performance.now();
  for (let file = 0; file < files; file++) {
    const from = Math.round((total / files) * file);
    const to = Math.round((total / files) * (file + 1));
    await emulator.roll(Array.from({ length: to - from }, (_, i) => event(from + i)));
  }
  console.log(`${total} events in ${files} files after ${Math.round(performance.now() - begun)} ms`);
  const last = total / namespaces;
  for (const [name, query] of [
    ['all events of a namespace', {}],
    ['their positions', { positionsOnly: true }],
    ['the last 1,000', { afterSeq: last - 1000 }],
    ['one thing', { entityIds: ['customer_7'] }],
  ]) {
    for (let round = 0; round < rounds; round++) {
      const { rows, ms, mb } = await measure(emulator, query);
      console.log(`${name}: ${rows} rows, ${Math.round(ms)} ms, ${mb.toFixed(1)} MB over rest`);
    }
  }
} finally {
  await emulator.stop();
}
