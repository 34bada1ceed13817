// Measures what a snapshot is worth: a store whose things were all written again and again, rebuilt
// from the whole log, and from a snapshot and what came behind it, in workerd and in the emulator:
//   rebuild.mjs [--things 100000] [--writes 10] [--rounds 3] [--heap-mb N,M,…]
// Memory is what the process took over what it took at rest, garbage included. Linux only. With limits for the
// heap each rebuild is done under each of them, and ends where it needs more.

import { parseArgs } from 'node:util';
import { Emulator, Server, soon } from '../../js-glue/test/harness.mjs';
import { request } from '../../js-glue/test/request.mjs';
import { memory, workerdOf } from './lib/processes.mjs';

const { values: options } = parseArgs({
  options: {
    things: { type: 'string', default: '100000' },
    writes: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    'heap-mb': { type: 'string', default: '' },
  },
});
const things = Number(options.things);
const writes = Number(options.writes);
const BATCH = 500;
const NS = 'rebuilt';

const post = async (url, path, body) => {
  const response = await request(`${url}/stores/${NS}/${path}`, { method: 'POST', body });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
};

/** Writes every thing so often, and a few once more behind the snapshot. */
async function write(url, round, from, to) {
  for (let i = from; i < to; i += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, to - i) }, (_, k) => ({
      type: 'put',
      $id: `thing-${i + k}`,
      $type: 'Thing',
      data: { round, name: `thing number ${i + k}`, text: 'x'.repeat(80) },
    }));
    for (;;) {
      const answer = await post(
        url,
        'requests',
        JSON.stringify({ type: 'batch', id: 1, atomic: true, operations }),
      );
      if (answer.status === 'ack') break;
      if (answer.code !== 'OVERLOADED' && answer.code !== 'RECOVERING')
        throw new Error(JSON.stringify(answer));
      await new Promise((resolve) => setTimeout(resolve, answer.details?.retryAfterMs ?? 100));
    }
  }
}

async function archived(emulator) {
  for (;;) {
    const { nextOffset, logEnd } = await (await request(`${emulator.url}/archive`)).json();
    if (nextOffset >= logEnd) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function running(url) {
  for (;;) {
    const stats = await (await request(`${url}/stores/${NS}/stats`)).json();
    if (stats.phase === 'running') return stats;
    if (stats.failure) throw new Error(stats.failure);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const emulator = await new Emulator({ options: ['--roll-interval', '500'] }).start();
const sink = { url: `${emulator.url}/pipelines/events` };
const vars = {
  ...emulator.env,
  ICEBERG_TOKEN: '',
  ARCHIVE_SETTLE_MS: '0',
  PUBLIC: 'true',
  SNAPSHOT_EVERY: '0',
};
const start = (core) => new Server(sink, { core, vars: { ...vars, RECORDS: 'packed' } }).start();

/** One store started over nothing but the archive, under each of the limits. */
async function rebuild(what, core) {
  for (const limitMb of options['heap-mb'].split(',')) await rebuildWithin(what, core, limitMb);
}

async function rebuildWithin(what, core, limitMb) {
  const server = new Server(sink, { core, vars: { ...vars, RECORDS: 'packed' }, heapMb: limitMb });
  const within = limitMb ? `, a heap of ${limitMb} MB` : '';
  await server.start();
  try {
    const url = `http://127.0.0.1:${server.port}`;
    await (await request(`${url}/health`)).text();
    const pid = workerdOf(server);
    const rest = memory(pid).now;
    const { recovery } = await running(url);
    const mb = (memory(pid).most - rest).toFixed(1);
    console.log(
      `${what}, workerd (${core})${within}: ${recovery.thingsLoaded} things, ${recovery.eventsReplayed} events, ${recovery.durationMs} ms, ${mb} MB over rest`,
    );
  } catch (e) {
    if (!limitMb) throw e;
    await soon(server.exited, `a server to end of which is known: ${e.message}`);
    console.log(`${what}, workerd (${core})${within}: it ended, its heap full`);
  } finally {
    await server.stop();
  }
}

/** How long a ping's reply took at most, one after the other, until something has ended. */
async function longestPing(url, end) {
  let longest = 0;
  let ended = false;
  const stop = () => {
    ended = true;
  };
  end.then(stop, stop);
  while (!ended) {
    const begun = performance.now();
    await post(url, 'requests', '{"type":"ping","id":1}');
    longest = Math.max(longest, performance.now() - begun);
  }
  return longest;
}

/** Does something to a store that runs, and ends it once the archive has what came of it. */
async function use(act) {
  const server = await start('js');
  try {
    const url = `http://127.0.0.1:${server.port}`;
    await running(url);
    await act(url);
    await archived(emulator);
  } finally {
    await server.stop();
  }
}

try {
  // One after the other: each start goes on from the log of the one before, over a database of its own.
  await use(async (url) => {
    for (let round = 0; round < writes; round++) await write(url, round, 0, things);
  });
  console.log(`${things} things written ${writes} times`);
  for (const core of ['js', 'wasm']) await rebuild('from the whole log', core);
  await use(async (url) => {
    const before = await longestPing(url, new Promise((resolve) => setTimeout(resolve, 1000)));
    const begun = performance.now();
    const made = post(url, 'snapshot');
    const meanwhile = await longestPing(url, made);
    const { parts } = await made;
    console.log(
      `a snapshot of ${parts} parts after ${Math.round(performance.now() - begun)} ms; ` +
        `the longest reply to a ping ${meanwhile.toFixed(1)} ms, in the second before ${before.toFixed(1)} ms`,
    );
    await write(url, writes, 0, Math.min(1000, things));
  });
  for (let i = 0; i < Number(options.rounds); i++)
    for (const core of ['js', 'wasm']) await rebuild('from a snapshot', core);
} finally {
  await emulator.stop();
}
