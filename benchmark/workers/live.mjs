// Measures queries, live sets and the client's frames in workerd, each in the same run as what it is compared
// with; times are those of replies over a socket, less that of a ping:
//   live.mjs [--core js|wasm] [--things 100000] [--subscribers 1000] [--seconds 10] [--port 18991]
//     [--only queries,following,resuming,frames]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '@unified-storage/client';
import { opened, PipelineStandIn } from './lib/measures.mjs';
import { workerdWith } from './lib/servers.mjs';
import { Subscribers } from './lib/subscribers.mjs';

const { values: options } = parseArgs({
  options: {
    core: { type: 'string', default: 'js' },
    things: { type: 'string', default: '100000' },
    subscribers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    port: { type: 'string', default: '18991' },
    only: { type: 'string', default: 'queries,following,resuming,frames' },
  },
});
const [things, subscribers, seconds, port] = ['things', 'subscribers', 'seconds', 'port'].map((name) =>
  Number(options[name]),
);
const only = options.only.split(',');
const NS = 'live';
const SCANNED = 20_000;
const SHOWN = 100;
const BATCH = 250;
const RATE = 1_000;
const ROUNDS = 51;
const CREATES = 20_000;
const WINDOW = 256;
const CHANGED = 10;

const scratch = mkdtempSync(join(tmpdir(), 'live-'));
const sink = await new PipelineStandIn().start();
const server = workerdWith('live', port, scratch, [
  ...['--pipeline-url', sink.url, '--core', options.core],
  ...[
    'DURABILITY=local',
    'MAX_SOCKETS=2000',
    'MAX_STORE_BYTES=67108864',
    'INDEXES={"Thing":[["group","n"]]}',
  ],
]);
const wsUrl = (ns) => `ws://127.0.0.1:${port}/stores/${ns}`;

/** A socket whose requests are promises, and whose other messages a listener gets. */
class Asking {
  sent = new Map();
  id = 0;
  /** @type {WebSocket} */
  socket;
  /** @type {(message: any) => void} */
  pushed = () => {};

  static async open(ns = NS) {
    const asking = new Asking();
    asking.socket = await opened(new WebSocket(wsUrl(ns)));
    asking.socket.onmessage = ({ data }) => {
      for (const message of [JSON.parse(data)].flat()) {
        const resolve = asking.sent.get(message.id);
        asking.sent.delete(message.id);
        if (resolve) resolve(message);
        else asking.pushed(message);
      }
    };
    return asking;
  }

  ask(request) {
    const id = ++this.id;
    return new Promise((resolve) => {
      this.sent.set(id, resolve);
      this.socket.send(JSON.stringify({ ...request, id }));
    });
  }

  async timed(request) {
    const begun = performance.now();
    const reply = await this.ask(request);
    if (reply.status === 'error') throw new Error(JSON.stringify(reply));
    return performance.now() - begun;
  }

  async median(request, rounds = ROUNDS) {
    const times = [];
    for (let i = 0; i < rounds; i++) times.push(await this.timed(request));
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
  }
}

const say = (what, figure, unit, goal) =>
  console.log(`${what}: ${figure} ${unit}${goal === undefined ? '' : ` (goal ${goal})`}`);
const ms = (value) => Math.max(0, value).toFixed(2);

async function fill(asking, type, count, data) {
  for (let from = 0; from < count; from += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, count - from) }, (_, k) => ({
      type: 'create',
      $type: type,
      data: { $id: `${type}-${from + k}`, ...data(from + k) },
    }));
    const reply = await asking.ask({ type: 'batch', operations, atomic: true });
    if (reply.status === 'error') {
      if (reply.code !== 'OVERLOADED') throw new Error(JSON.stringify(reply));
      from -= BATCH;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function settle() {
  await new Promise((resolve) => setTimeout(resolve, 7_000));
}

async function queries(asking) {
  const ping = await asking.median({ type: 'ping' });
  const indexed = { type: 'query', $type: 'Thing', where: { group: 7 }, orderBy: ['n'], limit: SHOWN };
  const other = await Asking.open();
  let longest = 0;
  let building = true;
  const pings = (async () => {
    while (building) longest = Math.max(longest, await other.timed({ type: 'ping' }));
  })();
  const built = await asking.timed(indexed);
  building = false;
  await pings;
  other.socket.close();
  say(`an index over ${things} things is built`, ms(built - ping), 'ms', 300);
  say('  the longest ping meanwhile', ms(longest), 'ms', 20);
  say(`a query by it, ${SHOWN} things`, ms((await asking.median(indexed)) - ping), 'ms', 0.5);
  const scan = { type: 'query', $type: 'Plain', where: { n: { $lt: 0 } } };
  say(`a scan of ${SCANNED} things`, ms((await asking.median(scan, 11)) - ping), 'ms', 40);
}

/** Updates one thing at a fixed rate; how many were acknowledged a second, and how late. */
async function hot(asking) {
  const late = [];
  const cpuMs = server.cpuMs();
  const begun = performance.now();
  const replies = [];
  for (let i = 0; i < RATE * seconds; ) {
    const due = Math.min(RATE * seconds, ((performance.now() - begun) / 1000) * RATE);
    for (; i < due; i++) {
      replies.push(
        asking.timed({ type: 'update', $id: 'Thing-0', data: { hot: i } }).then((took) => late.push(took)),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(replies);
  late.sort((a, b) => a - b);
  return {
    rate: replies.length / ((performance.now() - begun) / 1000),
    p50: late[Math.floor(late.length / 2)],
    p99: late[Math.floor(late.length * 0.99)],
    cpuMs: server.cpuMs() - cpuMs,
  };
}

async function following(asking) {
  const alone = await hot(asking);
  const followers = await Subscribers.follow(wsUrl(NS), 'Thing-0', subscribers);
  await followers.pushes();
  const cpuMs = server.cpuMs();
  const followed = await hot(asking);
  const followedCpuMs = server.cpuMs() - cpuMs;
  const pushes = await followers.pushes();
  say(`${RATE} updates a second of one thing`, alone.rate.toFixed(0), 'acknowledged a second');
  say('  p50, p99', `${ms(alone.p50)}, ${ms(alone.p99)}`, 'ms');
  say(`with ${subscribers} subscribers`, followed.rate.toFixed(0), 'acknowledged a second', '0.9 of that');
  say('  p50, p99', `${ms(followed.p50)}, ${ms(followed.p99)}`, 'ms');
  say('  pushes to each of them', (pushes / subscribers / seconds).toFixed(1), 'a second', 'at most 20');
  const pushCpuUs = ((followedCpuMs - alone.cpuMs) * 1000) / pushes;
  say('  processor of workerd for each push', pushCpuUs.toFixed(1), 'µs');
  await followers.close();
}

async function resuming(asking) {
  let at;
  const follower = await Asking.open();
  const whole = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      follower.pushed = (message) => {
        at = message.at;
        if (!message.more) resolve();
      };
    })
  );
  await follower.ask({ type: 'subscribe', sub: 's', $type: 'Thing' });
  await whole;
  follower.socket.close();
  for (let i = 0; i < CHANGED; i++) {
    await asking.ask({ type: 'update', $id: `Thing-${i * 1000}`, data: { resumed: i } });
  }
  await settle();
  asking.socket.close();
  await server.stop();
  await server.start();
  const again = await Asking.open();
  const ping = await again.median({ type: 'ping' });
  const times = [];
  for (let i = 0; i < 2; i++) {
    const begun = performance.now();
    let count = 0;
    const resumed = /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        again.pushed = (message) => {
          count += Object.keys(message.things).length;
          if (!message.more) resolve();
        };
      })
    );
    const { mode } = await again.ask({ type: 'subscribe', sub: 's', $type: 'Thing', since: at });
    await resumed;
    if (mode !== 'changes' || count !== CHANGED) throw new Error(`resumed with ${count} things, by ${mode}`);
    times.push(performance.now() - begun - ping);
  }
  say(`a follower of ${things} things resumes, ${CHANGED} changed`, times.map(ms).join(', then '), 'ms', 5);
}

/** Creates with so many unanswered requests, each a message of its own. */
async function single() {
  const asking = await Asking.open('single');
  const begun = performance.now();
  let next = 0;
  const one = async () => {
    while (next < CREATES) {
      const n = next++;
      await asking.timed({ type: 'create', $type: 'Thing', data: { n } });
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, one));
  const rate = CREATES / ((performance.now() - begun) / 1000);
  asking.socket.close();
  return rate;
}

async function framed() {
  let messages = 0;
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    messages++;
    send.call(this, data);
  };
  const store = connect({ url: wsUrl('framed') });
  await store.create('Thing', { n: -1 });
  messages = 0;
  const begun = performance.now();
  let next = 0;
  const one = async () => {
    while (next < CREATES) {
      const n = next++;
      await store.create('Thing', { n });
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, one));
  const rate = CREATES / ((performance.now() - begun) / 1000);
  await store.close();
  return { rate, messages };
}

async function frames() {
  const byMessage = await single();
  const byFrame = await framed();
  say('creates, a message each', byMessage.toFixed(0), 'a second');
  say(
    'by the client, in frames',
    `${byFrame.rate.toFixed(0)} a second, ${(byFrame.rate / byMessage).toFixed(1)}`,
    'times as many',
    3,
  );
  say('  messages for each create', (byFrame.messages / CREATES).toFixed(3), '', 0.1);
}

try {
  await server.start();
  const asking = await Asking.open();
  await fill(asking, 'Thing', things, (i) => ({ n: i, group: i % 1000, text: 'x'.repeat(100) }));
  await fill(asking, 'Plain', SCANNED, (i) => ({ n: i, text: 'x'.repeat(100) }));
  await settle();
  if (only.includes('queries')) await queries(asking);
  if (only.includes('following')) await following(asking);
  if (only.includes('resuming')) await resuming(asking);
  if (only.includes('frames')) await frames();
} finally {
  await server.stop();
  sink.stop();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(0);
