import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Emulator, Server } from './harness.mjs';

const CONFIG = 'js-glue/test/look.toml';

for (const core of ['js', 'wasm']) {
  describe(`a cron's look at the archive, with the ${core} core`, () => {
    let emulator;
    let server;

    before(async () => {
      emulator = await new Emulator({ options: ['--roll-interval', '100'] }).start();
      const { ICEBERG_CATALOG_URL, ICEBERG_OBJECTS_URL } = emulator.env;
      const vars = { ICEBERG_CATALOG_URL, ICEBERG_OBJECTS_URL, ARCHIVE_SETTLE_MS: '0' };
      const sink = { url: `${emulator.url}/pipelines/events` };
      server = await new Server(sink, { core, config: CONFIG, vars }).start();
    });

    after(async () => {
      await server?.stop();
      await emulator?.stop();
    });

    const look = async () => {
      const answer = await server.fetch('/look');
      assert.equal(await answer.text(), 'looked');
    };

    const create = async (namespace, ...ids) => {
      const requests = ids.map(($id) => ({ type: 'create', $type: 'T', data: { $id } }));
      const init = { method: 'POST', body: JSON.stringify(requests) };
      const replies = await (await server.fetch(`/stores/${namespace}/requests`, init)).json();
      assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set(['ack']));
    };

    /** Kills the server; one that recovers is told nothing. */
    const restart = async () => {
      await server.kill('SIGKILL');
      await server.start();
      while ((await server.stats('whole')).phase !== 'running');
    };

    const archive = async (namespace) => (await server.stats(namespace)).archive;

    it('tells each object what of it has arrived, and which events have not', async () => {
      await create('before', 'a');
      await emulator.rolled();
      // The first look only says where the next one begins.
      await look();
      assert.equal(await archive('before'), null);
      await create('whole', 'a', 'b');
      await create('holey', 'a');
      await emulator.rolled();
      await emulator.ask('PUT', '/faults', { sink: { mode: 'drop' } });
      await create('holey', 'b');
      while ((await emulator.ask('GET', '/archive')).droppedRecords === 0);
      await emulator.ask('PUT', '/faults', { sink: { mode: 'ok' } });
      await create('holey', 'c');
      await emulator.rolled();
      await look();
      assert.equal(await archive('before'), null);
      const { checkedAtMs, ...whole } = await archive('whole');
      assert.ok(Math.abs(Date.now() - checkedAtMs) < 60_000);
      assert.deepEqual(whole, { lastSeq: 2, lagMs: 0, holes: 0, limited: false });
      const holey = await archive('holey');
      assert.deepEqual([holey.holes, holey.firstHole, holey.lastSeq], [1, [2, 2], 3]);
    });

    // The same glue and the same Java as above.
    if (core === 'wasm') return;

    it('tells of a lag while the sink stands still', async () => {
      await emulator.ask('PUT', '/faults', { sink: { mode: 'stall' } });
      await create('whole', 'c');
      await look();
      const { lagMs, lastSeq, holes } = await archive('whole');
      assert.ok(lagMs > 0);
      assert.deepEqual([lastSeq, holes], [2, 0]);
      await emulator.ask('PUT', '/faults', { sink: { mode: 'ok' } });
      await emulator.rolled();
      await look();
      assert.deepEqual([(await archive('whole')).lastSeq, (await archive('whole')).lagMs], [3, 0]);
    });

    it('goes on where it was, and looks twice at what came meanwhile', async () => {
      await create('whole', 'd');
      await emulator.rolled();
      await look();
      await restart();
      // Of what came before the look before the last one nothing is told again.
      await look();
      assert.equal((await archive('whole')).lastSeq, 4);
      await look();
      await restart();
      await look();
      assert.equal(await archive('whole'), null);
    });
  });
}

describe('a look at the archive without one', () => {
  it('says what it takes', async () => {
    const server = await new Server({ url: 'http://127.0.0.1:9/' }, { config: CONFIG }).start();
    try {
      const answer = await server.fetch('/look');
      assert.match(await answer.text(), /takes the binding DIRECTORY and an archive/);
    } finally {
      await server.stop();
    }
  });
});
