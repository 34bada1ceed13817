import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { ArchiveReader, icebergFrom, settingsFrom } from '@unified-storage/iceberg-reader';
import { Emulator, Server, soon } from './harness.mjs';
import { events, expected, fence, once, shuffled } from '../../iceberg-reader-js/test/records.mjs';

const TOKEN = 's3cret';

async function all(reader, query) {
  const rows = [];
  for await (const some of reader.read(query)) rows.push(...some);
  return rows;
}

const positions = (rows) => rows.map(({ epoch, seq }) => ({ epoch, seq }));

describe("the archive reader, on the emulator's table", () => {
  let emulator;
  let records;
  let requests;

  before(async () => {
    emulator = await new Emulator({ token: TOKEN }).start();
    const rolls = [[fence('a', 1), fence('b', 1)]];
    for (let from = 1; from <= 2001; from += 500) {
      const both = [...events('a', 1, from, from + 499), ...events('b', 1, from, from + 499)];
      rolls.push(shuffled(both));
    }
    // The sink repeats some, and an epoch that was thought dead goes on for a while.
    rolls.push([...events('a', 1, 2400, 2500), fence('a', 2), ...events('a', 2, 2501, 2600)]);
    rolls.push([...events('a', 1, 2501, 2520), ...events('a', 2, 2590, 2700)]);
    rolls.push(shuffled([fence('large', 1), ...events('large', 1, 1, 3000, 700)]));
    for (const roll of rolls) await emulator.roll(roll);
    records = rolls.flat();
  });

  after(() => emulator?.stop());

  beforeEach(() => {
    requests = [];
    const { fetch } = globalThis;
    mock.method(globalThis, 'fetch', async (url, init) => {
      const response = await fetch(url, init);
      requests.push({ url: String(url), bytes: Number(response.headers.get('content-length')) });
      return response;
    });
  });

  afterEach(() => mock.restoreAll());

  const read = (query) => all(icebergFrom(emulator.env), { namespace: 'a', ...query });
  const files = () => new Set(requests.map(({ url }) => url).filter((url) => url.endsWith('.parquet')));
  const bytes = () => requests.reduce((sum, one) => sum + one.bytes, 0);

  it('gives every event as often as the sink wrote it, in order', async () => {
    for (const namespace of ['a', 'b', 'large']) {
      assert.deepEqual(await read({ namespace }), expected(records, namespace));
    }
  });

  it('gives all fences and the wanted seqs, out of the files that have them', async () => {
    for (const query of [{ afterSeq: 2300 }, { afterSeq: 300, untilSeq: 400 }, { afterSeq: 9999 }]) {
      requests.length = 0;
      assert.deepEqual(await read(query), expected(records, 'a', query));
      assert.ok(files().size < 6, `${files().size} files were read`);
    }
  });

  it('opens no file for a namespace that none can have', async () => {
    assert.deepEqual(await read({ namespace: 'zz' }), []);
    assert.equal(files().size, 0);
    // This one is between the bounds of files, but in none.
    assert.deepEqual(await read({ namespace: 'aa' }), []);
  });

  it('reads positions for a part of what events take', async () => {
    await read({ namespace: 'large' });
    const whole = bytes();
    requests.length = 0;
    const rows = await read({ namespace: 'large', positionsOnly: true });
    assert.deepEqual(positions(rows), positions(once(expected(records, 'large'))));
    assert.ok(bytes() * 4 < whole, `${bytes()} of ${whole} bytes were read`);
  });

  it('gives the events of some things', async () => {
    const query = { entityIds: ['customer_3', 'customer_5', 'nobody'], untilSeq: 1500 };
    assert.deepEqual(await read(query), expected(records, 'a', query));
    assert.deepEqual(
      positions(await read({ ...query, positionsOnly: true })),
      positions(once(expected(records, 'a', query))),
    );
  });

  it('gives the same through windows of any size', async () => {
    for (const windowBytes of [20_000, 200_000]) {
      const reader = new ArchiveReader(settingsFrom(emulator.env), { windowBytes });
      for (const namespace of ['a', 'large']) {
        assert.deepEqual(await all(reader, { namespace }), expected(records, namespace));
      }
    }
  });

  it('says that it is at work', async () => {
    const seen = [];
    await read({ progress: (rows) => seen.push(rows) });
    assert.ok(seen.length > 5);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
  });

  it('asks for nothing more once it was stopped', async () => {
    const abort = new AbortController();
    const reader = icebergFrom(emulator.env);
    await assert.rejects(
      async () => {
        for await (const rows of reader.read({ namespace: 'large', signal: abort.signal })) {
          assert.ok(rows.length > 0);
          abort.abort();
          requests.length = 0;
        }
      },
      { name: 'AbortError' },
    );
    assert.deepEqual(requests, []);
    for await (const rows of reader.read({ namespace: 'large' })) {
      assert.ok(rows.length > 0);
      break;
    }
  });

  it('sees one snapshot, whatever is committed meanwhile', async () => {
    const rows = [];
    const reader = new ArchiveReader(settingsFrom(emulator.env), { windowBytes: 50_000 });
    let late = null;
    for await (const some of reader.read({ namespace: 'b' })) {
      late ??= emulator.roll(events('b', 1, 2501, 2510));
      await late;
      rows.push(...some);
    }
    assert.deepEqual(rows, expected(records, 'b'));
    assert.equal((await read({ namespace: 'b', afterSeq: 2500 })).length, 11);
  });

  it('surveys the positions of all namespaces behind a commit', async () => {
    const reader = icebergFrom(emulator.env);
    const found = async (query) => {
      const rows = [];
      const row = (ns, epoch, life, seq, events) => rows.push(`${ns} ${epoch}.${seq} ${life} ${events}`);
      const commit = await reader.survey({ ...query, row });
      return { commit, rows: rows.sort() };
    };
    const position = ({ ns, epoch, seq }) => `${ns} ${epoch}.${seq} 0 0`;
    const whole = await found({ after: 0 });
    const late = whole.rows.filter((row) => /^b 1\.(25\d[1-9]|2510)/.test(row));
    const expectedRows = records.map(position).sort();
    assert.deepEqual(
      whole.rows.filter((row) => !late.includes(row)),
      expectedRows.filter((row) => !late.includes(row)),
    );
    requests.length = 0;
    const more = [...events('c', 1, 1, 20), fence('b', 9)];
    await emulator.roll(more);
    const { commit, rows } = await found({ after: whole.commit });
    assert.ok(commit > whole.commit);
    assert.deepEqual(rows, more.map(position).sort());
    assert.equal(files().size, 1);
    assert.deepEqual(await found({ after: commit }), { commit, rows: [] });
    assert.deepEqual(await found({ after: Infinity }), { commit, rows: [] });
    assert.deepEqual((await found({ after: 0, sinceMs: Date.now() + 60_000 })).rows, []);
  });

  it('reads out of a bucket', async () => {
    const WAREHOUSE = {
      async get(key, { range } = {}) {
        const file = await readFile(join(emulator.data, 'warehouse', 'archive', key));
        const { offset = 0, length = file.length } = range ?? {};
        return { arrayBuffer: async () => Uint8Array.from(file.subarray(offset, offset + length)).buffer };
      },
    };
    const { ICEBERG_CATALOG_URL, ICEBERG_TOKEN } = emulator.env;
    const reader = icebergFrom({ ICEBERG_CATALOG_URL, ICEBERG_TOKEN, WAREHOUSE });
    assert.deepEqual(await all(reader, { namespace: 'a' }), expected(records, 'a'));
    assert.equal(requests.length, 2, 'only the catalog is asked over HTTP');
  });

  it('names what was refused', async () => {
    const refused = (env, message) =>
      assert.rejects(all(icebergFrom({ ...emulator.env, ...env }), { namespace: 'a' }), { message });
    await refused({ ICEBERG_TOKEN: 'wrong' }, /GET .*\/iceberg\/v1\/config answered 401 /);
    await refused(
      { ICEBERG_TABLE: 'unified_storage.nothing' },
      /no table unified_storage.nothing: GET .* 404/,
    );
    await refused(
      { ICEBERG_OBJECTS_URL: `${emulator.url}/nowhere` },
      /GET .*\/nowhere\/archive\/.* answered 404/,
    );
  });

  it('reads a new table as empty', async () => {
    const namespace = '/iceberg/v1/emulator/namespaces/unified_storage/tables';
    const { metadata } = await emulator.ask('GET', `${namespace}/events`);
    await emulator.ask('POST', namespace, { name: 'fresh', schema: metadata.schemas[0] });
    const reader = icebergFrom({ ...emulator.env, ICEBERG_TABLE: 'unified_storage.fresh' });
    assert.deepEqual(await all(reader, { namespace: 'a' }), []);
  });

  it('reads what the sink writes with other settings, and refuses a codec that it cannot read', async () => {
    const set = (updates) => emulator.alter({ action: 'set-properties', updates });
    const rollWith = async (codec, level, ns) => {
      const codecOf = 'write.parquet.compression-';
      await set({ [`${codecOf}codec`]: codec, [`${codecOf}level`]: level });
      const some = [fence(ns, 1), ...events(ns, 1, 1, 50)];
      await emulator.roll(some);
      return some;
    };
    for (const codec of ['uncompressed', 'snappy']) {
      assert.deepEqual(expected(await rollWith(codec, '1', codec), codec), await read({ namespace: codec }));
    }
    const gzipped = await rollWith('gzip', 'BEST_SPEED', 'v');
    assert.deepEqual(await read({ namespace: 'v' }), expected(gzipped, 'v'));
    await set({ 'write.parquet.compression-codec': 'brotli' });
    await assert.rejects(read({ namespace: 'v' }), { message: /is compressed with brotli; expected one of/ });
    // Format 3 changes what this table does not use.
    await emulator.alter({ action: 'upgrade-format-version', 'format-version': 3 });
    const third = await rollWith('zstd', '1', 'w');
    assert.deepEqual(await read({ namespace: 'w' }), expected(third, 'w'));
    assert.deepEqual(await read(), expected(records, 'a'));
    await set({ 'unified-storage.sink.missing-offsets': '0-9' });
    await assert.rejects(read(), { message: /offsets 0-9 never came into the table/ });
    await emulator.alter({
      action: 'remove-properties',
      removals: ['unified-storage.sink.missing-offsets'],
    });
  });

  it('reads in workerd', async () => {
    const vars = Object.fromEntries(Object.entries(emulator.env).filter(([, value]) => value));
    const server = await new Server(
      { url: emulator.url },
      { config: 'js-glue/test/archive.toml', vars },
    ).start();
    try {
      const ask = async (query) => {
        const body = JSON.stringify({ namespace: 'a', ...query });
        return (await server.fetch('/', { method: 'POST', body })).json();
      };
      const query = { afterSeq: 2000 };
      const found = await ask(query);
      assert.equal(found.error, undefined);
      assert.deepEqual(found.rows, expected(records, 'a', query));
      const large = await ask({ namespace: 'large' });
      assert.equal(large.count, 3001);
      assert.ok(large.ordered && large.progress > 0);
      assert.equal((await ask({ positionsOnly: true })).count, once(expected(records, 'a')).length);
    } finally {
      await server.stop();
    }
  });
});

describe('a Worker whose archive is the emulator', () => {
  /** Resolves when the store answers. */
  function recovered(client) {
    const answered = async () => {
      while ((await client.ask({ type: 'read', $ids: ['x'] })).code === 'RECOVERING');
    };
    return soon(answered(), 'the recovery');
  }

  for (const core of ['js', 'wasm']) {
    it(`is back with everything after its database is gone, with its ${core} core`, async () => {
      const emulator = await new Emulator({ token: TOKEN, options: ['--roll-interval', '50'] }).start();
      const sink = { url: `${emulator.url}/pipelines/events?access_token=${TOKEN}` };
      const vars = { ...emulator.env, ARCHIVE_SETTLE_MS: '0' };
      const server = await new Server(sink, { core, vars }).start();
      try {
        let client = await server.connect('/stores/lost');
        // A database without rows may be one that was lost, so the archive is asked first.
        await recovered(client);
        for (let i = 0; i < 30; i++) {
          assert.equal((await client.create(`c${i}`, { name: `N${i}` })).status, 'ack');
        }
        await client.ask({ type: 'update', $id: 'c3', data: { name: 'new' } });
        await client.ask({ type: 'delete', $id: 'c4' });
        assert.equal((await server.stats('lost')).durability, 'pipeline');
        await emulator.rolled();
        await server.kill('SIGKILL');
        await rm(join(server.data, 'storage'), { recursive: true });
        await server.start();
        client = await server.connect('/stores/lost');
        await recovered(client);
        const { things } = await client.ask({ type: 'read', $ids: ['c3', 'c4', 'c29'] });
        assert.deepEqual(Object.keys(things), ['c3', 'c29']);
        assert.deepEqual([things.c3.name, things.c3.$version], ['new', 2]);
        assert.equal((await server.stats('lost')).recovery.source, 'iceberg');
      } finally {
        await server.stop();
        await emulator.stop();
      }
    });
  }

  it('says that half of the settings are missing', async () => {
    const vars = { ICEBERG_CATALOG_URL: 'http://127.0.0.1:1/iceberg' };
    const server = await new Server({ url: 'http://127.0.0.1:1/' }, { vars }).start();
    try {
      const response = await server.fetch('/stores/a/stats');
      assert.equal(response.status, 503);
      assert.match((await response.json()).error.message, /WAREHOUSE or set ICEBERG_OBJECTS_URL/);
    } finally {
      await server.stop();
    }
  });
});
