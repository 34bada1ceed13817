// What is measured of one server: throughput and latency, memory, and how soon a cold one answers.

import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { request } from '../../../js-glue/test/request.mjs';

const THINGS = 100_000;
const BATCH = 100;
const DIRTY = 10_000;
/** The object that memory, cold starts and growth look at. */
export const NAMESPACE = 'hundred-thousand';
const SETTLE_MS = 7_000;
const DEADLINE_MS = 60_000;

/** Where the records go: it reads them, drops them, and says that it has them. */
export class PipelineStandIn {
  async start() {
    this.server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200).end());
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    this.url = `http://127.0.0.1:${port}/pipelines/events`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/**
 * One round of one workload, with the CPU the server spent on each operation.
 *
 * The first one, the warm-up, makes the things that the others change, so that to make them is not
 * counted with an operation.
 *
 * @param {Record<string, unknown>} [more] further options of the generator
 */
export async function load(generator, server, workload, round, seconds, more = {}) {
  const namespace = workload === 'create' || workload === 'batch' ? `${workload}-${round}` : workload;
  const cpuBefore = server.cpuMs();
  const result = await generator.load({
    url: `http://127.0.0.1:${server.port}`,
    namespace,
    workload,
    seconds,
    ...(round === 'warm-up' ? {} : { prepared: true }),
    ...more,
  });
  const cpuMs = server.cpuMs() - cpuBefore;
  return { round, load1: loadavg()[0], ...result, serverCpuUs: (cpuMs * 1000) / result.operations };
}

/**
 * Memory that things take, of a server that has just started and has an inspector.
 *
 * Resident memory and heap in use after a collection that the inspector asks for, 7 s after the
 * last write, less what both were before the first. A socket stays open, or the object would leave.
 */
export async function memory(generator, server, inspector, things = THINGS, settleMs = SETTLE_MS) {
  await ask(server, { type: 'read', id: 0, $ids: ['absent'] });
  const before = await settled(server, inspector);
  const socket = await open(server);
  await fill(generator, server, things);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  // Awake again, if it has gone to sleep meanwhile.
  await exchange(socket, { type: 'read', id: 1, $ids: ['absent'] });
  const after = await settled(server, inspector);
  socket.close();
  return {
    things,
    rssMb: after.rssMb - before.rssMb,
    rssBeforeMb: before.rssMb,
    heapMb: after.heapMb - before.heapMb,
  };
}

/** Makes so many things, by batches, in the object that memory, cold starts and growth look at. */
export function fill(generator, server, things, seconds = 120) {
  return generator.load({
    url: `http://127.0.0.1:${server.port}`,
    namespace: NAMESPACE,
    workload: 'batch',
    sockets: 1,
    requests: Math.ceil(things / BATCH),
    seconds,
  });
}

async function settled(server, port) {
  return { rssMb: server.rssMb(), heapMb: await heapMb(server.port, port) };
}

/** The heap in use of what serves on a port, after a collection that its inspector is asked for. */
export async function heapMb(serving, port) {
  const { webSocketDebuggerUrl } = await inspectee(port);
  const inspector = await opened(new WebSocket(webSocketDebuggerUrl));
  let id = 0;
  const call = (method) => exchange(inspector, { id: ++id, method });
  for (let i = 0; i < 3; i++) {
    let collected = false;
    const collection = call('HeapProfiler.collectGarbage').then(() => (collected = true));
    // It happens when the isolate next has something to do.
    while (!collected) {
      await request(`http://127.0.0.1:${serving}/health`);
      await Promise.race([collection, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }
  const { result } = await call('Runtime.getHeapUsage');
  inspector.close();
  return result.usedSize / 2 ** 20;
}

/**
 * Begins a profile of what serves on a port.
 *
 * @returns ends it, and answers with the time it took and each function's own, the longest first
 */
export async function cpuProfile(serving, port) {
  const { webSocketDebuggerUrl } = await inspectee(port);
  const inspector = await opened(new WebSocket(webSocketDebuggerUrl));
  let id = 0;
  const call = async (method) => {
    const answer = exchange(inspector, { id: ++id, method });
    let answered = false;
    answer.finally(() => (answered = true)).catch(() => {});
    while (!answered) {
      await request(`http://127.0.0.1:${serving}/health`);
      await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    return (await answer).result;
  };
  await call('Profiler.enable');
  await call('Profiler.start');
  return async () => {
    const { profile } = await call('Profiler.stop');
    inspector.close();
    const names = new Map(
      profile.nodes.map(({ id, callFrame: { functionName, lineNumber } }) => [
        id,
        `${functionName || '(anonymous)'}:${lineNumber + 1}`,
      ]),
    );
    const selfMs = new Map();
    profile.samples.forEach((node, i) => {
      const name = names.get(node);
      selfMs.set(name, (selfMs.get(name) ?? 0) + profile.timeDeltas[i] / 1000);
    });
    const functions = [...selfMs].map(([name, ms]) => ({ name, selfMs: ms }));
    functions.sort((a, b) => b.selfMs - a.selfMs);
    return { ms: (profile.endTime - profile.startTime) / 1000, functions };
  };
}

async function inspectee(port) {
  const list = await (await request(`http://127.0.0.1:${port}/json`)).json();
  return list.find(({ id, title }) => id === 'main' || /main/.test(title)) ?? list[0];
}

/** Fills a server with 100,000 things that are all in SQLite afterwards. */
export async function prepareColdStart(generator, server) {
  await fill(generator, server, THINGS);
  await checkpointed(server);
}

/** Has a store write what it has not written yet; other objects have nothing of the kind. */
export async function checkpointed(server) {
  const base = `http://127.0.0.1:${server.port}/stores/${NAMESPACE}`;
  if (server.name.startsWith('worker')) await request(`${base}/checkpoint`, { method: 'POST' });
}

/** The rows that an object has written, of a store or of a server that counts them. */
export async function rowsWritten(server) {
  await checkpointed(server);
  const base = `http://127.0.0.1:${server.port}`;
  if (!server.name.startsWith('worker')) return Number(await (await request(`${base}/rows`)).text());
  return (await (await request(`${base}/stores/${NAMESPACE}/stats`)).json()).rowsWritten;
}

/** From opening a socket to a server that has just started, to the first reply of the object with the things. */
export async function coldStart(server, things = THINGS) {
  await server.stop();
  await server.start();
  const start = performance.now();
  const reply = await ask(server, { type: 'read', id: 'first', $ids: ['absent'] });
  if (reply.status !== 'ok') throw new Error(`${server.name} answered ${JSON.stringify(reply)}`);
  return { things, firstReplyMs: performance.now() - start };
}

/**
 * How long a checkpoint of 10,000 dirty things takes, of a server that takes none by itself: the
 * answer's time from outside, because the object's own clock stands still meanwhile.
 */
export async function checkpoint(generator, server, round) {
  const namespace = `checkpoint-${round}`;
  const url = `http://127.0.0.1:${server.port}`;
  // Its preparation makes 10,000 things.
  await generator.load({ url, namespace, workload: 'mix', sockets: 1, requests: 1, seconds: 60 });
  const socket = await opened(new WebSocket(`ws://127.0.0.1:${server.port}/stores/${namespace}`));
  await request(`${url}/stores/${namespace}/checkpoint`, { method: 'POST' });
  // The first one wrote what the load's last socket left behind; this one is what is measured.
  await update(socket);
  const start = performance.now();
  const answer = await request(`${url}/stores/${namespace}/checkpoint`, { method: 'POST' });
  const { entityCount, rowsWritten } = await answer.json();
  const ms = performance.now() - start;
  socket.close();
  if (entityCount !== DIRTY) throw new Error(`${entityCount} things were dirty, not ${DIRTY}`);
  return { round, entityCount, rowsWritten, ms };
}

/** Makes all of them dirty again, in batches. */
async function update(socket) {
  for (let from = 0; from < DIRTY; from += 1000) {
    const operations = Array.from({ length: 1000 }, (_, i) => ({
      type: 'update',
      $id: `key_${from + i}`,
      data: { reading: i },
    }));
    await exchange(socket, { type: 'batch', id: from + 1, operations });
  }
}

/** Opens a socket, sends a request, and answers with its reply. */
export async function ask(server, request) {
  const socket = await open(server);
  const reply = await exchange(socket, request);
  socket.close();
  return reply;
}

const open = (server) => opened(new WebSocket(`ws://127.0.0.1:${server.port}/stores/${NAMESPACE}`));

export function opened(socket) {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = ({ message }) => reject(new Error(message ?? 'no socket'));
  });
}

/** Sends a request and takes the reply with its id. */
function exchange(socket, request) {
  let timer;
  const reply = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no reply to ${request.type ?? request.method}`)), DEADLINE_MS);
    socket.onclose = () => reject(new Error('the socket has closed'));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id === request.id) resolve(message);
    };
    socket.send(JSON.stringify(request));
  });
  return reply.finally(() => clearTimeout(timer));
}
