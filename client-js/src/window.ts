import { StoreError } from './errors.ts';
import type { LiveSet, Store, Thing, TypeMap, Where } from './index.ts';
import { valueAt } from './order.ts';

/** By what the rows of a window are ordered first. What comes behind it orders ties alone, and of those a window has all. */
export interface Lead {
  path: string;
  descending: boolean;
  /** Where null, and what is missing, stands. */
  nulls: 'first' | 'last';
  /** Whether strings are ordered by their UTF-16 units, which is the store's order. */
  lexical: boolean;
}

/** How far a beginning goes. */
export interface Rows {
  count: number;
  /** Of rows behind this value of the lead; of those before it, and of its own, all are wanted too. */
  after?: string | number;
}

export const ALL: Rows = { count: Number.POSITIVE_INFINITY };

/** What a window needs of the collection that it is in. */
export interface WindowHost<Types extends TypeMap, N extends keyof Types & string> {
  store: Store<Types>;
  $type: N;
  /** A live set whose things are in the collection, until it is left. */
  follow(where: Where | undefined): LiveSet<Types[N]>;
  leave(set: LiveSet<Types[N]>): void;
}

/** The last value of the lead that is followed; null: everything is. */
type Bound = string | number | null;

/** How often a window asks where it ends before it follows everything. */
const MOST_TRIES = 3;
/** As many things a page has at most. */
const PAGE = 1_000;
/** What is a number; the store compares a number with nothing else. */
const NUMBER = { $gte: -Number.MAX_VALUE };
/** Strings that are as long are ordered by the store as if they ended there. */
const STRING_UNITS = 256;

/**
 * The beginning of an order, as far as live queries have asked for it, kept as the store has it.
 *
 * A subscription has conditions and no order. So the store is asked once where the beginning ends, and what is followed is all
 * that is not behind that value: ties are in it whole, what comes to the front shows, what goes behind it leaves. Once it has
 * fewer rows than were asked for, the store is asked anew, before a live query asks: TanStack DB takes rows that are there for
 * another query as loaded for each. It never becomes smaller, for who has asked for rows takes them as loaded.
 *
 * Everything is followed where the store's order is not the query's: of booleans, of strings in a language's order, of numbers
 * beside strings. What cannot be compared with the last value is not behind it, so such a thing shows, and tells.
 */
export class Window<Types extends TypeMap, N extends keyof Types & string> {
  /** Live queries that need it. */
  users = 0;
  readonly #host: WindowHost<Types, N>;
  readonly #where: Where | undefined;
  readonly #lead: Lead | undefined;
  #held: { set: LiveSet<Types[N]>; bound: Bound } | null = null;
  #asked = 0;
  #making: Promise<void> | null = null;
  #closed = false;

  /** Without a lead it is everything that matches. */
  constructor(host: WindowHost<Types, N>, where: Where | undefined, lead: Lead | undefined) {
    this.#host = host;
    this.#where = where;
    this.#lead = lead;
  }

  /** When those rows are there, as many or all that there are. */
  async load(rows: Rows): Promise<void> {
    for (let tries = 0; !this.#closed; tries++) {
      const count = rows.count + this.#countUpTo(rows.after);
      this.#asked = Math.max(this.#asked, count);
      if (this.#has(count)) return;
      // More than there have to be, where they go as fast as it asks.
      const wanted = tries < MOST_TRIES ? this.#asked * 2 ** tries : Number.POSITIVE_INFINITY;
      this.#making ??= this.#make(wanted).finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
  }

  /** Whether all things are there whose lead has that value. */
  covers(path: string, value: string | number): boolean {
    if (this.#held === null || this.#held.set.state === 'closed') return false;
    const { bound } = this.#held;
    return bound === null || (this.#lead?.path === path && isUpTo(this.#lead, bound, value));
  }

  close() {
    this.#closed = true;
    if (this.#held !== null) this.#host.leave(this.#held.set);
    this.#held = null;
  }

  #has(rows: number): boolean {
    if (this.#held === null || this.#held.set.state === 'closed') return false;
    return this.#held.bound === null || this.#held.set.things.size >= rows;
  }

  /** How many rows are there that are not behind a value of the lead. */
  #countUpTo(value: string | number | undefined): number {
    const lead = this.#lead;
    if (value === undefined || lead === undefined || this.#held === null) return 0;
    let there = 0;
    for (const thing of this.#held.set.things.values()) {
      if (isUpTo(lead, value, valueAt(thing, lead.path))) there++;
    }
    return there;
  }

  async #make(rows: number): Promise<void> {
    const lead = this.#lead;
    let bound =
      lead === undefined || rows === Number.POSITIVE_INFINITY || this.#held?.bound === null
        ? null
        : await this.#end(lead, rows);
    if (this.#closed) return;
    // Rows may have come to the front since, and who was told that a value is covered relies on it.
    if (lead !== undefined && this.#held !== null) bound = farther(lead, this.#held.bound, bound);
    const set = this.#host.follow(
      lead === undefined || bound === null ? this.#where : both(this.#where, upTo(lead, bound)),
    );
    try {
      await set.ready;
    } catch (error) {
      this.#host.leave(set);
      // A longer condition may be one too long.
      if (bound !== null && error instanceof StoreError && error.code === 'VALIDATION_ERROR') {
        return this.#make(Number.POSITIVE_INFINITY);
      }
      throw error;
    }
    if (this.#closed) {
      this.#host.leave(set);
      return;
    }
    const before = this.#held;
    this.#held = { set, bound };
    if (before !== null) this.#host.leave(before.set);
    if (lead === undefined || bound === null) return;
    const isForeign = (thing: Thing<Types[N]> | null) => {
      const value = thing === null ? null : (valueAt(thing, lead.path) ?? null);
      return value !== null && typeof value !== typeof bound;
    };
    if ([...set.things.values()].some(isForeign)) return this.#make(Number.POSITIVE_INFINITY);
    set.subscribe(({ changes }) => {
      if (this.#held?.set !== set) return;
      const odd = [...changes.values()].some(isForeign);
      if (!odd && set.things.size >= this.#asked) return;
      // Where that is refused the set is closed, and says so itself.
      this.load(odd ? ALL : { count: this.#asked }).catch(() => {});
    });
  }

  /** The value behind which no row is wanted; null where that cannot be told, and where there are no more rows. */
  async #end(lead: Lead, rows: number): Promise<Bound> {
    const { path, descending, lexical } = lead;
    const field = path.split('.')[0];
    const query = {
      $type: this.#host.$type,
      // Strings that the store orders otherwise tell nothing, so none is read: there are too few rows then.
      where: both(this.#where, { [path]: lexical ? { $exists: true, $ne: null } : NUMBER }),
      orderBy: [descending ? `-${path}` : path],
      // System fields come by themselves.
      select: field.startsWith('$') ? [] : [field],
    };
    let left = rows;
    let last: Thing<Types[N]> | undefined;
    try {
      for (let cursor: string | undefined; left > 0; ) {
        const limit = Math.min(left, PAGE);
        const page = await this.#host.store.query({
          ...query,
          limit,
          ...(cursor !== undefined && { cursor }),
        });
        left -= page.things.length;
        last = page.things.at(-1) ?? last;
        cursor = page.cursor;
        if (cursor === undefined) break;
      }
    } catch {
      // TOO_EXPENSIVE without an index, for one. To follow is never too expensive, and says by itself what else is wrong.
      return null;
    }
    if (left > 0 || last === undefined) return null;
    const value = valueAt(last, path);
    if (typeof value === 'number') return value;
    return typeof value === 'string' && value.length < STRING_UNITS ? value : null;
  }
}

export function both(a: Where | undefined, b: Where): Where;
export function both(a: Where | undefined, b: Where | undefined): Where | undefined;
export function both(a: Where | undefined, b: Where | undefined): Where | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { $and: [a, b] };
}

/** Whether a value is not behind another one. */
function isUpTo({ descending, nulls }: Lead, bound: string | number, value: unknown): boolean {
  if (value === undefined || value === null) return nulls === 'first';
  if (typeof value !== typeof bound) return false;
  return descending ? (value as typeof bound) >= bound : (value as typeof bound) <= bound;
}

/** Of two ends the one that is behind the other. */
function farther(lead: Lead, a: Bound, b: Bound): Bound {
  if (a === null || b === null || typeof a !== typeof b) return null;
  return isUpTo(lead, a, b) ? a : b;
}

/** What is not behind a value. */
function upTo({ path, descending, nulls }: Lead, value: string | number): Where {
  const not = { $not: { [descending ? '$lt' : '$gt']: value } };
  return { [path]: nulls === 'first' ? not : { $exists: true, $ne: null, ...not } };
}
