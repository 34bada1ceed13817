import { ahead } from './ahead.js';
import { bytesOf, free } from './bytes.js';
import { Column, Room } from './column.js';
import { openFile } from './parquet.js';
import { END, FULL, Positions, ROW_BYTES, Rows, START, compare } from './window.js';

/** Rows are looked at by so many; what is known of where they belong is kept for each such stripe. */
export const STRIPE_ROWS = 8192;

export const POSITION = ['ns', 'epoch', 'seq', 'life', 'events'];
const EVERY = [
  ...POSITION,
  'verb',
  'entityId',
  'entityType',
  'version',
  'ts',
  'payload',
  'session',
  'n',
  'batchIndex',
  'sub',
];

/** Files that are opened, and their first bytes fetched, before they are looked at. */
export const FILES_AHEAD = 4;
const FILES_AHEAD_WITH_PAYLOADS = 2;

/**
 * The wanted rows of some files, in the order of their positions, in bounded memory.
 *
 * The table is not sorted, and a namespace may have more rows than fit. So its rows are handed out
 * window by window: each takes the rows of a range of positions from wherever they are. A survey,
 * which reads no payloads, tells which stripes of which files a range needs; the sink wrote the
 * events nearly in order, so nearly every stripe belongs to one window and is read once.
 */
export class Scan {
  #files;
  #objects;
  #table;
  #filter;
  #query;
  #ids;
  #most;
  #scanned = 0;
  #rooms = {};

  /**
   * @param query what is asked for, and the signal that ends it
   * @param most the bytes that a window may take
   */
  constructor({ files, objects, table, filter, query, most }) {
    this.#files = files;
    this.#objects = objects;
    this.#table = table;
    this.#filter = filter;
    this.#query = query;
    this.#ids = query.entityIds ? new Set(query.entityIds) : null;
    this.#most = most;
  }

  async *batches() {
    try {
      yield* this.#windows();
    } finally {
      Object.values(this.#rooms).forEach((room) => room.end());
    }
  }

  async *#windows() {
    const Window = this.#query.positionsOnly ? Positions : Rows;
    // Few files need none: if the rows exceed a window all the same, it ends early.
    const size = this.#files.reduce((sum, file) => sum + file.size, 0);
    if (Window === Rows && size > this.#most) await this.#pass(null);
    for (let from = START; from !== END; ) {
      const window = new Window(from, this.#plan(from), this.#most);
      await this.#pass(window);
      yield* window.batches();
      from = window.to;
    }
  }

  /** Where a window that begins at `from` had better end. */
  #plan(from) {
    const groups = this.#files.flatMap((file) => file.groups ?? []);
    const stripes = groups
      .flatMap((group) => group.stripes ?? [])
      .filter(({ count, last }) => count > 0 && compare(last, from) >= 0)
      .sort((a, b) => compare(a.first, b.first));
    let bytes = 0;
    for (const stripe of stripes) {
      bytes += stripe.bytes;
      // An estimate: some room is left for rows that are larger than others.
      if (bytes > this.#most * FULL && compare(stripe.first, from) > 0) return stripe.first;
    }
    return END;
  }

  /** Adds to the window what it wants; without one, only finds out where everything is. */
  async #pass(window) {
    const files = this.#files.filter(({ groups }) => !groups || groups.some((group) => needs(window, group)));
    const payloads = window instanceof Rows;
    const names = payloads ? EVERY : this.#ids ? [...POSITION, 'entityId'] : POSITION;
    const depth = payloads ? FILES_AHEAD_WITH_PAYLOADS : FILES_AHEAD;
    for await (const opened of ahead(files, depth, (file) => this.#open(file, window, names))) {
      for (const { group, bytes } of opened.groups) {
        const parts = bytes();
        if (needs(window, group)) await this.#tryVisit(group, parts, window);
        parts.forEach((part) => part.end());
      }
      opened.end();
    }
  }

  /** The file's row groups, each with a function that gives its columns' bytes, and its end. */
  async #open(file, window, names) {
    const { signal } = this.#query;
    let tail = new Uint8Array(0);
    if (!file.groups) {
      const opened = await openFile(file, this.#objects, this.#table, this.#filter, signal);
      tail = opened.tail;
      file.groups = opened.groups;
    }
    const read = partsOf(file, tail, this.#objects, signal);
    const bytes = (group) =>
      bytesOf(
        names.flatMap((name) => group.chunks[name] ?? []),
        read,
      );
    const groups = file.groups.filter((group) => needs(window, group));
    const first = groups.length ? bytes(groups[0]) : null;
    first?.forEach((part) => part.begin());
    return {
      groups: groups.map((group, i) => ({ group, bytes: () => (i === 0 ? first : bytes(group)) })),
      end: () => free(tail),
    };
  }

  /** Visits the group; what goes wrong says where. */
  async #tryVisit(group, bytes, window) {
    try {
      await this.#visit(group, bytes, window);
    } catch (e) {
      this.#query.signal.throwIfAborted();
      throw new Error(`${group.path}: ${e.message}`, { cause: e });
    }
  }

  async #visit(group, bytes, window) {
    const columns = {};
    const column = (name) => {
      const chunk = group.chunks[name];
      return (columns[name] ??= new Column(chunk, bytes.get(chunk), this.#room(name)));
    };
    column.has = (name) => Boolean(group.chunks[name]);
    const known = group.stripes;
    const stripes = [];
    for (let from = 0; from < group.rows; from += STRIPE_ROWS) {
      if (known && !overlaps(window, known[from / STRIPE_ROWS])) continue;
      const to = Math.min(from + STRIPE_ROWS, group.rows);
      const found = await this.#find(column, from, to);
      stripes.push(stripe(found, group));
      this.#scanned += to - from;
      this.#query.progress?.(this.#scanned);
      if (window instanceof Rows) await addRows(found, column, window);
      else if (window) addPositions(found, window);
    }
    group.stripes ??= stripes;
  }

  /** One column of a name is read at a time, so all of them are decompressed to the same place. */
  #room(name) {
    return (this.#rooms[name] ??= new Room());
  }

  /** The rows of a stripe that are wanted. */
  async #find(column, from, to) {
    this.#query.signal.throwIfAborted();
    const rows = await column('ns').select(from, to, this.#query.namespace);
    let found = new Found();
    await column('seq').visit(rows, (seq, i) => {
      if (seq === null) throw new Error('a row has no seq');
      if (this.#filter.wants(seq)) found.add(rows[i], 0, seq);
    });
    await column('epoch').visit(found.rows, (epoch, i) => {
      if (epoch === null) throw new Error('a row has no epoch');
      found.epochs[i] = epoch;
    });
    // A file from before there were lives has no such column.
    if (column.has('life')) {
      await column('life').visit(found.rows, (life, i) => {
        found.lives[i] = life ?? 0;
      });
    }
    // Nor has one that packed rows have never come into.
    if (column.has('events')) {
      await column('events').visit(found.rows, (events, i) => {
        found.events[i] = events ?? 0;
      });
    }
    if (this.#ids) {
      const ids = await column('entityId').read(found.rows);
      // Which things a packed row is about only its payload says.
      found = found.only((i) => found.seqs[i] === 0 || found.events[i] > 0 || this.#ids.has(ids[i]));
    }
    return found;
  }
}

/** Reads parts of a file, whose end is at hand. */
export function partsOf({ path, size }, tail, objects, signal) {
  const tailFrom = size - tail.length;
  return async (from, to) =>
    from >= tailFrom ? tail.slice(from - tailFrom, to - tailFrom) : objects.read(path, signal, from, to);
}

/** Rows of a row group, by their numbers, and their positions. */
class Found {
  rows = [];
  epochs = [];
  seqs = [];
  lives = [];
  /** How many events a packed row has; 0 of every other. */
  events = [];

  add(row, epoch, seq, life = 0, events = 0) {
    this.rows.push(row);
    this.epochs.push(epoch);
    this.seqs.push(seq);
    this.lives.push(life);
    this.events.push(events);
  }

  only(test) {
    const some = new Found();
    for (let i = 0; i < this.rows.length; i++) {
      if (test(i)) some.add(this.rows[i], this.epochs[i], this.seqs[i], this.lives[i], this.events[i]);
    }
    return some;
  }

  /** Those that are between the ends of a window. */
  in(window) {
    return this.only((i) => window.has(this.epochs[i], this.seqs[i]));
  }
}

/** Adds those of the found rows that are in the window, with all their columns. */
async function addRows(found, column, window) {
  const { rows, epochs, seqs, lives, events } = found.in(window);
  if (!rows.length) return;
  const verbs = await column('verb').read(rows);
  const ids = await column('entityId').read(rows);
  const types = await column('entityType').read(rows);
  const versions = await column('version').read(rows);
  const times = await column('ts').read(rows);
  // Files from before there were sessions have no such columns.
  const later = async (name) => (column.has(name) ? column(name).read(rows) : []);
  const sessions = await later('session');
  const numbers = await later('n');
  const indexes = await later('batchIndex');
  const subs = await later('sub');
  const add = (payload, i) =>
    window.add({
      epoch: epochs[i],
      life: lives[i],
      seq: seqs[i],
      verb: verbs[i],
      entityId: ids[i],
      entityType: types[i],
      version: versions[i] ?? 0,
      ts: times[i] ?? 0,
      payload,
      ...(sessions[i] && {
        session: sessions[i],
        sub: subs[i] ?? null,
        n: numbers[i],
        batchIndex: indexes[i] ?? -1,
      }),
      ...(events[i] && { events: events[i] }),
    });
  // A window that is full ends earlier, and the payloads beyond are for the next one to read.
  await column('payload').visit(rows, add, (i) => window.has(epochs[i], seqs[i]));
}

function addPositions({ epochs, seqs, lives, events }, window) {
  for (let i = 0; i < seqs.length; i++) {
    if (window.has(epochs[i], seqs[i])) window.add(epochs[i], seqs[i], lives[i], events[i]);
  }
}

/** Where the rows of a stripe belong, and what they may take. */
function stripe({ epochs, seqs }, { rows, chunks }) {
  let first = 0;
  let last = 0;
  for (let i = 1; i < seqs.length; i++) {
    if (epochs[i] < epochs[first] || (epochs[i] === epochs[first] && seqs[i] < seqs[first])) first = i;
    if (epochs[i] > epochs[last] || (epochs[i] === epochs[last] && seqs[i] > seqs[last])) last = i;
  }
  const bytes = seqs.length * (ROW_BYTES + chunks.payload.plainBytes / rows);
  const at = (i) => ({ epoch: epochs[i], seq: seqs[i] });
  return { count: seqs.length, first: at(first), last: at(last), bytes };
}

function needs(window, { stripes }) {
  return !stripes || stripes.some((one) => overlaps(window, one));
}

function overlaps(window, { count, first, last }) {
  return count > 0 && window && compare(last, window.from) >= 0 && compare(first, window.to) < 0;
}
