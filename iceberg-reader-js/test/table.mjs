import { deflateRawSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** An Iceberg table made by hand, for what the emulator's sink never writes. */
export class Table {
  objects = new Map();
  gets = [];
  metadata = {
    'format-version': 2,
    'current-snapshot-id': 1,
    snapshots: [{ 'snapshot-id': 1, 'manifest-list': 's3://bucket/list.avro' }],
    'current-schema-id': 0,
    schemas: [{ 'schema-id': 0, fields: schemaFields() }],
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    properties: {},
  };

  /** What the Worker has bound. */
  env = {
    ICEBERG_CATALOG_URL: 'http://catalog.test',
    WAREHOUSE: {
      get: async (key, { range } = {}) => {
        this.gets.push({ key, ...range });
        const bytes = this.objects.get(key);
        if (!bytes) return null;
        const { offset = 0, length = bytes.length } = range ?? {};
        return { arrayBuffer: async () => Uint8Array.from(bytes.subarray(offset, offset + length)).buffer };
      },
    },
  };

  /** Stands in for the catalog; the metadata may be given as text. */
  fetch = async (url) => {
    const { pathname } = new URL(url);
    if (pathname === '/v1/config') return Response.json({ overrides: { prefix: 'p' } });
    if (pathname !== '/v1/p/namespaces/unified_storage/tables/events') {
      return new Response('there is nothing', { status: 404 });
    }
    const { metadata } = this;
    const text = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
    return new Response(`{"metadata":${text}}`);
  };

  /** Puts files into manifests, and those into the list. */
  manifests(manifests, { codec = 'deflate', list = 'list.avro', trailing = 0 } = {}) {
    const entries = manifests.map(({ entries, ...manifest }, i) => {
      const bytes = avro(ENTRY, entries, codec, trailing);
      this.objects.set(`manifest-${i}.avro`, bytes);
      return {
        manifest_path: `s3://bucket/manifest-${i}.avro`,
        manifest_length: bytes.length,
        partition_spec_id: 0,
        content: 0,
        sequence_number: i + 1,
        added_files_count: entries.length,
        existing_files_count: 0,
        partitions: null,
        ...manifest,
      };
    });
    this.objects.set(list, avro(MANIFEST, entries, codec, trailing));
  }

  /** A Parquet file of these rows, and the manifest's entry for it. */
  file(key, rows, { columns = {}, entry = {}, ...options } = {}) {
    const columnData = Object.entries({ ...COLUMNS, ...columns })
      .filter(([, column]) => column)
      .map(([name, column]) => ({ name, data: rows.map((row) => valueFor(column, row[name])), ...column }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED', ...options }));
    this.objects.set(key, bytes);
    return this.entry(key, bytes.length, entry);
  }

  entry(key, size, { status = 1, ...file } = {}) {
    return {
      status,
      snapshot_id: null,
      sequence_number: null,
      data_file: {
        content: 0,
        file_path: `s3://bucket/${key}`,
        file_format: 'PARQUET',
        partition: {},
        record_count: 1,
        file_size_in_bytes: size,
        lower_bounds: null,
        upper_bounds: null,
        ...file,
      },
    };
  }
}

const COLUMNS = {
  ns: { type: 'STRING', nullable: false },
  epoch: { type: 'INT64', nullable: false },
  seq: { type: 'INT64', nullable: false },
  verb: { type: 'STRING', nullable: false },
  entityId: { type: 'STRING' },
  entityType: { type: 'STRING' },
  version: { type: 'INT64' },
  ts: { type: 'INT64', nullable: false },
  payload: { type: 'STRING', nullable: false },
  life: { type: 'INT64' },
  session: { type: 'STRING' },
  n: { type: 'INT64' },
  batchIndex: { type: 'INT64' },
  sub: { type: 'STRING' },
  events: { type: 'INT64' },
};

function valueFor({ type }, value) {
  if (value === undefined) return null;
  return type === 'INT64' ? BigInt(value) : value;
}

function schemaFields() {
  const types = { INT64: 'long', STRING: 'string' };
  return Object.entries(COLUMNS).map(([name, { type }], i) => ({ id: i + 1, name, type: types[type] }));
}

export const text = (value) => new TextEncoder().encode(value);

export function int(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export function long(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

const BOUNDS = (name) => [
  'null',
  {
    type: 'array',
    logicalType: 'map',
    items: {
      type: 'record',
      name,
      fields: [
        { name: 'key', type: 'int' },
        { name: 'value', type: 'bytes' },
      ],
    },
  },
];

const ENTRY = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    { name: 'status', type: 'int' },
    { name: 'snapshot_id', type: ['null', 'long'] },
    { name: 'sequence_number', type: ['null', 'long'] },
    {
      name: 'data_file',
      type: {
        type: 'record',
        name: 'r2',
        fields: [
          { name: 'content', type: 'int' },
          { name: 'file_path', type: 'string' },
          { name: 'file_format', type: 'string' },
          { name: 'partition', type: { type: 'record', name: 'r102', fields: [] } },
          { name: 'record_count', type: 'long' },
          { name: 'file_size_in_bytes', type: 'long' },
          { name: 'lower_bounds', type: BOUNDS('k126_v127') },
          { name: 'upper_bounds', type: BOUNDS('k129_v130') },
        ],
      },
    },
  ],
};

const MANIFEST = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    { name: 'manifest_path', type: 'string' },
    { name: 'manifest_length', type: 'long' },
    { name: 'partition_spec_id', type: 'int' },
    { name: 'content', type: 'int' },
    { name: 'sequence_number', type: 'long' },
    { name: 'added_files_count', type: ['null', 'int'] },
    { name: 'existing_files_count', type: ['null', 'int'] },
    {
      name: 'partitions',
      type: [
        'null',
        {
          type: 'array',
          items: {
            type: 'record',
            name: 'field_summary',
            fields: [
              { name: 'contains_null', type: 'boolean' },
              { name: 'lower_bound', type: ['null', 'bytes'] },
              { name: 'upper_bound', type: ['null', 'bytes'] },
            ],
          },
        },
      ],
    },
  ],
};

/** An Avro file; with bytes behind the end of what is compressed, as some writers leave them. */
function avro(schema, records, codec, trailing) {
  const block = Buffer.concat(records.map((record) => encode(schema, record)));
  const sync = Buffer.alloc(16, 7);
  const meta = { 'avro.schema': JSON.stringify(schema), 'avro.codec': codec };
  const packed =
    codec === 'deflate' ? Buffer.concat([deflateRawSync(block), Buffer.alloc(trailing, 0xab)]) : block;
  return Buffer.concat([
    Buffer.from('Obj\x01'),
    encode({ type: 'map', values: 'string' }, meta),
    sync,
    encode('long', records.length),
    encode('long', packed.length),
    packed,
    sync,
  ]);
}

function encode(schema, value) {
  if (Array.isArray(schema)) {
    const branch = value === null ? 0 : 1;
    return Buffer.concat([encode('long', branch), encode(schema[branch], value)]);
  }
  switch (schema.type ?? schema) {
    case 'null':
      return Buffer.alloc(0);
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'int':
    case 'long':
      return zigzag(value);
    case 'bytes':
    case 'string':
      return Buffer.concat([zigzag(Buffer.byteLength(value)), Buffer.from(value)]);
    case 'record':
      return Buffer.concat(schema.fields.map(({ name, type }) => encode(type, value[name])));
    case 'array':
      return blocks(value.map((item) => encode(schema.items, item)));
    case 'map':
      return blocks(
        Object.entries(value).map(([key, one]) =>
          Buffer.concat([encode('string', key), encode(schema.values, one)]),
        ),
      );
    default:
      throw new Error(`no encoding for ${JSON.stringify(schema)}`);
  }
}

/** Items in one block with its length in bytes, which a reader may skip. */
function blocks(items) {
  if (items.length === 0) return zigzag(0);
  const bytes = Buffer.concat(items);
  return Buffer.concat([zigzag(-items.length), zigzag(bytes.length), bytes, zigzag(0)]);
}

function zigzag(value) {
  let left = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  const bytes = [];
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}
