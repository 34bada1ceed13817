// The seed's components and its example inside real Durable Objects.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

it('takes variables from a file, and those that are named win', async () => {
  const sink = await new Sink().start();
  const server = new Server(sink, { vars: { DURABILITY: 'memory' } });
  const path = join(server.data, 'vars.json');
  const vars = { DURABILITY: 'local', INDEXES: { T: [['board']] }, CHECKPOINT_INTERVAL: 60_000 };
  writeFileSync(path, JSON.stringify(vars));
  server.options.push('--vars-file', path);
  try {
    await server.start();
    const client = await server.connect('/stores/a');
    await client.ask({ type: 'create', $type: 'T', data: { board: 'b' } });
    const query = { type: 'query', $type: 'T', where: { board: 'b' }, explain: true };
    assert.deepEqual((await client.ask(query)).explain.index, ['board']);
    assert.equal((await server.stats('a')).durability, 'memory');
  } finally {
    await server.stop();
    sink.stop();
  }
});

for (const core of /** @type {const} */ (['js', 'wasm'])) {
  describe(`the ready Worker, its core as ${core}`, () => {
    let sink;
    let server;

    before(async () => {
      sink = await new Sink().start();
      server = await new Server(sink, { core, config: 'js-glue/test/rooms.toml' }).start();
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

    const call = async (name) => (await server.fetch(`/rpc/${name}`)).json();

    it('is called by RPC with the requests of the protocol', async () => {
      const { made, put, updated, results, things, page, count, get } = await call('verbs');
      assert.equal(made.$id, 'a');
      assert.equal(made.thing.n, 1);
      assert.equal(made.thing.via, 'process', 'the rule has changed it');
      assert.equal(put.$version, 1);
      assert.deepEqual(updated, { $id: 'a', $version: 2 });
      assert.deepEqual(results, [{ $id: 'a', $version: 3 }]);
      assert.deepEqual(Object.keys(things), ['a']);
      assert.equal(things.a.n, 2);
      assert.deepEqual(
        page.things.map(({ $id }) => $id),
        ['a', 'c'],
      );
      assert.deepEqual(page.explain.index, ['board'], 'of the settings in the constructor');
      assert.equal(count, 2);
      assert.equal(get.title, 'x');
    });

    it('refuses with an error whose message begins with the code', async () => {
      const [missing, secret, conflict] = await call('refusals');
      assert.match(missing, /^NOT_FOUND: /);
      assert.match(secret, /^VALIDATION_ERROR: refused by the application/);
      assert.match(conflict, /^CONFLICT: /);
      const client = await server.connect('/stores/a');
      const reply = await client.ask({ type: 'create', $type: 'Secret', data: {} });
      assert.equal(reply.code, 'VALIDATION_ERROR');
      assert.deepEqual(reply.details, { via: 'socket', code: 'FORBIDDEN_HERE' });
      const batch = { type: 'batch', operations: [{ type: 'create', $type: 'Card', data: { $id: 's' } }] };
      assert.equal((await client.ask(batch)).results[0].$version, 1);
      assert.equal((await client.read('s')).via, 'socket');
    });

    it('gets no thing that has left the memory, and says so as any refusal', async () => {
      const { gets, things } = await call('evicted');
      assert.match(gets[0], /^UNAVAILABLE: .*thing a is not in memory; a read looks in SQLite/);
      assert.equal(gets[1].$id, 'c', 'the newest is still there');
      assert.equal(gets[2], null);
      assert.equal(things.a.$version, 1);
    });

    it('tells its own class, and whatever follows, what is durable', async () => {
      const { told, messages } = await call('heard');
      assert.ok(told.some(([$id, version]) => $id === 'a' && version === 3));
      assert.ok(told.some(([$id, version]) => $id === 'c' && version === null));
      assert.equal(messages[0].snapshot, true);
      assert.equal(messages[0].things.a.title, 'x');
      assert.equal('s' in messages[0].things, false);
    });
  });
}
