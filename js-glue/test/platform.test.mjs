// What a class may call of the platform beside its store: docs/guide/unified-store-do.md says the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, Sink, soon } from './harness.mjs';

const NAMESPACE = '/stores/a';

let sink;
let server;

before(async () => {
  sink = await new Sink().start();
  server = await new Server(sink, {
    config: 'js-glue/test/platform.toml',
    vars: { CHECKPOINT_INTERVAL: 500 },
  }).start();
});

after(async () => {
  await server?.stop();
  sink?.stop();
});

const call = async (path) => (await server.fetch(`/rpc/${path}`)).json();
const callById = async (path) => (await server.fetch(`/id/${path}`)).json();

/** The first answer of a store that has started. */
async function once(client, request) {
  const answered = async () => {
    for (;;) {
      const reply = await client.ask(request);
      if (reply.code !== 'RECOVERING' && reply.code !== 'UNAVAILABLE') return reply;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return soon(answered(), JSON.stringify(request));
}

test('tables of its own lie beside the store, and abort() is a crash that loses nothing', async () => {
  const client = await server.connect(NAMESPACE);
  assert.equal(await call('log/one'), 1);
  assert.equal((await client.create('x', { n: 1 })).status, 'ack');
  assert.equal((await call('abort')).threw, 'asked to');
  const next = await server.connect(NAMESPACE);
  assert.equal((await once(next, { type: 'read', $ids: ['x'] })).things.x.n, 1);
  assert.equal(await call('log/two'), 2);
  await next.close();
});

test('an object that is reached by its id goes on in the log that it has under its name', async () => {
  await call('abort');
  assert.equal(await callById('called'), null);
  assert.equal((await callById('get/x')).n, 1);
  await callById('add');
  const written = sink.records.filter(({ ns }) => ns !== 'a');
  assert.deepEqual(written, []);
  await call('abort');
  assert.equal((await call('get/x')).n, 1);
});

test('values and a transaction of its own stay beside the store', async () => {
  assert.deepEqual(await call('keep/v'), ['v', 'v']);
  const lines = await call('log/three');
  assert.equal(await call('logTwo/fails'), lines);
  assert.equal(await call('logTwo'), lines + 2);
  const client = await server.connect(NAMESPACE);
  assert.equal((await once(client, { type: 'read', $ids: ['x'] })).things.x.n, 1);
  assert.equal((await client.ask({ type: 'update', $id: 'x', data: { m: 2 } })).status, 'ack');
  await call('abort');
  assert.deepEqual(await call('kept'), ['v', 'v']);
  const next = await server.connect(NAMESPACE);
  assert.equal((await once(next, { type: 'read', $ids: ['x'] })).things.x.m, 2);
  await next.close();
});

test('a store whose alarm was moved saves by its timer', async () => {
  const client = await server.connect(NAMESPACE);
  assert.equal((await once(client, { type: 'update', $id: 'x', data: { m: 3 } })).status, 'ack');
  assert.ok((await server.stats('a')).dirty > 0);
  await call('moveAlarm');
  const saved = async () => {
    while ((await server.stats('a')).dirty > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await soon(saved(), 'the checkpoint');
  await client.close();
});

test('a request waits behind blockConcurrencyWhile', async () => {
  const behind = await call('behindABlock/x');
  assert.equal(behind.blocked, false);
  assert.equal(behind.thing.n, 1);
});

// Once it has them, the guide can be held here: until then a file that was put back is CopiedFilesTest's.
test('workerd has no bookmarks to go back to', async () => {
  const bookmark = await call('bookmark');
  assert.match((await call(`goBack/${bookmark}`)).threw, /does not implement point-in-time recovery/);
});

test('the platform has the spans that the store makes', async () => {
  assert.deepEqual(await call('spans'), ['setAttribute', 'setStatus', 'end']);
});

test('after deleteAll() nothing is acknowledged until the store has begun anew', async () => {
  const client = await server.connect(NAMESPACE);
  assert.equal((await once(client, { type: 'read', $ids: ['x'] })).things.x.n, 1);
  await call('deleteAll');
  const create = { type: 'create', $type: 'Customer', data: { $id: 'y', n: 3 } };
  assert.equal((await client.ask(create)).code, 'UNAVAILABLE');
  assert.equal((await once(client, create)).status, 'ack');
  assert.deepEqual(Object.keys((await client.ask({ type: 'read', $ids: ['x', 'y'] })).things), ['y']);
  await call('abort');
  const next = await server.connect(NAMESPACE);
  assert.deepEqual(Object.keys((await once(next, { type: 'read', $ids: ['x', 'y'] })).things), ['y']);
  await next.close();
});
