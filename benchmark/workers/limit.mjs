// Fills stores to their limit, in workerd with a heap that ends where an isolate's does, and kills and starts
// them with other settings, for so many minutes: random shapes of things, seeded:
//   limit.mjs [--minutes 10] [--heap-mb 128] [--core js] [--seed N]
// It ends with an error when a process ends by itself, a store does not start, or an acknowledged thing is gone.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from '../../js-glue/test/request.mjs';
import { PipelineStandIn } from './lib/measures.mjs';
import { workerdWith } from './lib/servers.mjs';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'heap-mb': { type: 'string', default: '128' },
    core: { type: 'string', default: 'js' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const PORT = 18_981;
const BATCH_BYTES = 300_000;
const LIVES = 4;
const SAMPLE = 200;
const START_MS = 60_000;

let state = Number(options.seed) >>> 0;
/** A number from 0 to below `most`; mulberry32. */
function random(most) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * most);
}
const pick = (...all) => all[random(all.length)];

/** What the things of a store look like. */
function shapeOf() {
  const bytes = Math.floor(Math.exp(random(1_000) / 87));
  const text = pick('x', 'x', '中');
  const types = pick(1, 1, 3, 2_000);
  const idChars = pick(0, 0, 100);
  const mark = pick('', '', '€');
  return {
    said: `things of ${bytes} characters '${mark}${text}', ${types} types, ids of ${idChars}`,
    perBatch: Math.max(
      1,
      Math.min(500, Math.floor(BATCH_BYTES / (bytes * (text === '中' ? 3 : 1) + idChars + 150))),
    ),
    id: (i) => `${'i'.repeat(idChars)}${i}`,
    type: (i) => `T${i % types}`,
    data: (i, n) => ({ n, text: `${mark}${text.repeat(random(10) === 0 ? bytes * 2 : bytes)}` }),
  };
}

const settings = () => [
  'DURABILITY=local',
  ...pick([], [], ['MAX_BYTES=16777216'], ['MAX_BYTES=50331648'], ['MAX_ENTRIES=5000']),
  ...pick([], [], ['LARGE_COLLECTIONS=normalized'], ['LARGE_COLLECTIONS=packed']),
  ...pick([], [], [], ['INDEXES={"T0":[["n"]],"T1":[["n"]]}']),
];

/** Whether a store has refused what would have grown it past its quota. */
const isFull = (answer) => /QUOTA|expected at most/.test(JSON.stringify(answer));

class Store {
  /** What each thing's `n` is, by its number; null where it is gone, a list where it is one of several. */
  acked = new Map();
  next = 0;
  turn = 0;

  constructor(shape, scratch, sink) {
    this.shape = shape;
    this.scratch = scratch;
    this.sink = sink;
  }

  async start(vars) {
    this.server = workerdWith('limit', PORT, this.scratch, [
      ...['--pipeline-url', this.sink.url, '--core', options.core, '--heap-mb', options['heap-mb']],
      ...vars,
    ]);
    await this.server.start();
    const deadline = Date.now() + START_MS;
    for (;;) {
      const answer = await this.ask({ type: 'ping', id: 1 });
      if (answer.status === 'ok') break;
      if (Date.now() > deadline) throw new Error(`the store does not start: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return (await request(`http://127.0.0.1:${PORT}/stores/limit/stats`)).json();
  }

  async ask(body) {
    const init = { method: 'POST', body: JSON.stringify(body) };
    return (await request(`http://127.0.0.1:${PORT}/stores/limit/requests`, init)).json();
  }

  async batch(operations, after) {
    const answer = await this.ask({ type: 'batch', id: 1, atomic: true, operations });
    if (answer.status === 'ack') {
      for (const [i, n] of after) this.acked.set(i, n);
    } else if (answer.code === 'OVERLOADED' || answer.code === 'RECOVERING') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } else if (!isFull(answer) && !/CONFLICT/.test(JSON.stringify(answer))) {
      throw new Error(JSON.stringify(answer));
    }
    return answer;
  }

  /** Creates, until the store is full or it has been long enough. */
  async fill(ms) {
    const { shape } = this;
    const end = Date.now() + ms;
    while (Date.now() < end) {
      const numbers = Array.from({ length: shape.perBatch }, () => this.next++);
      const answer = await this.batch(
        numbers.map((i) => ({
          type: 'create',
          $type: shape.type(i),
          data: { $id: shape.id(i), ...shape.data(i, 0) },
        })),
        numbers.map((i) => [i, 0]),
      );
      if (isFull(answer)) return true;
    }
    return false;
  }

  /** Updates and deletes at random; returns when killed or when it has been long enough. */
  async change(ms) {
    const { shape } = this;
    const end = Date.now() + ms;
    while (Date.now() < end && this.next > 0) {
      const numbers = new Set(Array.from({ length: Math.min(50, shape.perBatch) }, () => random(this.next)));
      const alive = [...numbers].filter((i) => typeof this.acked.get(i) === 'number');
      if (alive.length === 0) continue;
      const n = ++this.turn;
      const isDelete = random(4) === 0;
      const operations = alive.map((i) =>
        isDelete
          ? { type: 'delete', $id: shape.id(i) }
          : { type: 'update', $id: shape.id(i), data: random(2) ? { n } : shape.data(i, n) },
      );
      const next = isDelete ? null : n;
      const earlier = new Map(alive.map((i) => [i, this.acked.get(i)]));
      // Where a kill comes between, it is one of both.
      for (const [i, was] of earlier) this.acked.set(i, [was, next]);
      const answer = await this.batch(
        operations,
        alive.map((i) => [i, next]),
      );
      if (answer.status !== 'ack') for (const [i, was] of earlier) this.acked.set(i, was);
    }
  }

  async check() {
    for (let i = 0; i < SAMPLE && this.acked.size > 0; i += 10) {
      const numbers = Array.from({ length: 10 }, () => random(this.next)).filter((n) => this.acked.has(n));
      const answer = await this.ask({ type: 'read', id: 1, $ids: numbers.map(this.shape.id) });
      if (answer.status !== 'ok') {
        if (answer.code === 'OVERLOADED') continue;
        throw new Error(JSON.stringify(answer).slice(0, 500));
      }
      for (const n of numbers) {
        const found = answer.things[this.shape.id(n)]?.n ?? null;
        const right = [this.acked.get(n)].flat();
        if (!right.includes(found) && answer.truncated === undefined) {
          throw new Error(`thing ${this.shape.id(n)} has n ${found}, not ${right}`);
        }
      }
    }
  }
}

const sink = await new PipelineStandIn().start();
const end = Date.now() + Number(options.minutes) * 60_000;
let stores = 0;
let starts = 0;
let full = 0;
console.log(`seed ${options.seed}`);
while (Date.now() < end) {
  const scratch = mkdtempSync(join(tmpdir(), 'limit-'));
  const shape = shapeOf();
  const store = new Store(shape, scratch, sink);
  console.log(`store ${++stores}: ${shape.said}`);
  for (let life = 0; life < LIVES; life++) {
    const vars = settings();
    console.log(`  ${vars.slice(1).join(' ') || 'defaults'}:`);
    const stats = await store.start(vars);
    starts++;
    console.log(
      `    ${stats.entries} things, ${stats.entriesInMemory} in memory, ${Math.round(stats.estimatedBytes / 2 ** 20)} MiB`,
    );
    await store.check();
    if (await store.fill(15_000)) full++;
    const killed = random(2) === 0;
    const changes = store.change(2_000).catch((error) => {
      if (!killed) throw error;
    });
    if (killed) {
      await new Promise((resolve) => setTimeout(resolve, random(2_000)));
      await store.server.stop();
    }
    await changes;
    if (!killed) {
      await store.check();
      await store.server.stop();
    }
  }
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${stores} stores, ${starts} starts, ${full} times full: no failure`);
process.exit(0);
