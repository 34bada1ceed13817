// What a class may call of the platform beside its store: docs/guide/unified-store-do.md says the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, Sink, soon } from './harness.mjs';

const NAMESPACE = '/stores/a';

let sink;
let server;

before(async () => {
  sink = await new Sink().start();
  server = await new Server(sink, { config: 'js-glue/test/platform.toml' }).start();
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
