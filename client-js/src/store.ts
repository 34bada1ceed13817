import { Connection } from './connection.ts';
import { errorOf, pauseOf, StoreError } from './errors.ts';
import { Listeners } from './listeners.ts';
import { type LiveQuery, LiveSet } from './live.ts';
import type { Outbox } from './outbox.ts';
import { hostPlatform, type Platform } from './platform.ts';
import { type Printed, print, refusalOf } from './request.ts';
import type {
  CreateOptions,
  DeleteOptions,
  Edits,
  Operation,
  Page,
  PutOptions,
  Query,
  Reply,
  SyncStatus,
  Thing,
  TypeMap,
  Where,
  Written,
} from './types.ts';
import { Writes } from './writes.ts';

export interface ConnectOptions {
  /** The store's socket, `wss://example.com/stores/board`, or what gives it for each attempt to connect: with a ticket. */
  url: string | (() => string | Promise<string>);
  /** A token, or what gives a fresh one for each attempt to connect. */
  token?: string | (() => string | Promise<string>);
  /** Keeps unanswered writes where they outlive the page: `indexedDbOutbox('board')`. */
  outbox?: Outbox;
  /** What became of a write of an earlier page: its request, and the error or null. */
  onSettled?: (request: Record<string, unknown>, error: StoreError | null) => void;
  /** Requests that wait for an answer, writes and others each; 10,000 when absent. */
  maxPending?: number;
  /** Milliseconds of silence after which a ping asks whether the store is there; 30,000 when absent, 0: never. */
  heartbeatMs?: number;
  /** For tests: another clock, other sockets. */
  platform?: Platform;
}

interface Question {
  type: unknown;
  printed: Printed;
  sent: boolean;
  resolve(reply: Reply): void;
  reject(error: StoreError): void;
}

const MOST_PENDING = 10_000;
const HEARTBEAT_MS = 30_000;
const PASSING = new Set(['OVERLOADED', 'RECOVERING', 'RATE_LIMITED']);

type Name<Types> = keyof Types & string;

/**
 * A client of one store.
 *
 * - Writes are carried out in the order of their calls and once each, whatever the network does; their promises
 *   resolve when the store has made them durable. While there is no connection they wait.
 * - Reads, queries and counts are asked again after a lost connection.
 * - Live sets go on where they were.
 * - Everything that waits is bounded by `maxPending`; past it a call is refused with `QUEUE_FULL`.
 *
 * Refusals are {@link StoreError}s.
 */
export class Store<Types extends TypeMap = Record<string, Record<string, unknown>>> {
  readonly #connection: Connection;
  readonly #platform: Platform;
  readonly #mostPending: number;
  readonly #writes: Writes;
  readonly #questions = new Map<number, Question>();
  readonly #live = new Map<string, LiveSet<unknown>>();
  readonly #listeners = new Listeners<SyncStatus>();
  #status: SyncStatus = { online: false, pending: 0, lastSyncedAt: null, error: null };
  #lastId = 0;
  #lastSub = 0;
  /** Whether the socket has not been told of the live sets yet. */
  #fresh = true;
  #closed = false;

  constructor(options: ConnectOptions) {
    const { token, url } = options;
    this.#platform = options.platform ?? hostPlatform;
    this.#mostPending = options.maxPending ?? MOST_PENDING;
    this.#connection = new Connection(
      typeof url === 'string' ? () => url : url,
      token === undefined ? null : typeof token === 'string' ? () => token : token,
      options.heartbeatMs ?? HEARTBEAT_MS,
      this.#platform,
      {
        hello: () => this.#writes.hello(),
        sessionExpired: (error) => this.#writes.sessionExpired(error),
        online: (reply) => this.#online(reply),
        offline: (error) => this.#offline(error),
        received: (message) => this.#received(message),
      },
    );
    const outbox = options.outbox ?? null;
    this.#writes = new Writes(
      this.#connection,
      this.#platform,
      outbox,
      this.#mostPending,
      () => ++this.#lastId,
      () => this.#tell({ pending: this.#writes.pending }),
    );
    void this.#start(outbox, options.onSettled ?? (() => {}));
  }

  async #start(outbox: Outbox | null, settled: NonNullable<ConnectOptions['onSettled']>) {
    try {
      this.#writes.adopt(outbox === null ? null : await outbox.open(), settled);
    } catch (cause) {
      this.#tell({ error: new StoreError('UNAVAILABLE', `the outbox cannot be opened: ${cause}`) });
    }
    if (this.#closed) outbox?.close();
    else await this.#connection.open();
  }

  /** How things stand; the same object until something changes. */
  get status(): SyncStatus {
    return this.#status;
  }

  /** Calls at every change of the status; the answer ends that. What a listener throws disturbs no other. */
  onStatus(listener: (status: SyncStatus) => void): () => void {
    return this.#listeners.add(listener);
  }

  create<N extends Name<Types>>(
    $type: N,
    data: Types[N] & { $id?: string },
    options: CreateOptions = {},
  ): Promise<Written<Types[N]>> {
    const { id, ...rest } = options;
    return this.#write({
      type: 'create',
      $type,
      data: id === undefined ? data : { ...data, $id: id },
      ...rest,
    });
  }

  /** Creates the thing, or replaces all its own fields. */
  put<N extends Name<Types>>(
    $type: N,
    $id: string,
    data: Types[N],
    options: PutOptions = {},
  ): Promise<Written<Types[N]>> {
    return this.#write({ type: 'put', $type, $id, data, ...options });
  }

  update<N extends Name<Types>>($id: string, edits: Edits<Types[N]>): Promise<Written<Types[N]>> {
    return this.#write({ type: 'update', $id, ...edits });
  }

  async delete($id: string, options: DeleteOptions = {}): Promise<void> {
    await this.#write({ type: 'delete', $id, ...options });
  }

  /** Up to 1,000 operations; atomic: all or nothing. Each result is what the operation alone would be answered. */
  async batch(operations: Operation[], options: { atomic?: boolean } = {}): Promise<Reply[]> {
    const reply = await this.#add({ type: 'batch', operations, ...options });
    return reply.results as Reply[];
  }

  /** Things by their ids; those that are absent are left out. */
  async read<T = Types[Name<Types>]>(
    $ids: string[],
    options: { at?: unknown } = {},
  ): Promise<Map<string, Thing<T>>> {
    const reply = await this.#ask({ type: 'read', $ids, ...options });
    return new Map(Object.entries(reply.things as Record<string, Thing<T>>));
  }

  /** One thing; undefined when there is none. */
  async get<T = Types[Name<Types>]>($id: string): Promise<Thing<T> | undefined> {
    return (await this.read<T>([$id])).get($id);
  }

  async query<N extends Name<Types>>(query: Query & { $type: N }): Promise<Page<Types[N]>> {
    return (await this.#ask({ type: 'query', ...query })) as unknown as Page<Types[N]>;
  }

  /** Every thing of a query, page by page. */
  async *pages<N extends Name<Types>>(query: Query & { $type: N }): AsyncGenerator<Thing<Types[N]>[]> {
    for (let cursor = query.cursor; ; ) {
      const page: Page<Types[N]> = await this.query(cursor === undefined ? query : { ...query, cursor });
      yield page.things;
      cursor = page.cursor;
      if (cursor === undefined) return;
    }
  }

  async count($type: Name<Types>, where?: Where): Promise<number> {
    return (await this.#ask({ type: 'count', $type, ...(where && { where }) })).count as number;
  }

  /** A set of things that follows the store until it is closed. */
  live<N extends Name<Types>>(query: LiveQuery & { $type?: N }): LiveSet<Types[N]> {
    const sub = `live-${++this.#lastSub}`;
    const set = new LiveSet<Types[N]>(sub, query, {
      ask: (request) => this.#ask(request),
      forget: (gone) => {
        this.#live.delete(gone);
        if (!this.#fresh) this.#ask({ type: 'unsubscribe', sub: gone }).catch(() => {});
      },
    });
    if (this.#closed) {
      set.end(closedError());
      return set;
    }
    this.#live.set(sub, set as LiveSet<unknown>);
    if (!this.#fresh) set.online();
    return set;
  }

  /** When every write so far has its answer. */
  settled(): Promise<void> {
    return this.#writes.settled();
  }

  /** Ends everything; what waits is rejected with `CLOSED`, what an outbox keeps is sent by the next page. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
    const error = closedError();
    this.#writes.close(error);
    for (const { reject } of this.#questions.values()) reject(error);
    this.#questions.clear();
    for (const set of this.#live.values()) set.end(error);
    this.#live.clear();
    this.#tell({ online: false });
  }

  #write<T>(body: Record<string, unknown>): Promise<Written<T>> {
    return this.#add(body) as unknown as Promise<Written<T>>;
  }

  #add(body: Record<string, unknown>): Promise<Reply> {
    return this.#closed ? Promise.reject(closedError()) : this.#writes.add(body);
  }

  #ask(body: Record<string, unknown>): Promise<Reply> {
    if (this.#closed) return Promise.reject(closedError());
    const printed = print(body);
    const refusal = refusalOf(printed, 'requests', this.#questions.size, this.#mostPending);
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const question = { type: body.type, printed, sent: false, resolve, reject };
      this.#questions.set(id, question);
      this.#send(id, question);
    });
  }

  #send(id: number, question: Question) {
    if (!this.#connection.online) return;
    question.sent = true;
    this.#connection.send(question.printed, id);
  }

  #online(reply: Reply) {
    this.#tell({ online: true, error: null, lastSyncedAt: this.#platform.now() });
    this.#writes.online(reply);
    for (const [id, question] of this.#questions) {
      if (!question.sent) this.#send(id, question);
    }
    if (this.#fresh) {
      this.#fresh = false;
      for (const set of this.#live.values()) set.online();
    }
  }

  #offline(error: StoreError) {
    this.#fresh = true;
    this.#writes.offline();
    for (const [id, question] of this.#questions) {
      question.sent = false;
      // A live set asks anew for itself, with the position it has come to.
      if (question.type === 'subscribe' || question.type === 'unsubscribe') this.#questions.delete(id);
    }
    for (const set of [...this.#live.values()]) set.offline();
    this.#tell({ online: false, error });
  }

  #received(message: Reply) {
    this.#status = { ...this.#status, lastSyncedAt: this.#platform.now() };
    if (message.sub !== undefined && message.id === undefined) {
      this.#live.get(message.sub as string)?.pushed(message);
      return;
    }
    if (this.#writes.received(message)) return;
    const id = message.id as number;
    const question = this.#questions.get(id);
    if (question === undefined) return;
    if (message.status === 'error' && PASSING.has(message.code as string)) {
      question.sent = false;
      this.#platform.after(pauseOf(message), () => {
        if (this.#questions.get(id) === question && !question.sent) this.#send(id, question);
      });
      return;
    }
    this.#questions.delete(id);
    if (message.status === 'error') {
      question.reject(errorOf(message));
      return;
    }
    if (question.type === 'subscribe') this.#live.get(message.sub as string)?.subscribed(message);
    question.resolve(message);
  }

  #tell(change: Partial<SyncStatus>) {
    this.#status = { ...this.#status, ...change };
    this.#listeners.tell(this.#status);
  }
}

function closedError() {
  return new StoreError('CLOSED', 'the client is closed');
}

/** Opens a client of a store; it connects by itself, now and after every loss. */
export function connect<Types extends TypeMap = Record<string, Record<string, unknown>>>(
  options: ConnectOptions,
): Store<Types> {
  return new Store<Types>(options);
}
