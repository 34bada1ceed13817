import { StoreError } from './errors.ts';
import { Listeners } from './listeners.ts';
import { compareBy } from './order.ts';
import type { Reply, Thing, Where } from './types.ts';

/** Which things a live set follows: a type with conditions, or ids. */
export interface LiveQuery {
  $type?: string;
  where?: Where;
  $ids?: string[];
  /** How `items` are ordered; by `$id` when absent. */
  orderBy?: string[];
}

/** What a live set tells of: the things that are different now, null for those that are gone. */
export interface LiveChange<T> {
  readonly state: LiveState;
  readonly changes: ReadonlyMap<string, Thing<T> | null>;
}

/**
 * - `snapshot`: the first content is on its way; what is there is of before, or nothing.
 * - `changes`: the content is what the store had at one moment, and follows it.
 * - `stale`: the connection is lost; the content is that of before.
 * - `closed`: it follows no more.
 */
export type LiveState = 'snapshot' | 'changes' | 'stale' | 'closed';

/** How a live set asks of its client. */
export interface Follower {
  ask(request: Record<string, unknown>): Promise<Reply>;
  forget(sub: string): void;
}

/**
 * A set of things that follows a store.
 *
 * What it shows is always the store's matching things at one moment: parts of a message that is not whole yet, or of a
 * batch, are kept back. After a lost connection it goes on from that moment (`since`), and only where the store cannot tell
 * any more does everything come again.
 */
export class LiveSet<T = Record<string, unknown>> {
  readonly #sub: string;
  readonly #query: LiveQuery;
  readonly #follower: Follower;
  readonly #compare: (a: Thing<T>, b: Thing<T>) => number;
  readonly #listeners = new Listeners<LiveChange<T>>();
  #things = new Map<string, Thing<T>>();
  #items: readonly Thing<T>[] | null = null;
  #staged = new Map<string, Thing<T> | null>();
  #fromNothing = true;
  #at: string | null = null;
  #state: LiveState = 'snapshot';
  #attempt = 0;
  #ready: Promise<void>;
  #settleReady: { resolve(): void; reject(error: StoreError): void } | null = null;

  /** @internal */
  constructor(sub: string, query: LiveQuery, follower: Follower) {
    this.#sub = sub;
    this.#query = query;
    this.#follower = follower;
    this.#compare = compareBy(query.orderBy ?? []);
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#ready.catch(() => {});
  }

  get state() {
    return this.#state;
  }

  /** By id. */
  get things(): ReadonlyMap<string, Thing<T>> {
    return this.#things;
  }

  /** In the order asked for; the same array until something changes. */
  get items(): readonly Thing<T>[] {
    return (this.#items ??= [...this.#things.values()].sort(this.#compare));
  }

  /** When the first content is whole; rejected when the store refuses the query. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Calls at every change of content or state; the answer ends that. What a listener throws disturbs no other. */
  subscribe(listener: (change: LiveChange<T>) => void): () => void {
    return this.#listeners.add(listener);
  }

  close() {
    if (this.#state === 'closed') return;
    this.#follower.forget(this.#sub);
    this.end(new StoreError('CLOSED', 'the live set was closed'));
  }

  /** For the client: a socket is there. @internal */
  online() {
    const attempt = ++this.#attempt;
    const { orderBy, ...filter } = this.#query;
    const request: Record<string, unknown> = { type: 'subscribe', sub: this.#sub, ...filter };
    if (this.#at !== null) request.since = this.#at;
    this.#staged.clear();
    this.#follower.ask(request).then(
      () => {},
      (error) => {
        if (attempt !== this.#attempt || this.#state === 'closed') return;
        // The next connection asks for it no more.
        this.#follower.forget(this.#sub);
        this.end(error);
      },
    );
  }

  /** For the client: the reply to the subscription, before anything that is pushed for it. @internal */
  subscribed(reply: Reply) {
    this.#fromNothing = reply.mode !== 'changes';
    this.#staged.clear();
    if (this.#fromNothing && this.#at === null) this.#tell('snapshot', new Map());
  }

  /** For the client: the socket is gone. @internal */
  offline() {
    this.#staged.clear();
    if (this.#state !== 'closed') this.#tell('stale', new Map());
  }

  /** For the client: what was pushed. @internal */
  pushed(message: Reply) {
    if (this.#state === 'closed') return;
    for (const [id, thing] of Object.entries(message.things as Record<string, Thing<T> | null>)) {
      this.#staged.set(id, thing);
    }
    if (message.more === true) return;
    const changes = new Map<string, Thing<T> | null>();
    if (this.#fromNothing) {
      for (const id of this.#things.keys()) {
        if (this.#staged.get(id) == null) changes.set(id, null);
      }
    }
    for (const [id, thing] of this.#staged) {
      if (thing === null ? this.#things.has(id) : !isSame(this.#things.get(id), thing))
        changes.set(id, thing);
    }
    this.#staged.clear();
    this.#fromNothing = false;
    this.#at = message.at as string;
    for (const [id, thing] of changes) {
      if (thing === null) this.#things.delete(id);
      else this.#things.set(id, thing);
    }
    if (changes.size > 0) this.#items = null;
    this.#settleReady?.resolve();
    this.#settleReady = null;
    if (changes.size > 0 || this.#state !== 'changes') this.#tell('changes', changes);
  }

  /** For the client: nothing more comes. @internal */
  end(error: StoreError) {
    this.#settleReady?.reject(error);
    this.#settleReady = null;
    this.#tell('closed', new Map());
    this.#listeners.clear();
  }

  #tell(state: LiveState, changes: ReadonlyMap<string, Thing<T> | null>) {
    this.#state = state;
    this.#listeners.tell({ state, changes });
  }
}

/** A version of a thing is known by when it was made, its version, its last change and its form. */
function isSame(a: Thing<unknown> | undefined, b: Thing<unknown>) {
  return (
    a !== undefined &&
    a.$version === b.$version &&
    a.$createdAt === b.$createdAt &&
    a.$updatedAt === b.$updatedAt &&
    a.$form === b.$form &&
    a.$type === b.$type
  );
}
