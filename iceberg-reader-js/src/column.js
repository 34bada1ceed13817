import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage, readDataPage } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors/src/lz4.js';
import { free } from './bytes.js';

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** Most page headers fit; statistics in them can make them longer. */
const HEADER_BYTES = 1 << 10;
const LONG_HEADER_BYTES = 4 << 20;

/**
 * The values of a column in one row group, page by page: only pages with wanted rows are
 * decompressed, only one is in memory, and only wanted values become strings. So rows are best
 * asked for in ascending order.
 */
export class Column {
  #chunk;
  #bytes;
  #room;
  /** @type {any[] | null} */
  #dictionary = null;
  /** Which of the dictionary's values are what an event has. */
  #converted = new Uint8Array(0);
  #begun = false;
  /** @type {{ start: number, end: number, at: (row: number) => any }} */
  #page = { start: 0, end: 0, at: () => null };

  /**
   * @param room what holds the page that was decompressed last; one column at a time may have it
   */
  constructor(chunk, bytes, room) {
    this.#chunk = chunk;
    this.#bytes = bytes;
    this.#room = room;
  }

  /** The rows from `from` up to `to` that have this value. */
  select(from, to, value) {
    return this.#trying(async () => {
      const rows = [];
      for (let row = from; row < to; ) {
        const page = await this.#pageOf(row);
        const end = Math.min(to, page.end);
        for (; row < end; row++) {
          if (page.at(row - page.start) === value) rows.push(row);
        }
      }
      return rows;
    });
  }

  /**
   * Calls `visit(value, i)` for the value in each of the rows: a string, a number or null. Rows that
   * are not wanted when it is their turn are left out.
   *
   * @param {number[]} rows
   * @param {(value: any, i: number) => void} visit
   * @param {(i: number) => boolean} [isWanted]
   */
  visit(rows, visit, isWanted = () => true) {
    return this.#trying(async () => {
      for (let i = 0; i < rows.length; i++) {
        if (!isWanted(i)) continue;
        const row = rows[i];
        const page = this.#holds(row) ? this.#page : await this.#pageOf(row);
        visit(page.at(row - page.start), i);
      }
    });
  }

  async read(rows) {
    const values = new Array(rows.length);
    await this.visit(rows, (value, i) => {
      values[i] = value;
    });
    return values;
  }

  async #trying(act) {
    try {
      return await act();
    } catch (e) {
      throw new Error(`column ${this.#chunk.name}: ${e.message}`, { cause: e });
    }
  }

  #holds(row) {
    return row >= this.#page.start && row < this.#page.end;
  }

  async #pageOf(row) {
    if (this.#holds(row)) return this.#page;
    await this.#begin();
    const known = this.#chunk.pages;
    let { row: start, offset } = known.findLast((page) => page.row <= row);
    for (;;) {
      if (offset >= this.#chunk.end) throw new Error(`its pages end before row ${row}`);
      const { header, data } = await this.#header(offset);
      const next = data + header.compressed_page_size;
      const end = start + (header.data_page_header ?? header.data_page_header_v2)?.num_values;
      if (row < end) {
        const bytes = (await this.#bytes.at(data, next - data)).subarray(0, next - data);
        this.#page = { start, end, at: this.#decode(header, bytes) };
        return this.#page;
      }
      if (end > known.at(-1).row) known.push({ row: end, offset: next });
      // What is neither data nor a dictionary has no rows.
      start = end || start;
      offset = next;
    }
  }

  /** Reads the dictionary, which comes before all other pages if there is one. */
  async #begin() {
    if (this.#begun || this.#chunk.hasDictionary === false) return;
    const { pages, start } = this.#chunk;
    const { header, data } = await this.#header(start);
    const size = header.compressed_page_size;
    this.#chunk.hasDictionary = Boolean(header.dictionary_page_header);
    if (this.#chunk.hasDictionary) {
      const bytes = (await this.#bytes.at(data, size)).subarray(0, size);
      this.#dictionary = this.#decodeDictionary(header, bytes);
      this.#converted = new Uint8Array(this.#dictionary.length);
      pages[0].offset = data + size;
    }
    this.#begun = true;
  }

  async #header(offset) {
    const parse = async (least) => {
      const bytes = await this.#bytes.at(offset, least);
      const source = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      const header = parquetHeader(source);
      return { header, data: offset + source.offset };
    };
    try {
      return await parse(HEADER_BYTES);
    } catch (e) {
      if (!(e instanceof RangeError) && !/^thrift/.test(e.message)) throw e;
      return parse(LONG_HEADER_BYTES);
    }
  }

  /** @param {any} header */
  #decodeDictionary({ uncompressed_page_size: size, dictionary_page_header: { num_values: count } }, bytes) {
    // Its values are views of the page, which has to last.
    const page = this.#decompress(bytes, size, new Room());
    const lasting = page.buffer === bytes.buffer ? page.slice() : page;
    const { type, width } = this.#chunk;
    return Array.from(readPlain(readerOf(lasting), type, count, width));
  }

  /** A function that gives the value of a row of the page. */
  #decode(header, bytes) {
    const { levels, values, count, encoding } = header.data_page_header_v2
      ? this.#split2(header, bytes)
      : this.#split(header, bytes);
    if (!levels) return this.#values(values, encoding, count);
    const positions = this.#room.array(Int32Array, 'positions', count);
    let present = 0;
    for (let i = 0; i < count; i++) {
      positions[i] = present;
      present += levels[i];
    }
    const value = this.#values(values, encoding, present);
    return (i) => (levels[i] ? value(positions[i]) : null);
  }

  /** Parts a page into which rows have a value, and the values; there are no lists. */
  #split({ uncompressed_page_size: size, data_page_header: { num_values: count, encoding } }, bytes) {
    const page = this.#decompress(bytes, size, this.#room);
    if (!this.#chunk.optional) return { values: page, count, encoding };
    const reader = readerOf(page);
    const levels = this.#room.array(Uint8Array, 'levels', count);
    readRleBitPackedHybrid(reader, 1, levels);
    return { levels, values: page.subarray(reader.offset), count, encoding };
  }

  /** The same for the second version of pages, whose levels are not compressed. */
  #split2({ uncompressed_page_size: size, data_page_header_v2: page }, bytes) {
    const { num_values: count, encoding, definition_levels_byte_length: levelBytes } = page;
    const rest = bytes.subarray(levelBytes);
    const values =
      page.is_compressed === false ? rest : this.#decompress(rest, size - levelBytes, this.#room);
    if (!this.#chunk.optional) return { values, count, encoding };
    const levels = this.#room.array(Uint8Array, 'levels', count);
    readRleBitPackedHybrid(readerOf(bytes), 1, levels, levelBytes);
    return { levels, values, count, encoding };
  }

  /** Values are looked at where they are: most of a page are of other namespaces. */
  #values(bytes, encoding, count) {
    const { type, width, convert, exact } = this.#chunk;
    if (count === 0) return () => null;
    if (/_DICTIONARY$/.test(encoding)) return this.#lookup(bytes, count);
    if (encoding === 'PLAIN' && type in PLAIN && !exact && !(convert && type === 'BYTE_ARRAY')) {
      const value = PLAIN[type](readerOf(bytes).view);
      return convert ? (i) => convert(value(i)) : value;
    }
    /** @type {any} */
    const page = { encoding, num_values: count };
    /** @type {any} */
    const decoder = { type, element: { type_length: width }, schemaPath: [{ element: {} }] };
    const { dataPage } = readDataPage(bytes, page, decoder);
    return (i) => plain(dataPage[i], convert);
  }

  /** Values of a dictionary are converted once, the first time that one is wanted. */
  #lookup(bytes, count) {
    const dictionary = this.#dictionary;
    if (!dictionary) throw new Error('a page refers to a dictionary that is not there');
    const indexes = this.#room.array(Int32Array, 'indexes', count);
    const width = bytes[0];
    if (width === 0) indexes.fill(0);
    else readRleBitPackedHybrid(readerOf(bytes.subarray(1)), width, indexes, bytes.length - 1);
    const converted = this.#converted;
    return (i) => {
      const at = indexes[i];
      if (!converted[at]) {
        dictionary[at] = plain(dictionary[at], this.#chunk.convert);
        converted[at] = 1;
      }
      return dictionary[at];
    };
  }

  #decompress(bytes, size, room) {
    if (size === 0) return new Uint8Array(0);
    // workerd refuses when its buffer, which grows by doubling, would be longer than this.
    const bounds = { maxOutputLength: 2 * size + (64 << 10) };
    return decompressPage(bytes, size, this.#chunk.codec, {
      ZSTD: (input) => room.hold(zstdDecompressSync(input, bounds)),
      GZIP: (input) => room.hold(gunzipSync(input, bounds)),
      LZ4: decompressLz4,
      LZ4_RAW: decompressLz4Raw,
    });
  }
}

/**
 * The memory that one page after another of a column is decoded in.
 *
 * A page is a megabyte and more, and a read has hundreds of them; to leave them to the garbage
 * collector would take more memory than everything else.
 */
export class Room {
  #bytes = new Uint8Array(0);
  /** @type {Record<string, any>} */
  #arrays = {};

  /** Keeps bytes that are to last until the next ones; those before are no longer good. */
  hold(bytes) {
    free(this.#bytes);
    this.#bytes = bytes;
    return bytes;
  }

  /** An array of a length, in the place of the one that was given for the same use before. */
  array(Type, use, length) {
    if (!(this.#arrays[use]?.length >= length)) this.#arrays[use] = new Type(length);
    return this.#arrays[use].subarray(0, length);
  }

  end() {
    free(this.#bytes);
    Object.values(this.#arrays).forEach(free);
  }
}

function readerOf(bytes) {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

const PLAIN = {
  INT32: (view) => (i) => view.getInt32(i * 4, true),
  // Without a BigInt for each; what exceeds 2^53 is rounded, as it would be in the store.
  INT64: (view) => (i) => view.getInt32(i * 8 + 4, true) * 2 ** 32 + view.getUint32(i * 8, true),
  DOUBLE: (view) => (i) => view.getFloat64(i * 8, true),
  BYTE_ARRAY: texts,
};

/** Texts that follow each other, each after its length; those between wanted ones are stepped over. */
function texts(view) {
  let next = 0;
  let offset = 0;
  return (i) => {
    if (i < next) next = offset = 0;
    for (; next < i; next++) offset += 4 + view.getUint32(offset, true);
    const length = view.getUint32(offset, true);
    return utf8.decode(new Uint8Array(view.buffer, view.byteOffset + offset + 4, length));
  };
}

function plain(value, convert) {
  if (value === undefined) throw new Error('a page has fewer values than it says');
  if (convert) return convert(value);
  switch (typeof value) {
    case 'object':
      return utf8.decode(value);
    case 'bigint':
      return Number(value);
    default:
      return value;
  }
}
