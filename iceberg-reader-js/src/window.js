/** What a row takes besides its texts, about: an object and the heads of its strings. */
export const ROW_BYTES = 200;
const POSITION_BYTES = 8;
/** The part of a window's bytes that it is planned to take, or cut down to. */
export const FULL = 7 / 8;
const BATCH_ROWS = 1000;

export const START = { epoch: -Infinity, seq: -Infinity };
export const END = { epoch: Infinity, seq: Infinity };

/** The order of events. */
export function compare(a, b) {
  return a.epoch - b.epoch || a.seq - b.seq || 0;
}

class Window {
  from;
  to;

  constructor(from, to) {
    this.from = from;
    this.to = to;
  }

  /** Whether a position is in it. */
  has(epoch, seq) {
    const { from, to } = this;
    return (
      (epoch > from.epoch || (epoch === from.epoch && seq >= from.seq)) &&
      (epoch < to.epoch || (epoch === to.epoch && seq < to.seq))
    );
  }
}

/**
 * The rows from one position up to another, gathered in any order and handed out in theirs, each as
 * often as the table has it: who reads counts what a sink repeats. Only the first of its kind takes
 * memory.
 *
 * It takes a bounded number of bytes: when that is exceeded it gives up its later rows, and its end
 * moves to the first of them, to be read again by the next window.
 */
export class Rows extends Window {
  #most;
  #rows = [];
  #bytes = 0;
  /** How often those rows have come that came more than once. */
  #copies = new Map();

  constructor(from, to, most) {
    super(from, to);
    this.#most = most;
  }

  add(row) {
    this.#rows.push(row);
    this.#bytes += bytesOf(row);
    if (this.#bytes > this.#most) this.#shrink();
  }

  *batches() {
    this.#sort();
    yield* inBatches(this.#all());
  }

  /** Each row as often as it came. */
  *#all() {
    for (const row of this.#rows) {
      for (let left = this.#copies.get(row) ?? 1; left > 0; left--) yield row;
    }
  }

  /** Keeps the first rows that leave some room for others, and one at least. */
  #shrink() {
    this.#sort();
    let bytes = 0;
    let kept = 0;
    for (const row of this.#rows) {
      bytes += bytesOf(row);
      if (kept > 0 && bytes > this.#most * FULL) break;
      kept++;
    }
    if (kept < this.#rows.length) {
      const { epoch, seq } = this.#rows[kept];
      this.to = { epoch, seq };
      for (const row of this.#rows.splice(kept)) this.#copies.delete(row);
    }
    this.#bytes = this.#rows.reduce((sum, row) => sum + bytesOf(row), 0);
  }

  /** Sorts, and keeps the first of those that came more than once, and their number. */
  #sort() {
    this.#rows.sort(compare);
    const once = [];
    for (const row of this.#rows) {
      const last = once[once.length - 1];
      if (once.length === 0 || compare(last, row) !== 0) once.push(row);
      else this.#copies.set(last, (this.#copies.get(last) ?? 1) + (this.#copies.get(row) ?? 1));
    }
    this.#rows = once;
  }
}

function bytesOf(row) {
  return ROW_BYTES + (row.payload?.length ?? 0) + (row.entityId?.length ?? 0);
}

/** The same for rows of which only the position is wanted: eight bytes for each. */
export class Positions extends Window {
  #most;
  #epochs = new Map();
  #count = 0;

  constructor(from, to, most) {
    super(from, to);
    this.#most = Math.max(1, Math.floor(most / POSITION_BYTES));
  }

  add(epoch, seq) {
    let seqs = this.#epochs.get(epoch);
    if (!seqs) this.#epochs.set(epoch, (seqs = { values: new Float64Array(16), length: 0 }));
    if (seqs.length === seqs.values.length) {
      const larger = new Float64Array(seqs.length * 2);
      larger.set(seqs.values);
      seqs.values = larger;
    }
    seqs.values[seqs.length++] = seq;
    if (++this.#count > this.#most) this.#shrink();
  }

  *batches() {
    yield* inBatches(this.#all());
  }

  /** Each position once. */
  *#all() {
    for (const { epoch, seqs } of this.#sorted()) {
      for (let i = 0; i < seqs.length; i++) {
        if (i === 0 || seqs[i] !== seqs[i - 1]) yield positionOnly(epoch, seqs[i]);
      }
    }
  }

  #shrink() {
    let left = Math.max(1, Math.floor(this.#most * FULL));
    const epochs = new Map();
    this.#count = 0;
    for (const { epoch, seqs } of this.#sorted()) {
      const once = seqs.filter((seq, i) => i === 0 || seq !== seqs[i - 1]);
      const values = once.slice(0, left);
      if (values.length) epochs.set(epoch, { values, length: values.length });
      this.#count += values.length;
      left -= values.length;
      if (values.length < once.length) {
        this.to = { epoch, seq: once[values.length] };
        break;
      }
    }
    this.#epochs = epochs;
  }

  #sorted() {
    return [...this.#epochs]
      .sort(([a], [b]) => a - b)
      .map(([epoch, { values, length }]) => ({ epoch, seqs: values.subarray(0, length).sort() }));
  }
}

function* inBatches(rows) {
  let batch = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length === BATCH_ROWS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length) yield batch;
}

function positionOnly(epoch, seq) {
  return {
    epoch,
    seq,
    verb: null,
    entityId: null,
    entityType: null,
    version: 0,
    ts: 0,
    payload: null,
  };
}
