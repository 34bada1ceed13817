// The seed's components and its example inside real Durable Objects.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, Sink } from './harness.mjs';

describe('the components in workerd', () => {
  let sink;
  let server;

  before(async () => {
    sink = await new Sink().start();
    server = await new Server(sink, { config: 'js-glue/test/components.toml' }).start();
  });

  after(async () => {
    await server.stop();
    sink.stop();
  });

  const json = async (path) => (await server.fetch(path)).json();

  it('runs the example with onStart, beforeHibernation, alarm and ICEBERG bound', async () => {
    assert.equal((await json('/t/start')).n, 1, 'what only the archive has is there after onStart');
    const client = await server.connect('/t');
    const { $id } = await client.ask({ type: 'create', $type: 'Customer', data: { name: 'Alice' } });
    await client.ask({ type: 'update', $id: 'old', data: { n: 2 } });
    assert.deepEqual(await json('/t/hibernate'), [], 'nothing is dirty any more');
    await client.ask({ type: 'update', $id, data: { name: 'Alice Smith' } });
    await json('/t/alarm');
    const stats = await json('/t/stats');
    assert.equal(stats.dirty, 0, 'the alarm has saved it');
    assert.equal(stats.checkpoints.lastTrigger, 'alarm');
    assert.equal(stats.durability, 'local');

    await server.kill('SIGKILL');
    await server.start();
    const again = await server.connect('/t');
    assert.equal((await again.read($id)).name, 'Alice Smith');
    assert.equal((await again.read('old')).n, 2);
    assert.equal((await json('/t/stats')).recovery.source, 'sqlite');
  });

  it('runs the components by hand', async () => {
    const { result, thing, stats } = await json('/by-hand');
    assert.equal(result.source, 'sqlite');
    assert.equal(result.thingsLoaded, 120);
    assert.deepEqual(thing, { $id: 't7', $type: 'T', $version: 1, n: 7 });
    assert.equal(stats.count, 2, 'one at 100 dirty things, one at the end');
    const own = sink.records.filter(({ ns }) => ns === 'alone');
    assert.equal(own.length, 120);
  });
});

describe('the ready Worker', () => {
  let sink;
  let server;

  before(async () => {
    sink = await new Sink().start();
    server = await new Server(sink, { config: 'js-glue/test/rooms.toml' }).start();
  });

  after(async () => {
    await server.stop();
    sink.stop();
  });

  it('finds its objects under a binding of any name', async () => {
    const client = await server.connect('/stores/a');
    assert.equal((await client.create('x', { n: 1 })).status, 'ack');
    assert.equal((await server.stats('a')).entries, 1);
  });

  it('answers a stub that asks for /stats, and 404 for what there is not', async () => {
    const stats = await server.fetch('/stub/stats');
    assert.equal(stats.status, 200);
    assert.equal((await stats.json()).entries, 1);
    assert.equal((await server.fetch('/stub/things/x')).status, 200);
    assert.equal((await server.fetch('/stub/checkpoint', { method: 'POST' })).status, 200);
    assert.equal((await server.fetch('/stub/stores/a/stats')).status, 200);
    assert.equal((await server.fetch('/stub/checkpoint')).status, 405);
    for (const path of ['/stub/nothing', '/stub/', '/stub/stores/a/nothing']) {
      const answer = await server.fetch(path);
      assert.equal(answer.status, 404, path);
      const { error } = await answer.json();
      assert.equal(error.code, 'NOT_FOUND');
      assert.ok(error.message.endsWith(`GET ${path.slice(5)}`), error.message);
    }
  });
});
