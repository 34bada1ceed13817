/** What a row takes besides its texts, about: an object and the heads of its strings. */
export const ROW_BYTES = 200;
const POSITION_BYTES = 16;
/** The part of a window's bytes that it is planned to take, or cut down to. */
export const FULL = 7 / 8;
const BATCH_ROWS = 1000;

export const START = { epoch: -Infinity, seq: -Infinity };
export const END = { epoch: Infinity, seq: Infinity };

/** The order of events; two lives may have used the same epoch. */
export function compare(a, b) {
  return a.epoch - b.epoch || a.seq - b.seq || 0;
}

/** What was sent again may begin as before, and have fewer events or more. */
function compareWhole(a, b) {
  return compare(a, b) || a.life - b.life || (a.events ?? 0) - (b.events ?? 0);
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
      // A window ends between positions, so what has the same one stays together.
      const same = kept > 0 && compare(this.#rows[kept - 1], row) === 0;
      if (kept > 0 && !same && bytes > this.#most * FULL) break;
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
    this.#rows.sort(compareWhole);
    const once = [];
    for (const row of this.#rows) {
      const last = once[once.length - 1];
      if (once.length === 0 || compareWhole(last, row) !== 0) once.push(row);
      else this.#copies.set(last, (this.#copies.get(last) ?? 1) + (this.#copies.get(row) ?? 1));
    }
    this.#rows = once;
  }
}

function bytesOf(row) {
  return ROW_BYTES + (row.payload?.length ?? 0) + (row.entityId?.length ?? 0);
}

/**
 * The same for rows of which only the position is wanted: sixteen bytes for each, and eight more once
 * there is a packed row.
 */
export class Positions extends Window {
  #most;
  #epochs = new Map();
  #count = 0;

  constructor(from, to, most) {
    super(from, to);
    this.#most = Math.max(1, Math.floor(most / POSITION_BYTES));
  }

  add(epoch, seq, life, events = 0) {
    let of = this.#epochs.get(epoch);
    if (!of) {
      of = { seqs: new Float64Array(16), lives: new Float64Array(16), events: null, length: 0 };
      this.#epochs.set(epoch, of);
    }
    if (of.length === of.seqs.length) {
      of.seqs = larger(of.seqs);
      of.lives = larger(of.lives);
      of.events = of.events && larger(of.events);
    }
    if (events > 0) of.events ??= new Float64Array(of.seqs.length);
    if (of.events) of.events[of.length] = events;
    of.seqs[of.length] = seq;
    of.lives[of.length++] = life;
    if (++this.#count > this.#most) this.#shrink();
  }

  *batches() {
    yield* inBatches(this.#all());
  }

  /** Each position once. */
  *#all() {
    for (const { epoch, rows } of this.#sorted()) {
      for (const { seq, life, events } of rows) yield positionOnly(epoch, life, seq, events);
    }
  }

  #shrink() {
    const most = Math.max(1, Math.floor(this.#most * FULL));
    const epochs = new Map();
    this.#count = 0;
    for (const { epoch, rows } of this.#sorted()) {
      const seqs = [];
      const lives = [];
      const events = [];
      let cut = null;
      for (const row of rows) {
        const { seq } = row;
        if (this.#count >= most && seqs.at(-1) !== seq) {
          cut = seq;
          break;
        }
        seqs.push(seq);
        lives.push(row.life);
        events.push(row.events);
        this.#count++;
      }
      if (seqs.length) {
        epochs.set(epoch, {
          seqs: Float64Array.from(seqs),
          lives: Float64Array.from(lives),
          events: events.some((count) => count > 0) ? Float64Array.from(events) : null,
          length: seqs.length,
        });
      }
      if (cut !== null) {
        this.to = { epoch, seq: cut };
        break;
      }
    }
    this.#epochs = epochs;
  }

  /** The epochs in order, each with its rows in order, each once. */
  *#sorted() {
    for (const [epoch, of] of [...this.#epochs].sort(([a], [b]) => a - b)) yield { epoch, rows: rowsOf(of) };
  }
}

function* rowsOf({ seqs, lives, events, length }) {
  const all = lives.subarray(0, length);
  if (!events && all.every((life) => life === all[0])) {
    let last;
    for (const seq of seqs.slice(0, length).sort()) {
      if (seq !== last) yield { seq, life: all[0], events: 0 };
      last = seq;
    }
    return;
  }
  const countOf = (i) => events?.[i] ?? 0;
  // Of those that begin with the same event, the one with the most has what the others have.
  const order = Array.from({ length }, (_, i) => i).sort(
    (a, b) => seqs[a] - seqs[b] || lives[a] - lives[b] || countOf(b) - countOf(a),
  );
  let last;
  for (const i of order) {
    if (last === undefined || seqs[last] !== seqs[i] || lives[last] !== lives[i]) {
      yield { seq: seqs[i], life: lives[i], events: countOf(i) };
    }
    last = i;
  }
}

function larger(array) {
  const copy = new Float64Array(array.length * 2);
  copy.set(array);
  return copy;
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

function positionOnly(epoch, life, seq, events) {
  return {
    epoch,
    life,
    seq,
    verb: null,
    entityId: null,
    entityType: null,
    version: 0,
    ts: 0,
    payload: null,
    ...(events && { events }),
  };
}
