import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, Sink, soon } from './harness.mjs';

for (const core of ['js', 'wasm']) {
  describe(`the Worker with its ${core} core`, { concurrency: true }, () => {
    let sink;
    let server;

    before(async () => {
      sink = await new Sink().start();
      server = await new Server(sink, { core, vars: { DURABILITY: 'local' } }).start();
    });

    after(async () => {
      await server.stop();
      sink.stop();
    });

    it('answers, sends events and keeps what it acknowledged through SIGKILL', async () => {
      const own = await new Server(sink, { core, vars: { DURABILITY: 'local' } }).start();
      try {
        let client = await own.connect('/stores/killed');
        assert.deepEqual(await client.create('c1', { name: 'Al\tice', __proto__x: [1] }), {
          id: 1,
          status: 'ack',
          $id: 'c1',
          $version: 1,
        });
        const update = { type: 'update', $id: 'c1', data: { name: null, ключ: '\ud83d\ude00' } };
        assert.equal((await client.ask(update)).$version, 2);
        const batch = await client.ask({
          type: 'batch',
          operations: [{ type: 'create', $type: 'Order', data: { total: 1e21 } }, { type: 'nonsense' }],
        });
        assert.equal(batch.results[1].code, 'UNKNOWN_TYPE');
        const seen = await client.read('c1');

        await own.kill('SIGKILL');
        await own.start();
        client = await own.connect('/stores/killed');
        assert.deepEqual(await client.read('c1'), seen);
        assert.equal((await client.read(batch.results[0].$id)).total, 1e21);
        // An event may come twice: a kill can fall between the send and the note that it succeeded.
        const events = sink.records.filter(({ ns, epoch }) => ns === 'killed' && epoch === 1);
        assert.deepEqual(new Set(events.map(({ seq }) => seq)), new Set([0, 1, 2, 3]));
        assert.equal(await own.kill('SIGTERM'), 0);
      } finally {
        await own.stop();
      }
    });

    it('serves the page that looks into stores', async () => {
      const page = await server.fetch('/inspector');
      assert.equal(page.status, 200);
      assert.match(page.headers.get('content-security-policy'), /frame-ancestors 'none'/);
      assert.match(await page.text(), /<script type="module" src="\/inspector\/inspector.js">/);
      assert.equal((await server.fetch('/inspector/none.js')).status, 404);
    });

    it('does not run beside another one on its data', async () => {
      const second = server.onTheSameData();
      await assert.rejects(second.start(), /the server ended with 1/);
      assert.equal((await server.fetch('/health')).status, 200);
    });

    // A row is a megabyte of lines: to look for a line's end must not cost the row.
    it('checkpoints and wakes a large store', async () => {
      const own = await new Server(sink, { core, vars: { DURABILITY: 'local' } }).start();
      try {
        let client = await own.connect('/stores/large');
        const pad = 'x'.repeat(150);
        for (let batch = 0; batch < 12; batch++) {
          const operations = Array.from({ length: 1000 }, (_, i) => ({
            type: 'create',
            $type: 'Large',
            data: { $id: `l${batch * 1000 + i}`, pad },
          }));
          assert.equal((await client.ask({ type: 'batch', operations })).status, 'ack');
        }
        await own.kill('SIGKILL');
        await own.start();
        client = await own.connect('/stores/large');
        assert.equal((await client.read('l11999')).pad, pad);
        assert.equal((await client.read('l0')).$version, 1);
      } finally {
        await own.stop();
      }
    });

    it('treats every key as data', async () => {
      const client = await server.connect('/stores/keys');
      const data = JSON.parse('{"$id":"k","__proto__":{"a":1},"constructor":2,"toString":null}');
      const create = `{"id":"x","type":"create","$type":"K","data":${JSON.stringify(data)}}`;
      assert.equal((await client.askRaw(create)).status, 'ack');
      await client.ask({ type: 'update', $id: 'k', data: JSON.parse('{"__proto__":{"b":2}}') });
      const thing = await client.read('k');
      assert.deepEqual(Object.entries(thing).slice(3, 6), [
        ['__proto__', { b: 2 }],
        ['constructor', 2],
        ['toString', null],
      ]);
    });

    it('answers bad messages and keeps the socket open', async () => {
      const client = await server.connect('/stores/bad');
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);
      const cases = [
        ['no JSON', 'PARSE_ERROR'],
        ['[]', 'PARSE_ERROR'],
        [new Uint8Array([0x7b, 0xff, 0x7d]), 'PARSE_ERROR'],
        ['{"type":"ping"}', 'VALIDATION_ERROR'],
        [`{"type":"create","id":"d","$type":"T","data":{"v":${deep}}}`, 'VALIDATION_ERROR'],
        [JSON.stringify({ type: 'ping', id: 'p', pad: 'x'.repeat(1024 * 1024) }), 'PAYLOAD_TOO_LARGE'],
      ];
      for (const [message, code] of cases) {
        assert.equal((await client.askRaw(message)).code, code);
      }
      const bytes = new TextEncoder().encode('{"type":"ping","id":"ok"}');
      assert.deepEqual(await client.askRaw(bytes), { id: 'ok', status: 'ok' });
    });

    it('routes requests', async () => {
      for (const [method, path, status] of [
        ['GET', '/health', 200],
        ['GET', '/health?ready', 200],
        ['GET', '/nothing', 404],
        ['GET', '/stores/a%20b/stats', 400],
        ['GET', '/stores/routes', 426],
        ['DELETE', '/stores/routes/stats', 405],
        ['GET', '/stores/routes/metrics', 200],
        ['POST', '/stores/routes/rebuild', 503],
        ['POST', '/stores/routes/checkpoint', 200],
      ]) {
        assert.equal((await server.fetch(path, { method })).status, status, `${method} ${path}`);
      }
      assert.equal((await server.stats('routes')).rowsWritten, 0, 'reading writes no row');
    });

    it('saves what is dirty when its last socket closes', async () => {
      const own = { DURABILITY: 'memory', CHECKPOINT_INTERVAL: '3600000' };
      const lazy = await new Server(sink, { core, vars: own }).start();
      try {
        const clients = [await lazy.connect('/stores/c'), await lazy.connect('/stores/c')];
        await clients[0].create('x', {});
        await clients[0].close();
        assert.equal((await lazy.stats('c')).checkpoints.count, 0);
        await clients[1].close();
        const saved = async () => {
          while ((await lazy.stats('c')).dirty > 0);
        };
        await soon(saved(), 'the checkpoint');
      } finally {
        await lazy.stop();
      }
    });

    it('forgets its memory while idle and keeps its sockets', async () => {
      const client = await server.connect('/stores/sleeper');
      await client.create('c', { name: 'Night' });
      await server.fetch('/stores/sleeper/checkpoint', { method: 'POST' });
      const { bootId } = await server.stats('sleeper');
      let stats;
      // Any request would keep it awake, so there is nothing to wait for but time; a busy machine
      // may need more of it, and what would keep it awake for good shows in the longest.
      for (const waitMs of [15_000, 25_000, 40_000]) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        assert.equal((await client.read('c')).name, 'Night');
        stats = await server.stats('sleeper');
        if (stats.bootId !== bootId) break;
      }
      assert.notEqual(stats.bootId, bootId);
      assert.equal(stats.recovery.source, 'sqlite');
    });

    it('holds back acknowledgements while the Pipeline refuses, in pipeline durability', async () => {
      const strict = await new Sink().start();
      const own = await new Server(strict, { core, vars: { DURABILITY: 'pipeline' } }).start();
      try {
        const client = await own.connect('/stores/p');
        await client.create('before', {});
        strict.status = 503;
        let acknowledged = false;
        const create = client.create('during', {}).then((reply) => {
          acknowledged = true;
          return reply;
        });
        assert.equal((await client.ask({ type: 'ping' })).status, 'ok');
        assert.equal(acknowledged, false);
        strict.status = 200;
        assert.equal((await create).status, 'ack');
        const { pipeline } = await own.stats('p');
        assert.equal(pipeline.status, 'ok');
        assert.ok(strict.records.some((record) => record.entityId === 'during'));
      } finally {
        await own.stop();
        strict.stop();
      }
    });
  });
}

describe('access', () => {
  let sink;

  before(async () => {
    sink = await new Sink().start();
  });

  after(() => sink.stop());

  it('asks for the token', async () => {
    const server = await new Server(sink, { vars: { ACCESS_TOKEN: 's3cret' } }).start();
    try {
      const status = async (path, headers) => (await server.fetch(path, { headers })).status;
      assert.equal(await status('/health'), 200);
      assert.equal(await status('/stores/a/stats'), 401);
      assert.equal(await status('/stores/a/stats', { Authorization: 'Bearer s3cre' }), 401);
      assert.equal(await status('/stores/a/stats', { Authorization: 'Bearer s3cret' }), 200);
      assert.equal(await status('/stores/a/stats?access_token=s3cret'), 200);
      assert.equal(await status('/nothing'), 401);
      await assert.rejects(server.connect('/stores/a'));
      await assert.rejects(server.connect('/stores/a?access_token=s3cre'));
      const client = await server.connect('/stores/a?access_token=s3cret');
      assert.equal((await client.ask({ type: 'ping' })).status, 'ok');
    } finally {
      await server.stop();
    }
  });

  it('is live and not ready while a variable is wrong', async () => {
    const server = await new Server(sink, { vars: { SCHEMAS: '{"Secret":{"format":"x"}}' } }).start();
    try {
      assert.equal((await server.fetch('/health')).status, 200);
      const ready = await server.fetch('/health?ready');
      assert.equal(ready.status, 503);
      assert.doesNotMatch(await ready.text(), /Secret/);
    } finally {
      await server.stop();
    }
  });

  it('refuses all requests while there is no token', async () => {
    const server = await new Server(sink, { vars: { PUBLIC: 'false' } }).start();
    try {
      assert.equal((await server.fetch('/health')).status, 200);
      const refused = await server.fetch('/stores/a/stats');
      assert.equal(refused.status, 401);
      assert.match((await refused.json()).error.message, /ACCESS_TOKEN/);
    } finally {
      await server.stop();
    }
  });

  it('says what is wrong with a setting', async () => {
    const server = await new Server(sink, { vars: { DURABILITY: 'forever' } }).start();
    try {
      const client = await server.connect('/stores/a');
      const reply = await client.ask({ type: 'ping' });
      assert.equal(reply.code, 'UNAVAILABLE');
      assert.match(reply.error, /DURABILITY/);
      assert.equal((await server.fetch('/stores/a/stats')).status, 503);
    } finally {
      await server.stop();
    }
  });
});

describe("the original's MyDO example", () => {
  it('works, and keeps what it acknowledged', async () => {
    const sink = await new Sink().start();
    const server = await new Server(sink, { config: 'js-glue/test/my-do.toml' }).start();
    try {
      let client = await server.connect('/tenant-123');
      const { $id, $version } = await client.ask({
        type: 'create',
        $type: 'Customer',
        data: { name: 'Alice' },
      });
      assert.equal($version, 1);
      await client.ask({ type: 'update', $id, data: { name: 'Alice Smith' } });
      await client.ask({ type: 'batch', operations: [{ type: 'create', $type: 'X', data: { $id: 'x' } }] });
      await client.ask({ type: 'delete', $id: 'x' });

      await server.kill('SIGKILL');
      await server.start();
      client = await server.connect('/tenant-123');
      assert.equal((await client.read($id)).name, 'Alice Smith');
      assert.equal(await client.read('x'), undefined);
      assert.ok(sink.records.every((record) => record.ns === '/tenant-123'));
    } finally {
      await server.stop();
      sink.stop();
    }
  });
});
