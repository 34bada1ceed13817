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
  /** The store gives no more rows to live queries that have fewer than they asked for. */
  refused(error: unknown): void;
}

/** The last value of the lead that is followed; null: everything is. */
type Bound = string | number | null;

/** How often a window asks where it ends before it follows everything. */
const MOST_TRIES = 3;
/** Refusals that pass and do not say when; what does is asked again by the store's client itself. */
const PASSING = new Set(['UNAVAILABLE', 'QUEUE_FULL']);
/** How often one after the other rows are asked for again after such a refusal, and the pause before the first time. */
const MOST_RETRIES = 8;
const FIRST_RETRY_MS = 250;
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
  #retries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #refused = false;

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
      const most = Math.max(this.#asked, count);
      if (this.#has(count)) {
        this.#asked = most;
        return;
      }
      // More than there have to be, where they go as fast as it asks.
      const wanted = tries < MOST_TRIES ? most * 2 ** tries : Number.POSITIVE_INFINITY;
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
    clearTimeout(this.#retry);
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
    await this.#move(bound);
    const things = this.#held?.set.things ?? new Map<string, Thing<Types[N]>>();
    if ([...things.values()].some((thing) => this.#isOdd(thing))) await this.#make(Number.POSITIVE_INFINITY);
  }

  /** Follows up to a value in place of what is held; everything where the store does not take that condition. */
  async #move(bound: Bound): Promise<void> {
    const before = this.#held?.set.state === 'closed' ? null : this.#held;
    // A socket may have no room for it beside what it replaces, or not even then, for the longer condition.
    const tries = [bound, ...(before === null ? [] : [bound]), ...(bound === null ? [] : [null])];
    for (const [i, each] of tries.entries()) {
      // The rows of a closed set stay until it is left.
      if (i > 0) before?.set.close();
      try {
        return await this.#follow(each);
      } catch (error) {
        if (this.#closed) return;
        if (i < tries.length - 1 && codeOf(error) === 'VALIDATION_ERROR') continue;
        if (this.#held?.set.state === 'closed') {
          await this.#follow(this.#held.bound).catch((again) =>
            this.#fellShort(again, { count: this.#asked }),
          );
        }
        throw error;
      }
    }
  }

  async #follow(bound: Bound): Promise<void> {
    const lead = this.#lead;
    const set = this.#host.follow(
      lead === undefined || bound === null ? this.#where : both(this.#where, upTo(lead, bound)),
    );
    try {
      await set.ready;
    } catch (error) {
      this.#host.leave(set);
      throw error;
    }
    if (this.#closed) {
      this.#host.leave(set);
      return;
    }
    const before = this.#held;
    this.#held = { set, bound };
    if (before !== null) this.#host.leave(before.set);
    set.subscribe(({ state, changes }) => {
      if (this.#held?.set !== set || this.#retry !== undefined || this.#refused) return;
      // It is being replaced, or will be followed again.
      if (state === 'closed' && this.#making !== null) return;
      const odd = [...changes.values()].some((thing) => this.#isOdd(thing));
      if (odd || !this.#has(this.#asked)) void this.#refill(odd ? ALL : { count: this.#asked });
    });
  }

  /** Whether what is held says nothing of where a thing stands. */
  #isOdd(thing: Thing<Types[N]> | null): boolean {
    const bound = this.#held?.bound ?? null;
    if (this.#lead === undefined || bound === null || thing === null) return false;
    const value = valueAt(thing, this.#lead.path) ?? null;
    return value !== null && typeof value !== typeof bound;
  }

  /** Rows that live queries have asked for and lost. */
  async #refill(rows: Rows): Promise<void> {
    try {
      // What becomes of another's rows that asked for more is theirs.
      await this.#making?.catch(() => {});
      if (this.#retry !== undefined || this.#refused) return;
      await this.load(rows);
      this.#retries = 0;
    } catch (error) {
      this.#fellShort(error, rows);
    }
  }

  #fellShort(error: unknown, rows: Rows) {
    const code = codeOf(error);
    if (this.#closed || this.#retry !== undefined || this.#refused || code === 'CLOSED') return;
    if (PASSING.has(code) && this.#retries < MOST_RETRIES) {
      this.#retry = setTimeout(
        () => {
          this.#retry = undefined;
          void this.#refill(rows);
        },
        FIRST_RETRY_MS * 2 ** this.#retries++,
      );
    } else {
      this.#refused = true;
      this.#host.refused(error);
    }
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

function codeOf(error: unknown): string {
  return error instanceof StoreError ? error.code : '';
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
