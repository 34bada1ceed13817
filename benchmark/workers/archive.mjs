// Measures the archive: how fast the emulator's ingest fills the table, how the Worker's reader, in
// workerd, reads one namespace out of a large one, and how long the rebuild of a store takes:
//   archive.mjs [--events 1000000] [--files 50] [--namespaces 10] [--rounds 3]
// Memory is what the workerd process takes over what it took at rest, garbage included; every read
// and every rebuild has a workerd of its own. Linux only.

import { parseArgs } from 'node:util';
import { Emulator, Server } from '../../js-glue/test/harness.mjs';
import { request } from '../../js-glue/test/request.mjs';
import { memory, workerdOf } from './lib/processes.mjs';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    files: { type: 'string', default: '50' },
    namespaces: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
});
const total = Number(options.events);
const files = Number(options.files);
const namespaces = Number(options.namespaces);
const rounds = Number(options.rounds);

const THINGS = 5000;

/** One event of things that are created and then changed, with a payload of some 190 bytes. */
function event(i) {
  const ns = `tenant-${i % namespaces}`;
  const seq = Math.floor(i / namespaces) + 1;
  const ts = 1_769_860_800_000 + i;
  const entityId = `customer_${seq % THINGS}`;
  const version = Math.ceil(seq / THINGS);
  const created = version === 1;
  const operation = created ? 'created' : 'updated';
  return {
    verb: `thing.${operation}`,
    store: 'things',
    payload: {
      $id: entityId,
      ...(created ? { $type: 'Customer' } : {}),
      $version: version,
      name: Math.random().toString(36).repeat(3),
      email: `user${seq}@example.com`,
      address: Math.random().toString(36).repeat(4),
      ...(created ? { $createdAt: ts } : {}),
      $updatedAt: ts,
    },
    timestamp: new Date(ts).toISOString(),
    idempotencyKey: `${entityId}:${operation}:${ts}:1.${seq}`,
    _meta: { namespace: ns },
    ns,
    epoch: 1,
    seq,
    entityId,
    entityType: 'Customer',
    version,
    ts,
  };
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

/** From the first POST until the table has everything, the bodies being ready before. */
async function ingest() {
  const emulator = await new Emulator().start();
  const different = Math.min(total, 200_000);
  const bodies = [];
  for (let from = 0; from < different; from += 1000) {
    bodies.push(JSON.stringify(Array.from({ length: 1000 }, (_, i) => event(from + i))));
  }
  try {
    const begun = performance.now();
    let next = 0;
    const send = async () => {
      while (next < total / 1000) {
        const body = bodies[next++ % bodies.length];
        const response = await request(`${emulator.url}/pipelines/events`, { method: 'POST', body });
        if (!response.ok) throw new Error(await response.text());
        await response.text();
      }
    };
    await Promise.all(Array.from({ length: 4 }, send));
    const accepted = performance.now() - begun;
    let archive;
    do {
      await new Promise((resolve) => setTimeout(resolve, 20));
      archive = await (await request(`${emulator.url}/archive`)).json();
    } while (archive.nextOffset < archive.logEnd);
    const ms = performance.now() - begun;
    console.log(
      `ingest of ${total} events: accepted after ${Math.round(accepted)} ms, in the table after ${Math.round(ms)} ms`,
    );
  } finally {
    await emulator.stop();
  }
}

/** Waits until a store that has only the archive is back from it. */
async function rebuilt(url, namespace) {
  for (;;) {
    const stats = await (await request(`${url}/stores/${namespace}/stats`)).json();
    if (stats.phase === 'running') return stats;
    if (stats.error) throw new Error(JSON.stringify(stats));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function rebuildInWorkerd(emulator, core, namespace) {
  const vars = { ...emulator.env, ICEBERG_TOKEN: '', ARCHIVE_SETTLE_MS: '0', PUBLIC: 'true' };
  const sink = { url: `${emulator.url}/pipelines/events` };
  const server = await new Server(sink, { core, vars }).start();
  try {
    const url = `http://127.0.0.1:${server.port}`;
    await (await request(`${url}/health`)).text();
    const pid = workerdOf(server);
    const rest = memory(pid).now;
    const { recovery } = await rebuilt(url, namespace);
    report(`rebuild in workerd, ${core} core`, recovery, memory(pid).most - rest);
  } finally {
    await server.stop();
  }
}

function report(name, { thingsLoaded, eventsReplayed, durationMs }, mb) {
  const more = mb === undefined ? '' : `, ${mb.toFixed(1)} MB over rest`;
  console.log(`${name}: ${eventsReplayed} events, ${thingsLoaded} things, ${durationMs} ms${more}`);
}

await ingest();
const emulator = await new Emulator({ options: ['--roll-interval', '100'] }).start();
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
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    const { recovery } = await rebuilt(emulator.url, `tenant-${round}`);
    report('rebuild in the emulator', recovery);
    await rebuildInWorkerd(emulator, 'js', `tenant-${4 + round}`);
    await rebuildInWorkerd(emulator, 'wasm', `tenant-${7 + round}`);
  }
} finally {
  await emulator.stop();
}
