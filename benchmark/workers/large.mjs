// Measures a store that outgrows its memory: workerd with a limited heap is filled by batches until so many
// things are there or it refuses, is killed, starts again, and takes reads and updates at a fixed rate, nine
// of ten of them of a tenth of the things:
//   large.mjs [--things 400000] [--bytes 200] [--character x] [--heap-mb 128] [--rate 5000] [--seconds 60] [--core js]
//     [--data DIR] [--cpu-profile] [--port 18971] [NAME=value …]
// A folder that is given is kept, and what is in it is not filled again. A profile says where the time of the
// first read and of the load went, by function; it costs some of it.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from '../../js-glue/test/request.mjs';
import { cpuProfile, heapMb, opened, PipelineStandIn } from './lib/measures.mjs';
import { workerdWith } from './lib/servers.mjs';

const BATCH_BYTES = 60_000;
const FRAME_MS = 10;
const NS = 'large';
/** Functions of a profile that are shown. */
const SHOWN = 25;

const { values: options, positionals: vars } = parseArgs({
  allowPositionals: true,
  options: {
    things: { type: 'string', default: '400000' },
    bytes: { type: 'string', default: '200' },
    'heap-mb': { type: 'string', default: '128' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '60' },
    core: { type: 'string', default: 'js' },
    character: { type: 'string', default: 'x' },
    data: { type: 'string' },
    'cpu-profile': { type: 'boolean', default: false },
    port: { type: 'string', default: '18971' },
  },
});
const PORT = Number(options.port);
const INSPECTOR = PORT + 1;
const [things, bytes, rate, seconds] = ['things', 'bytes', 'rate', 'seconds'].map((name) =>
  Number(options[name]),
);
const text = options.character.repeat(Math.max(0, bytes - 100));
// A character is three bytes at most in a message.
const BATCH = Math.max(1, Math.min(250, Math.floor(BATCH_BYTES / bytes)));
const idOf = (i) => `thing-${i}`;

const filled = options.data !== undefined && existsSync(options.data);
const scratch = options.data ?? mkdtempSync(join(tmpdir(), 'large-'));
const sink = await new PipelineStandIn().start();
const server = workerdWith('large', PORT, scratch, [
  ...['--pipeline-url', sink.url, '--core', options.core],
  ...['--inspector', String(INSPECTOR), '--heap-mb', options['heap-mb']],
  ...['DURABILITY=local', ...vars],
]);
const url = `http://127.0.0.1:${PORT}/stores/${NS}`;

async function post(path, body) {
  const response = await request(`${url}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return response.json();
}

const stats = async () => (await request(`${url}/stats`)).json();

/** Says what the store and its process take; it fails when workerd has ended, its heap full. */
const report = async (what) => {
  const { entries, entriesInMemory, estimatedBytes, rowsWritten } = await stats();
  const heap = await heapMb(PORT, INSPECTOR);
  console.log(
    `${what}: ${entries} things, ${entriesInMemory} in memory, ${Math.round(estimatedBytes / 2 ** 20)} MiB by its own count, ${Math.round(heap)} MiB heap, ${Math.round(server.rssMb())} MB resident, ${rowsWritten} rows`,
  );
  return { entries, rowsWritten };
};

async function fill() {
  const begun = performance.now();
  for (let from = 0; from < things; from += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, things - from) }, (_, k) => ({
      type: 'create',
      $type: 'Thing',
      data: { $id: idOf(from + k), n: from + k, text },
    }));
    const answer = await post('requests', { type: 'batch', id: 1, atomic: true, operations });
    if (answer.status === 'ack') continue;
    if (answer.code === 'OVERLOADED') {
      from -= BATCH;
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    console.log(`refused at ${from}: ${answer.code} ${answer.error}`);
    break;
  }
  console.log(`filled in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

const at = (sorted, share) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);

function say(what, times) {
  times.sort((a, b) => a - b);
  console.log(
    `${what}: ${times.length}, p50 ${at(times, 0.5)}, p99 ${at(times, 0.99)}, most ${at(times, 1)} ms`,
  );
}

/** Reads and updates, half and half, at their own time. */
async function mix(count) {
  const socket = await opened(new WebSocket(`ws://127.0.0.1:${PORT}/stores/${NS}`));
  const sent = new Map();
  const times = { read: [], update: [] };
  const errors = {};
  socket.onmessage = ({ data }) => {
    for (const reply of [JSON.parse(data)].flat()) {
      const { type, begun } = sent.get(reply.id);
      sent.delete(reply.id);
      if (reply.status === 'error') errors[reply.code] = (errors[reply.code] ?? 0) + 1;
      else times[type].push(performance.now() - begun);
    }
  };
  let gone = false;
  socket.onclose = () => {
    gone = true;
  };
  const begun = performance.now();
  for (let id = 0; id < rate * seconds && !gone; ) {
    const due = Math.min(rate * seconds, ((performance.now() - begun) / 1000) * rate);
    for (; id < due; id++) {
      const thing = Math.floor(Math.random() * (Math.random() < 0.9 ? count / 10 : count));
      const type = id % 2 === 0 ? 'read' : 'update';
      sent.set(id, { type, begun: performance.now() });
      socket.send(
        JSON.stringify(
          type === 'read'
            ? { type, id, $ids: [idOf(thing)] }
            : { type, id, $id: idOf(thing), data: { n: id } },
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
  const deadline = Date.now() + 60_000;
  while (sent.size > 0 && !gone && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(
    `${Math.round(rate)} a second for ${seconds} s took ${((performance.now() - begun) / 1000).toFixed(1)} s; errors ${JSON.stringify(errors)}; without an answer ${sent.size}`,
  );
  socket.close();
  say('reads', times.read);
  say('updates', times.update);
  return times.update.length;
}

async function firstRead(count) {
  const begun = performance.now();
  await post('requests', { type: 'read', id: 1, $ids: [idOf(Math.floor(count / 2))] });
  console.log(`the first read after a start: ${Math.round(performance.now() - begun)} ms`);
}

/** Does something, and says in which functions its time went where a profile is asked for. */
async function profiled(what, action) {
  if (!options['cpu-profile']) return action();
  const stop = await cpuProfile(PORT, INSPECTOR);
  const result = await action();
  const { ms, functions } = await stop();
  console.log(`${what}, by function, of ${Math.round(ms)} ms:`);
  for (const { name, selfMs } of functions.slice(0, SHOWN)) {
    console.log(`  ${Math.round(selfMs).toString().padStart(7)} ms ${name}`);
  }
  return result;
}

try {
  let entries = things;
  if (!filled) {
    await server.start();
    await fill();
    ({ entries } = await report('filled'));
    await server.stop();
  }
  await server.start();
  await profiled('the first read', () => firstRead(entries));
  const { rowsWritten: before } = await report('started');
  const updates = await profiled('the load', () => mix(entries));
  const { rowsWritten } = await report('updated');
  console.log(`rows for 1,000 updates: ${(((rowsWritten - before) * 1000) / updates).toFixed(1)}`);
} finally {
  await server.stop();
  sink.stop();
  if (options.data === undefined) rmSync(scratch, { recursive: true, force: true });
}
process.exit(0);
