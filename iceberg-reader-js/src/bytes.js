/** The bytes of an object that are fetched at once, or, of longer parts, at a time. */
export const PART_BYTES = 2 << 20;

/** Parts with no more than this between them are fetched as one. */
const GAP_BYTES = 256 << 10;

/** A part of an object, fetched when it is first needed: whole if it is short, else piece by piece. */
export class Bytes {
  #read;
  #start;
  #end;
  #from = 0;
  #piece;

  /**
   * @param read gives a promise of the object's bytes from one offset up to another
   */
  constructor(read, start, end) {
    this.#read = read;
    this.#start = start;
    this.#end = end;
  }

  /** Has it fetched, if it is short: where a long one is needed first is not known. */
  begin() {
    if (!this.#piece && this.#end - this.#start <= PART_BYTES) this.#fetch(this.#start, PART_BYTES);
  }

  /** The bytes from `offset` that are at hand, at least so many unless the part ends before. */
  async at(offset, least) {
    const wanted = Math.min(offset + least, this.#end);
    this.begin();
    let bytes = await this.#piece;
    if (!bytes || offset < this.#from || wanted > this.#from + bytes.length) {
      this.#fetch(offset, Math.max(least, PART_BYTES));
      bytes = await this.#piece;
    }
    return bytes.subarray(offset - this.#from);
  }

  /** Gives the memory back. */
  end() {
    this.#piece?.then(free, () => {});
    this.#piece = null;
  }

  #fetch(from, length) {
    this.end();
    this.#from = from;
    this.#piece = this.#read(from, Math.min(this.#end, from + length));
    // A call of at() gets the error; what was only begun may fail unseen.
    this.#piece.catch(() => {});
  }
}

/**
 * Gives back the memory of fetched bytes at once; views of it are empty afterwards.
 *
 * The engine frees it only when it collects garbage, and that it puts off, because it sees how
 * little of its own heap is in use: a read of 40 MB would take 40 MB.
 */
export function free({ buffer }) {
  buffer.transfer?.(0);
}

/** For each of some ranges of an object the Bytes to read it from; near ones share theirs. */
export function bytesOf(ranges, read) {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  const found = new Map();
  /** @type {{ start: number, end: number, ranges: { start: number, end: number }[] } | null} */
  let part = null;
  const close = () => {
    if (!part) return;
    const bytes = new Bytes(read, part.start, part.end);
    for (const range of part.ranges) found.set(range, bytes);
  };
  for (const range of sorted) {
    if (part && range.start - part.end <= GAP_BYTES && range.end - part.start <= PART_BYTES) {
      part.end = range.end;
      part.ranges.push(range);
    } else {
      close();
      part = { start: range.start, end: range.end, ranges: [range] };
    }
  }
  close();
  return found;
}
