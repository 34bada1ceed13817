import { decompress } from 'fzstd';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readPlain } from 'hyparquet/src/plain.js';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Most page headers fit; statistics in them can make them longer. */
const HEADER_BYTES = 1 << 10;
const LONG_HEADER_BYTES = 4 << 20;

/**
 * The values of a column in one row group, page by page: only pages with wanted rows are
 * decompressed, only one is in memory, and only wanted values become strings. So rows are best
 * asked for in ascending order.
 */
export class Column {
  #path;
  #chunk;
  #bytes;
  #decoder;
  #scratch = new Uint8Array(0);
  #dictionary = null;
  #begun = false;
  #page = { start: 0, end: 0, at: null };

  constructor(path, chunk, bytes) {
    this.#path = path;
    this.#chunk = chunk;
    this.#bytes = bytes;
    const element = {
      type: chunk.type,
      type_length: chunk.width,
      repetition_type: chunk.optional ? 'OPTIONAL' : 'REQUIRED',
    };
    this.#decoder = {
      type: chunk.type,
      element,
      schemaPath: [{ element: {} }, { element }],
      codec: chunk.codec,
      compressors: { ZSTD: (input, size) => this.#inflate(input, size) },
    };
  }

  /** The rows from `from` up to `to` that have this value. */
  async select(from, to, value) {
    const rows = [];
    for (let row = from; row < to; ) {
      const page = await this.#pageOf(row);
      const end = Math.min(to, page.end);
      for (; row < end; row++) {
        if (page.at(row - page.start) === value) rows.push(row);
      }
    }
    return rows;
  }

  /** Calls `visit(value, i)` for the value in each of the rows: a string, a number or null. */
  async visit(rows, visit) {
    for (let i = 0; i < rows.length; ) {
      const page = await this.#pageOf(rows[i]);
      for (; i < rows.length && rows[i] < page.end; i++) visit(page.at(rows[i] - page.start), i);
    }
  }

  async read(rows) {
    const values = new Array(rows.length);
    await this.visit(rows, (value, i) => {
      values[i] = value;
    });
    return values;
  }

  async #pageOf(row) {
    if (row >= this.#page.start && row < this.#page.end) return this.#page;
    try {
      await this.#begin();
      const known = this.#chunk.pages;
      let { row: start, offset } = known.findLast((page) => page.row <= row);
      for (;;) {
        if (offset >= this.#chunk.end) throw new Error(`its pages end before row ${row}`);
        const { header, data } = await this.#header(offset);
        const next = data + header.compressed_page_size;
        const end = start + (header.data_page_header ?? header.data_page_header_v2)?.num_values;
        if (row < end) {
          const bytes = (await this.#bytes.at(data, header.compressed_page_size)).subarray(0, next - data);
          this.#page = { start, end, at: this.#decode(header, bytes) };
          return this.#page;
        }
        if (end > known.at(-1).row) known.push({ row: end, offset: next });
        // What is neither data nor a dictionary has no rows.
        start = end || start;
        offset = next;
      }
    } catch (e) {
      if (e instanceof RangeError || !e.message.includes(this.#path)) {
        throw new Error(`${this.#path}: column ${this.#chunk.name}: ${e.message}`, { cause: e });
      }
      throw e;
    }
  }

  /** Reads the dictionary, which comes before all other pages if there is one. */
  async #begin() {
    if (this.#begun) return;
    const { pages, start } = this.#chunk;
    const { header, data } = await this.#header(start);
    const size = header.compressed_page_size;
    if (header.dictionary_page_header) {
      const bytes = (await this.#bytes.at(data, size)).subarray(0, size);
      this.#dictionary = this.#decodeDictionary(header, bytes);
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

  #decodeDictionary(header, bytes) {
    const { type, codec, compressors, element } = this.#decoder;
    const page = decompressPage(bytes, header.uncompressed_page_size, codec, compressors);
    // Its values are views of the page, and the next page comes where this one is.
    if (page.buffer === this.#scratch.buffer) this.#scratch = new Uint8Array(0);
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    const count = header.dictionary_page_header.num_values;
    return Array.from(readPlain({ view, offset: 0 }, type, count, element.type_length));
  }

  /** A function that gives the value of a row of the page. */
  #decode(header, bytes) {
    const { data_page_header: first, data_page_header_v2: second } = header;
    const { codec, compressors } = this.#decoder;
    const { definitionLevels, dataPage } = second
      ? readDataPageV2(bytes, header, this.#decoder)
      : readDataPage(
          decompressPage(bytes, header.uncompressed_page_size, codec, compressors),
          first,
          this.#decoder,
        );
    const value = /_DICTIONARY$/.test((first ?? second).encoding)
      ? this.#lookup(dataPage)
      : (i) => plain(dataPage[i]);
    return definitionLevels?.length ? withNulls(definitionLevels, value) : value;
  }

  /** Values of a dictionary are converted once, the first time that one is wanted. */
  #lookup(indexes) {
    const dictionary = this.#dictionary;
    if (!dictionary) throw new Error('a page refers to a dictionary that is not there');
    return (i) => {
      const index = indexes[i];
      const value = dictionary[index];
      return typeof value === 'object' || typeof value === 'bigint'
        ? (dictionary[index] = plain(value))
        : plain(value);
    };
  }

  /** Decompresses to where the page before was. */
  #inflate(input, size) {
    if (size === 0) return new Uint8Array(0);
    if (this.#scratch.length < size) {
      this.#scratch = new Uint8Array(size);
      // fzstd compares its output with a number, which would make a text of all these bytes first.
      this.#scratch[Symbol.toPrimitive] = () => 0;
    }
    decompress(input, this.#scratch);
    return this.#scratch.subarray(0, size);
  }
}

function withNulls(levels, value) {
  const positions = new Int32Array(levels.length);
  let next = 0;
  for (let i = 0; i < levels.length; i++) positions[i] = levels[i] ? next++ : -1;
  return (i) => (positions[i] < 0 ? null : value(positions[i]));
}

function plain(value) {
  switch (typeof value) {
    case 'object':
      return utf8.decode(value);
    case 'bigint':
      return Number(value);
    case 'undefined':
      throw new Error('a page has fewer values than it says');
    default:
      return value;
  }
}
