import { inflateRawSync, zstdDecompressSync } from 'node:zlib';

const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
const MAGIC = 0x016a624f;
const SYNC_BYTES = 16;

/**
 * The records of an Avro file, which is what Iceberg's manifests are.
 *
 * Integers become numbers: those beyond 2^53 lose digits, and only ids of snapshots are that large.
 */
export function* avroRecords(bytes, name) {
  try {
    const input = new Input(bytes);
    if (input.magic() !== MAGIC) throw new Error('expected an Avro file');
    const meta = new Map(input.map(() => input.bytes()));
    const inflate = inflater(text.decode(meta.get('avro.codec') ?? new Uint8Array()) || 'null');
    const read = reader(JSON.parse(text.decode(meta.get('avro.schema'))), new Map());
    input.skip(SYNC_BYTES);
    while (!input.ended()) {
      const count = input.long();
      const block = new Input(inflate(input.bytes()));
      input.skip(SYNC_BYTES);
      for (let i = 0; i < count; i++) yield read(block);
    }
  } catch (e) {
    throw new Error(`${name}: ${e.message}`, { cause: e });
  }
}

function inflater(codec) {
  switch (codec) {
    case 'null':
      return (bytes) => bytes;
    case 'deflate':
      // Some writers leave bytes behind the end of what they compressed.
      return (bytes) => inflateRawSync(bytes);
    case 'zstandard':
      return (bytes) => zstdDecompressSync(bytes);
    default:
      throw new Error(`expected the codec null, deflate or zstandard, found ${codec}`);
  }
}

/** A function that reads what a schema describes. */
function reader(schema, names) {
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => reader(branch, names));
    return (input) => branches[input.long()](input);
  }
  const type = schema.type ?? schema;
  switch (type) {
    case 'null':
      return () => null;
    case 'boolean':
      return (input) => input.byte() === 1;
    case 'int':
    case 'long':
    case 'enum':
      return (input) => input.long();
    case 'float':
      return (input) => input.view(4).getFloat32(0, true);
    case 'double':
      return (input) => input.view(8).getFloat64(0, true);
    case 'bytes':
      return (input) => input.bytes();
    case 'string':
      return (input) => text.decode(input.bytes());
    case 'fixed':
      return named(schema, names, (input) => input.take(schema.size));
    case 'array': {
      const item = reader(schema.items, names);
      return (input) => input.list(() => item(input));
    }
    case 'map': {
      const value = reader(schema.values, names);
      return (input) => input.map(() => value(input));
    }
    case 'record': {
      const fields = [];
      const read = named(schema, names, (input) => {
        const record = {};
        for (const [name, field] of fields) record[name] = field(input);
        return record;
      });
      for (const { name, type } of schema.fields) fields.push([name, reader(type, names)]);
      return read;
    }
    default:
      if (typeof type === 'object') return reader(type, names);
      if (names.has(type)) return names.get(type);
      throw new Error(`the schema has an unknown type ${type}`);
  }
}

function named(schema, names, read) {
  names.set(schema.name, read);
  if (schema.namespace) names.set(`${schema.namespace}.${schema.name}`, read);
  return read;
}

/** Bytes, read one after another. */
class Input {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  ended() {
    return this.#at >= this.#bytes.length;
  }

  take(length) {
    const end = this.#at + length;
    if (!(length >= 0 && end <= this.#bytes.length)) throw new Error('the file ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  skip(length) {
    this.take(length);
  }

  view(length) {
    const taken = this.take(length);
    return new DataView(taken.buffer, taken.byteOffset, length);
  }

  magic() {
    return this.view(4).getUint32(0, true);
  }

  byte() {
    return this.take(1)[0];
  }

  /** A zigzag number of up to ten bytes; arithmetic, because shifts end at 32 bits. */
  long() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('the file ends too early');
      value += (byte & 127) * factor;
      if (byte < 128) return value % 2 ? -(value + 1) / 2 : value / 2;
    }
  }

  bytes() {
    return this.take(this.long());
  }

  list(item) {
    const items = [];
    for (let count = this.long(); count !== 0; count = this.long()) {
      // A negative count is followed by the bytes it takes, for those who skip it.
      if (count < 0) {
        this.long();
        count = -count;
      }
      for (let i = 0; i < count; i++) items.push(item());
    }
    return items;
  }

  map(value) {
    return this.list(() => [text.decode(this.bytes()), value()]);
  }
}
