import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { ArchiveReader, icebergFrom } from '../src/index.js';
import { settingsFrom } from '../src/settings.js';
import { event, events, expected, fence, once, shuffled } from './records.mjs';
import { Table, int, long, text } from './table.mjs';

/** Rows as a file has them: the payload is text. */
const stored = (records) => records.map((one) => ({ ...one, payload: JSON.stringify(one.payload) }));

async function all(reader, query = {}) {
  const rows = [];
  for await (const some of reader.read({ namespace: 'a', ...query })) rows.push(...some);
  return rows;
}

describe('the archive reader, on tables made by hand', () => {
  let table;
  const records = [fence('a', 1), ...events('a', 1, 1, 300), ...events('b', 1, 1, 300)];

  beforeEach(() => {
    table = new Table();
    mock.method(globalThis, 'fetch', (url) => table.fetch(url));
  });

  afterEach(() => mock.restoreAll());

  const read = (query) => all(icebergFrom(table.env), query);
  const oneFile = (options) =>
    table.manifests([{ entries: [table.file('f', stored(shuffled(records)), options)] }]);

  it('reads numbers however they are stored', async () => {
    for (const type of ['INT32', 'INT64', 'DOUBLE']) {
      for (const encoding of ['PLAIN', 'RLE_DICTIONARY', undefined]) {
        for (const nullable of [true, false]) {
          const number = { type, nullable, encoding };
          // Times do not fit into 32 bits.
          const ts = type === 'INT32' ? { type: 'INT64' } : number;
          oneFile({ columns: { epoch: number, seq: number, version: { ...number, nullable: true }, ts } });
          assert.deepEqual(await read(), expected(records, 'a'), `${type} ${encoding} ${nullable}`);
        }
      }
    }
  });

  it('refuses reals that are no whole numbers, in the rows that it is asked for', async () => {
    for (const [name, value] of [
      ['seq', 1.5],
      ['seq', NaN],
      ['epoch', 2 ** 53 + 2],
      ['ts', -Infinity],
      ['version', 0.5],
    ]) {
      for (const encoding of ['PLAIN', 'RLE_DICTIONARY']) {
        table = new Table();
        const rows = stored([event('a', 1, 1), event('b', 1, 1), event('b', 1, 2)]);
        rows[0][name] = value;
        const columns = { [name]: { type: 'DOUBLE', nullable: false, encoding } };
        table.manifests([{ entries: [table.file('f', rows, { columns })] }]);
        const message = `s3://bucket/f: column ${name}: expected whole numbers within ±2^53, found ${value}`;
        await assert.rejects(read(), { message });
        assert.equal((await read({ namespace: 'b' })).length, 2);
      }
    }
  });

  it('takes no column by its own name that the mapping of names leaves out', async () => {
    oneFile({ columns: { life: { type: 'STRING' } } });
    const { fields } = table.metadata.schemas[0];
    const map = (...without) => {
      const mapped = fields.filter(({ name }) => !without.includes(name));
      table.metadata.properties['schema.name-mapping.default'] = JSON.stringify(
        mapped.map(({ id, name }) => ({ 'field-id': id, names: [name] })),
      );
    };
    map('life');
    assert.deepEqual(await read(), expected(records, 'a'));
    map('life', 'seq');
    await assert.rejects(read(), /f: it has no column seq \(3\)/);
  });

  it('reads delta encodings', async () => {
    const delta = { type: 'INT64', nullable: false, encoding: 'DELTA_BINARY_PACKED' };
    const texts = { type: 'STRING', nullable: false, encoding: 'DELTA_LENGTH_BYTE_ARRAY' };
    oneFile({ columns: { epoch: delta, seq: delta, payload: texts } });
    assert.deepEqual(await read(), expected(records, 'a'));
  });

  /** A table of these types over a file that another engine wrote. */
  const foreign = async (file, types) => {
    const bytes = new Uint8Array(readFileSync(new URL(`./data/${file}.parquet`, import.meta.url)));
    for (const [name, type] of Object.entries(types)) {
      table.metadata.schemas[0].fields.find((field) => field.name === name).type = type;
    }
    table.objects.set('f', bytes);
    table.manifests([{ entries: [table.entry('f', bytes.length)] }]);
    return read({ afterSeq: 100, untilSeq: 300 });
  };

  for (const [file, types] of [
    [
      'duckdb-decimal-gzip',
      {
        epoch: 'decimal(4,0)',
        seq: 'decimal(38, 0)',
        life: 'decimal(18,0)',
        version: 'decimal(9,0)',
        ts: 'timestamp',
      },
    ],
    ['duckdb-integer-lz4', { epoch: 'int', version: 'int', ts: 'timestamp_ns' }],
    ['duckdb-time-zstd', { ts: 'timestamptz' }],
  ]) {
    it(`reads a file of another engine: ${file}`, async () => {
      const rows = await foreign(file, types);
      assert.equal(rows.length, 201);
      const { life, ...first } = rows[1];
      assert.equal(life, 4_503_599_627_370_497);
      assert.deepEqual(first, {
        epoch: 1,
        seq: 101,
        verb: 'thing.updated',
        entityId: 'customer_3',
        entityType: 'Customer',
        version: 101,
        ts: 1_769_860_800_101,
        payload: '{"n":101}',
      });
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        [0, ...Array.from({ length: 200 }, (_, i) => 101 + i)],
      );
    });
  }

  it('leaves out files by bounds that are decimals, and only those', async () => {
    const bounds = (lower, upper) => ({
      lower_bounds: [{ key: 3, value: Uint8Array.of(lower) }],
      upper_bounds: [{ key: 3, value: Uint8Array.of(upper >> 8, upper & 255) }],
    });
    table.metadata.schemas[0].fields[2].type = 'decimal(38,0)';
    const bytes = new Uint8Array(
      readFileSync(new URL('./data/duckdb-decimal-gzip.parquet', import.meta.url)),
    );
    table.metadata.schemas[0].fields[1].type = 'decimal(4,0)';
    table.metadata.schemas[0].fields.find(({ name }) => name === 'version').type = 'decimal(9,0)';
    table.metadata.schemas[0].fields.find(({ name }) => name === 'life').type = 'decimal(18,0)';
    table.metadata.schemas[0].fields.find(({ name }) => name === 'ts').type = 'timestamp';
    table.objects.set('f', bytes);
    table.manifests([
      {
        entries: [table.entry('f', bytes.length, bounds(0, 300)), table.entry('before', 100, bounds(1, 99))],
      },
    ]);
    assert.equal((await read({ afterSeq: 100 })).length, 201);
  });

  it('refuses a table whose columns are of other types, never reads it as empty', async () => {
    for (const [name, type, expected] of [
      ['seq', 'string', 'an integer or a decimal of scale 0'],
      ['seq', 'decimal(38,2)', 'an integer or a decimal of scale 0'],
      ['epoch', 'double', 'an integer or a decimal of scale 0'],
      ['ns', 'binary', 'string'],
      ['ts', 'date', 'a time'],
      ['payload', { type: 'struct', fields: [] }, 'string'],
    ]) {
      table = new Table();
      oneFile();
      table.metadata.schemas[0].fields.find((field) => field.name === name).type = type;
      const shown = typeof type === 'string' ? type : JSON.stringify(type);
      const message = `the table unified_storage.events: column ${name}: expected the type ${expected}, found ${shown}`;
      await assert.rejects(read(), { message });
    }
  });

  it('refuses files whose columns are stored as something else', async () => {
    const texts = stored(records).map((one) => ({ ...one, seq: String(one.seq) }));
    const columns = { seq: { type: 'STRING', nullable: false } };
    table.manifests([{ entries: [table.file('f', texts, { columns })] }]);
    await assert.rejects(read(), {
      message: 's3://bucket/f: column seq: expected INT32 or INT64 or DOUBLE in the file, found BYTE_ARRAY',
    });
  });

  it('refuses a codec when the table is loaded, not when a file has to be read', async () => {
    table.metadata.properties['write.parquet.compression-codec'] = 'brotli';
    table.metadata['current-snapshot-id'] = -1;
    await assert.rejects(read(), { message: /is compressed with brotli; expected one of/ });
  });

  it('reads manifests whose compressed blocks have bytes behind their end', async () => {
    table.manifests([{ entries: [table.file('f', stored(records))] }], { trailing: 5 });
    assert.equal((await read()).length, 301);
  });

  it('gives JSON columns as text', async () => {
    const rows = shuffled(records);
    table.manifests([{ entries: [table.file('f', rows, { columns: { payload: { type: 'JSON' } } })] }]);
    assert.deepEqual(await read(), expected(records, 'a'));
  });

  it('gives what the sink repeats as often as it does, through any window', async () => {
    const some = events('a', 1, 1, 40);
    const often = Array.from({ length: 9 }, () => some[7]);
    const repeating = shuffled([...records, ...some, ...often]);
    table.manifests([{ entries: [table.file('f', stored(repeating), { rowGroupSize: 30 })] }]);
    for (const windowBytes of [1, 1000, 5000, 1 << 20]) {
      const reader = new ArchiveReader(settingsFrom(table.env), { windowBytes });
      assert.deepEqual(await all(reader), expected(repeating, 'a'), `${windowBytes}`);
      assert.equal(
        (await all(reader, { positionsOnly: true })).length,
        once(expected(repeating, 'a')).length,
      );
    }
  });

  const packed = (seq, events, life = 7) => ({
    ...event('a', 1, seq),
    verb: 'store.events',
    entityId: undefined,
    entityType: undefined,
    version: undefined,
    life,
    events,
  });

  it('gives packed rows whatever ids are asked for, and each that begins alike but ends elsewhere', async () => {
    const rows = [
      event('a', 1, 1),
      packed(2, 3),
      packed(2, 5),
      packed(2, 3),
      event('a', 1, 9),
      packed(10, 2, 8),
    ];
    table.manifests([{ entries: [table.file('f', stored(shuffled(rows)))] }]);
    const found = async (query) => (await read(query)).map(({ seq, life, events }) => [seq, life, events]);
    const several = [
      [2, 7, 3],
      [2, 7, 3],
      [2, 7, 5],
      [10, 8, 2],
    ];
    assert.deepEqual(await found({ entityIds: ['nobody'] }), several);
    assert.deepEqual(await found({}), [
      [1, 0, undefined],
      ...several.slice(0, 3),
      [9, 0, undefined],
      several[3],
    ]);
    // Of those that begin alike a position needs the longest alone.
    assert.deepEqual(await found({ positionsOnly: true }), [
      [1, 0, undefined],
      [2, 7, 5],
      [9, 0, undefined],
      [10, 8, 2],
    ]);
    for (const windowBytes of [40, 300]) {
      const reader = new ArchiveReader(settingsFrom(table.env), { windowBytes });
      const small = await all(reader, { positionsOnly: true });
      assert.deepEqual(
        small.map(({ seq, events }) => [seq, events]),
        [
          [1, undefined],
          [2, 5],
          [9, undefined],
          [10, 2],
        ],
      );
    }
  });

  it('fetches nothing of a column that is null in every row', async () => {
    oneFile({});
    await read({ positionsOnly: true });
    const without = table.gets.length;
    table.gets.length = 0;
    table.manifests([
      { entries: [table.file('f', stored(shuffled(records)), { columns: { events: null } })] },
    ]);
    assert.deepEqual(await read(), expected(records, 'a'));
    assert.equal(table.gets.length, without);
  });

  it('reads many row groups and pages, compressed or not, through any window', async () => {
    for (const codec of ['UNCOMPRESSED', 'SNAPPY']) {
      oneFile({ codec, rowGroupSize: 70, pageSize: 500 });
      for (const windowBytes of [1, 1000, 5000, 50_000, 1 << 20]) {
        const reader = new ArchiveReader(settingsFrom(table.env), { windowBytes });
        assert.deepEqual(await all(reader), expected(records, 'a'), `${codec} ${windowBytes}`);
        const positions = await all(reader, { positionsOnly: true });
        assert.deepEqual(
          positions.map(({ epoch, seq }) => ({ epoch, seq })),
          expected(records, 'a').map(({ epoch, seq }) => ({ epoch, seq })),
        );
      }
    }
  });

  it('reads payloads of which a window takes but one, each a few times at most', async () => {
    const large = events('a', 1, 1, 24, 1_000_000);
    table.manifests([{ entries: [table.file('f', stored(large), { rowGroupSize: 12 })] }]);
    assert.deepEqual(await read(), expected(large, 'a'));
    const bytes = table.gets.reduce((sum, { length = 0 }) => sum + length, 0);
    assert.ok(bytes < 4 * 24_000_000, `${bytes} bytes were read`);
  });

  it('leaves out row groups by their statistics', async () => {
    const ordered = stored(events('a', 1, 1, 4000, 1000));
    table.manifests([{ entries: [table.file('f', ordered, { rowGroupSize: 500 })] }]);
    const size = table.objects.get('f').length;
    assert.equal((await read({ afterSeq: 3900 })).length, 100);
    const bytes = table.gets.reduce((sum, { length = 0 }) => sum + length, 0);
    assert.ok(bytes < size / 4, `${bytes} of ${size} bytes were read`);
  });

  it('leaves out files by the bounds of their manifest entries, and manifests by partition', async () => {
    const bounds = (ns, lower, upper) => ({
      lower_bounds: [
        { key: 1, value: text(ns) },
        { key: 3, value: long(lower) },
      ],
      upper_bounds: [
        { key: 1, value: text(ns) },
        { key: 3, value: long(upper) },
      ],
    });
    const nowhere = (key, of) => table.entry(key, 1000, of);
    const partition = { contains_null: false, lower_bound: text('b'), upper_bound: text('c') };
    table.metadata['partition-specs'].push({
      'spec-id': 7,
      fields: [{ 'source-id': 1, transform: 'identity' }],
    });
    table.manifests([
      {
        entries: [
          table.file('f', stored(events('a', 1, 11, 20)), { entry: bounds('a', 11, 20) }),
          nowhere('other-namespace', bounds('b', 11, 20)),
          nowhere('before', bounds('a', 1, 10)),
          nowhere('after', bounds('a', 21, 30)),
          nowhere('deleted', { status: 2 }),
        ],
      },
      { entries: [nowhere('other-partition')], partition_spec_id: 7, partitions: [partition] },
      { entries: [], added_files_count: 0, manifest_path: 's3://bucket/without-files.avro' },
    ]);
    const rows = await read({ afterSeq: 10, untilSeq: 20 });
    assert.deepEqual(rows, expected(events('a', 1, 11, 20), 'a'));
    assert.deepEqual([...new Set(table.gets.map(({ key }) => key))], ['list.avro', 'manifest-0.avro', 'f']);
  });

  it('leaves out what came before a moment, by day and by file, and nothing where no bound says so', async () => {
    const DAY_MS = 86_400_000;
    const sinceMs = 20_000 * DAY_MS + 5;
    const came = (ms) => ({ upper_bounds: [{ key: 99, value: long(ms * 1000) }] });
    const day = (number) => ({
      partition_spec_id: 7,
      partitions: [{ contains_null: false, lower_bound: int(number), upper_bound: int(number) }],
    });
    const nowhere = (key, of) => table.entry(key, 1000, of);
    table.metadata.schemas[0].fields.push({ id: 99, name: '__ingest_ts', type: 'timestamptz' });
    table.metadata['partition-specs'].push({
      'spec-id': 7,
      fields: [{ 'source-id': 99, transform: 'day' }],
    });
    const file = (name, seq, entry) => table.file(name, stored(events('a', 1, seq, seq)), { entry });
    table.manifests([
      { entries: [nowhere('day-before')], ...day(19_999) },
      {
        entries: [
          nowhere('just-before', came(sinceMs - 1)),
          file('at', 1, came(sinceMs)),
          file('unbounded', 2),
        ],
        ...day(20_000),
      },
    ]);
    const rows = await read({ sinceMs });
    assert.deepEqual(rows, expected(events('a', 1, 1, 2), 'a'));
    await assert.rejects(read({ sinceMs: sinceMs - 1 }), /just-before/);
    await assert.rejects(read({}), /day-before/);
    table.metadata.schemas[0].fields.at(-1).type = 'string';
    await assert.rejects(read({}), /column __ingest_ts: expected the type a time, found "string"/);
  });

  it('always finds fences, and knows no bound where the file has no bound', async () => {
    const fences = [fence('a', 1), event('a', 1, 5), fence('a', 2), event('a', 2, 9)];
    const mixed = {
      lower_bounds: [{ key: 3, value: long(0) }],
      upper_bounds: [{ key: 3, value: long(5) }],
    };
    table.manifests([
      { entries: [table.file('f', stored(fences.slice(0, 2)), { entry: mixed })] },
      { entries: [table.file('g', stored(fences.slice(2)))] },
    ]);
    assert.deepEqual(await read({ afterSeq: 100 }), expected(fences, 'a', { afterSeq: 100 }));
  });

  it('reads manifests that are not compressed, and those of format 1', async () => {
    const { data_file: file, ...entry } = table.file('f', stored(records));
    table.metadata['format-version'] = 1;
    table.manifests([{ entries: [{ ...entry, data_file: file }] }], { codec: 'null' });
    assert.deepEqual(await read(), expected(records, 'a'));
  });

  it('tells snapshots apart whose ids round to the same number', async () => {
    table.metadata = JSON.stringify({
      ...table.metadata,
      'current-snapshot-id': 'CURRENT',
      snapshots: [
        { 'snapshot-id': 'OTHER', 'manifest-list': 's3://bucket/wrong.avro' },
        { 'snapshot-id': 'CURRENT', 'manifest-list': 's3://bucket/list.avro' },
      ],
    })
      .replaceAll('"CURRENT"', '9007199254740993')
      .replaceAll('"OTHER"', '9007199254740992');
    oneFile();
    assert.equal((await read()).length, 301);
  });

  it('gives nothing of a table without snapshots', async () => {
    table.metadata.snapshots = [];
    for (const none of [null, -1, undefined]) {
      table.metadata['current-snapshot-id'] = none;
      assert.deepEqual(await read(), []);
    }
  });

  it('says what it cannot read', async () => {
    const entries = (of, manifest) => () =>
      table.manifests([{ entries: [table.file('f', stored(records), of)], ...manifest }]);
    const cases = [
      [entries({ entry: { content: 1 } }), /s3:\/\/bucket\/f is a delete file/],
      [entries({}, { content: 1 }), /s3:\/\/bucket\/f is a delete file/],
      [entries({ entry: { file_format: 'ORC' } }), /bucket\/f: expected a Parquet file, found ORC/],
      [entries({ columns: { seq: null } }), /bucket\/f: it has no column seq/],
      [
        entries({ codec: 'BROTLI', compressors: { BROTLI: (bytes) => bytes } }),
        /bucket\/f: column ns: expected one of the codecs .*, found BROTLI/,
      ],
      [() => table.manifests([{ entries: [table.entry('gone', 100)] }]), /no object gone/],
      [
        () => {
          oneFile();
          table.objects.set(
            'f',
            table.objects.get('f').map((byte, i, { length }) => (i > length - 5 ? 0 : byte)),
          );
        },
        /bucket\/f: expected a Parquet file/,
      ],
      [
        () => {
          oneFile();
          table.objects.get('f').fill(0xff, 4, 60);
        },
        /bucket\/f: column ns: /,
      ],
      [() => table.objects.set('list.avro', text('no Avro')), /bucket\/list.avro: expected an Avro file/],
      [() => (table.metadata['format-version'] = 4), /unified_storage.events has the Iceberg format 4/],
      [
        () => (table.metadata.properties['unified-storage.sink.missing-offsets'] = '0-41'),
        /offsets 0-41 never came into the table/,
      ],
      [
        () => {
          const [schema] = table.metadata.schemas;
          schema.fields = schema.fields.filter(({ name }) => name !== 'payload');
        },
        /unified_storage.events has no column payload/,
      ],
      [
        () => (table.env.ICEBERG_TABLE = 'some.other.table'),
        /no table some.other.table: GET .* answered 404/,
      ],
    ];
    for (const [spoil, error] of cases) {
      table = new Table();
      table.manifests([]);
      spoil();
      await assert.rejects(read(), { message: error });
    }
  });

  it('ignores delete manifests in which every file has been dropped', async () => {
    table.manifests([
      { entries: [table.file('f', stored(records))] },
      { entries: [table.entry('deletes', 10, { status: 2, content: 1 })], content: 1 },
    ]);
    assert.equal((await read()).length, 301);
  });

  it('stops with its signal, whatever it is waiting for', async () => {
    oneFile();
    const { get } = table.env.WAREHOUSE;
    for (const last of ['list.avro', 'manifest-0.avro', 'f']) {
      const abort = new AbortController();
      table.gets.length = 0;
      table.env.WAREHOUSE.get = (key, options) => {
        if (key === last) abort.abort();
        return get(key, options);
      };
      await assert.rejects(read({ signal: abort.signal }), { name: 'AbortError' });
      assert.equal(table.gets.at(-1).key, last);
    }
  });

  describe('when the network fails', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());

    /** Lets all waits pass at once, until something has ended. */
    async function hurry(promise) {
      let ended = false;
      promise.then(
        () => (ended = true),
        () => (ended = true),
      );
      while (!ended) {
        await new Promise(setImmediate);
        mock.timers.tick(60_000);
      }
      return promise;
    }

    it('tries again', async () => {
      oneFile();
      const tries = new Map();
      const flaky = (name, fine) => {
        tries.set(name, (tries.get(name) ?? 0) + 1);
        return tries.get(name) > 2 ? fine() : Promise.reject(new TypeError('the connection broke'));
      };
      const { fetch } = table;
      table.fetch = (url) =>
        flaky(url, () => (tries.get(url) > 3 ? fetch(url) : new Response('busy', { status: 503 })));
      const { get } = table.env.WAREHOUSE;
      table.env.WAREHOUSE.get = (key, options) =>
        flaky(`${key} ${options.range?.offset}`, () => get(key, options));
      assert.deepEqual(await hurry(read()), expected(records, 'a'));
    });

    it('gives up after a few times, and at once where that is no use', async () => {
      for (const [status, times] of [
        [503, 4],
        [429, 4],
        [401, 1],
        [404, 1],
      ]) {
        let asked = 0;
        table.fetch = async () => {
          asked++;
          return new Response('no', { status });
        };
        const error = new RegExp(`GET http://catalog.test/v1/config answered ${status} no`);
        await assert.rejects(hurry(read()), { message: error });
        assert.equal(asked, times);
      }
    });
  });
});

describe('the settings of the archive', () => {
  const url = 'http://catalog.test';

  it('say that there is no archive, or where it is', () => {
    assert.equal(icebergFrom({ WAREHOUSE: {} }), undefined);
    assert.ok(icebergFrom({ ICEBERG_CATALOG_URL: url, WAREHOUSE: {} }));
    const { levels, tableName } = settingsFrom({
      ICEBERG_CATALOG_URL: url,
      WAREHOUSE: {},
      ICEBERG_TABLE: 'a.b.c',
    });
    assert.deepEqual([levels, tableName], [['a', 'b'], 'c']);
  });

  it('are refused when they are half', () => {
    for (const [env, error] of [
      [{ ICEBERG_CATALOG_URL: url }, /bind the R2 bucket as WAREHOUSE or set ICEBERG_OBJECTS_URL/],
      [{ ICEBERG_CATALOG_URL: 'catalog' }, /ICEBERG_CATALOG_URL: expected an http\(s\) URL, found 'catalog'/],
      [{ ICEBERG_CATALOG_URL: url, ICEBERG_OBJECTS_URL: 's3://b' }, /ICEBERG_OBJECTS_URL: expected/],
      [{ ICEBERG_CATALOG_URL: url, WAREHOUSE: {}, ICEBERG_TABLE: 'events' }, /ICEBERG_TABLE: expected/],
    ]) {
      assert.throws(() => icebergFrom(env), { message: error });
    }
  });

  it('lead to nothing but objects, wherever a catalog says that they are', async () => {
    const env = { ICEBERG_CATALOG_URL: url, ICEBERG_OBJECTS_URL: `${url}/objects`, ICEBERG_TOKEN: 't' };
    const asked = [];
    mock.method(globalThis, 'fetch', async (at) => {
      asked.push(new URL(at).pathname);
      return new Response('x');
    });
    const read = async (location) => settingsFrom(env).objects.read(location, new AbortController().signal);
    for (const wrong of ['http://evil.test/a', 'file:///etc/passwd', 's3://../stores/a', 's3://b/../../a']) {
      await assert.rejects(read(wrong), { message: /expected an object's location/ });
    }
    await read('s3://b/..a/%2e%2e/?x#y');
    mock.restoreAll();
    assert.deepEqual(asked, ['/objects/b/..a/%252e%252e/%3Fx%23y']);
  });

  it('tell the token to no other server than the catalog', async () => {
    for (const [objects, told] of [
      [url, 'Bearer t'],
      ['http://objects.test', undefined],
    ]) {
      const env = { ICEBERG_CATALOG_URL: url, ICEBERG_OBJECTS_URL: objects, ICEBERG_TOKEN: 't' };
      const sent = [];
      mock.method(globalThis, 'fetch', async (_, { headers }) => {
        sent.push(headers.Authorization);
        return new Response('x');
      });
      await settingsFrom(env).objects.read('s3://bucket/a key', new AbortController().signal);
      mock.restoreAll();
      assert.deepEqual(sent, [told]);
    }
  });
});
