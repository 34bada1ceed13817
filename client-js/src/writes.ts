import type { Connection } from './connection.ts';
import { errorOf, pauseOf, type StoreError } from './errors.ts';
import { callOut } from './listeners.ts';
import type { Kept, Outbox } from './outbox.ts';
import type { Platform } from './platform.ts';
import { type Printed, print, refusalOf } from './request.ts';
import type { Reply } from './types.ts';

/** A store keeps the outcomes of this many writes that the client may not have heard of. */
const MOST_UNANSWERED = 256;
/** Refusals that leave `n` unused: the write is sent again. */
const PASSING = new Set(['OVERLOADED', 'RECOVERING', 'UNAVAILABLE', 'RATE_LIMITED']);

interface Write {
  n: number;
  body: Record<string, unknown>;
  printed: Printed;
  /** The id it was last sent with, while an answer to that is awaited. */
  sentAs: number | null;
  everSent: boolean;
  resolve(reply: Reply): void;
  reject(error: StoreError): void;
}

/**
 * The writes of one session that wait for their answer, in order.
 *
 * - Each has a number `n`, without gaps; the store carries each number out once, so that a write whose answer was lost
 *   is sent again as it was. At most 256 numbers are on their way.
 * - A refusal that does not use `n` up is no answer: after the pause that it asks for, that write and those behind it are
 *   sent again. Every other answer is the write's outcome.
 * - A number is never given to another write. Where a write has to leave its place (it was too large, the store has
 *   forgotten), the rest goes on in a new session: a copy that is still on its way can then do nothing.
 */
export class Writes {
  readonly #connection: Connection;
  readonly #platform: Platform;
  readonly #outbox: Outbox | null;
  readonly #mostPending: number;
  readonly #changed: () => void;
  readonly #sent = new Map<number, Write>();
  #pending: Write[] = [];
  #session: string;
  #lastN = 0;
  #paused = false;
  /** Whether the outbox has been opened. */
  #keeps = false;
  #cancelPause = () => {};
  #nextId: () => number;
  #idle: (() => void)[] = [];

  constructor(
    connection: Connection,
    platform: Platform,
    outbox: Outbox | null,
    mostPending: number,
    nextId: () => number,
    changed: () => void,
  ) {
    this.#connection = connection;
    this.#platform = platform;
    this.#outbox = outbox;
    this.#mostPending = mostPending;
    this.#nextId = nextId;
    this.#changed = changed;
    this.#session = platform.secret();
  }

  get pending() {
    return this.#pending.length;
  }

  /** Goes on with what an earlier page left; `settled` is told of each outcome. */
  adopt(kept: Kept | null, settled: (body: Record<string, unknown>, error: StoreError | null) => void) {
    const waiting = this.#pending;
    if (kept !== null) {
      this.#session = kept.session;
      this.#pending = kept.writes.map(({ n, body }) => ({
        n,
        body,
        printed: print(body),
        sentAs: null,
        everSent: true,
        resolve: () => callOut(() => settled(body, null)),
        reject: (error) => callOut(() => settled(body, error)),
      }));
      this.#lastN = kept.writes.at(-1)?.n ?? 0;
      for (const write of waiting) write.n = ++this.#lastN;
      this.#pending.push(...waiting);
    }
    this.#keeps = true;
    this.#keepAll();
    this.#changed();
  }

  hello() {
    return { session: this.#session, next: this.#pending[0]?.n ?? this.#lastN + 1 };
  }

  add(body: Record<string, unknown>): Promise<Reply> {
    const printed = print(body);
    const refusal = refusalOf(printed, 'writes', this.#pending.length, this.#mostPending);
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const write = { n: ++this.#lastN, body, printed, sentAs: null, everSent: false, resolve, reject };
      this.#pending.push(write);
      if (this.#keeps) this.#outbox?.add({ n: write.n, body });
      this.#changed();
      this.#pump();
    });
  }

  /** When every write so far has its answer. */
  settled(): Promise<void> {
    return this.#pending.length === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#idle.push(resolve);
        });
  }

  online(reply: Reply) {
    const next = reply.next as number;
    if (this.#pending.length === 0) this.#lastN = Math.max(this.#lastN, next - 1);
    this.#pump();
  }

  offline() {
    this.#cancelPause();
    this.#paused = false;
    this.#forgetSent();
  }

  /** What was never sent goes on in a new session; whether the rest was carried out cannot be known. */
  sessionExpired(error: StoreError) {
    const unknown = this.#pending.filter(({ everSent }) => everSent);
    this.#pending = this.#pending.filter(({ everSent }) => !everSent);
    this.#beginAnew();
    for (const write of unknown) write.reject(error);
  }

  /** Whether the reply was to a write of this session. */
  received(reply: Reply): boolean {
    const write = this.#sent.get(reply.id as number);
    if (write === undefined) return false;
    this.#sent.delete(reply.id as number);
    write.sentAs = null;
    if (reply.status !== 'error') {
      this.#remove(write);
      write.resolve(reply);
    } else if (PASSING.has(reply.code as string)) {
      this.#pause(pauseOf(reply));
    } else if (reply.code === 'VALIDATION_ERROR' && typeof reply.details?.expected === 'number') {
      this.#outOfOrder(reply.details.expected);
    } else if (reply.code === 'PAYLOAD_TOO_LARGE' || reply.code === 'PARSE_ERROR') {
      this.#remove(write);
      this.#restart();
      write.reject(errorOf(reply));
    } else {
      this.#remove(write);
      write.reject(errorOf(reply));
    }
    this.#pump();
    return true;
  }

  close(error: StoreError) {
    this.#cancelPause();
    this.#sent.clear();
    const open = this.#pending;
    this.#pending = [];
    this.#outbox?.close();
    for (const write of open) write.reject(error);
    this.#settle();
  }

  #pump() {
    if (this.#paused || !this.#connection.online || this.#pending.length === 0) return;
    const end = this.#pending[0].n + MOST_UNANSWERED;
    for (const write of this.#pending) {
      if (write.n >= end) return;
      if (write.sentAs !== null) continue;
      const id = this.#nextId();
      write.sentAs = id;
      write.everSent = true;
      this.#sent.set(id, write);
      this.#connection.send(write.printed, id, write.n);
    }
  }

  #pause(ms: number) {
    if (this.#paused) return;
    this.#paused = true;
    this.#cancelPause = this.#platform.after(ms, () => {
      this.#paused = false;
      this.#pump();
    });
  }

  /** A write arrived before its turn: the store still expects an earlier one. */
  #outOfOrder(expected: number) {
    const first = this.#pending[0].n;
    if (expected < first) this.#restart();
  }

  #restart() {
    this.#beginAnew();
    this.#connection.greetAgain();
  }

  #beginAnew() {
    this.#forgetSent();
    this.#session = this.#platform.secret();
    this.#lastN = 0;
    for (const write of this.#pending) write.n = ++this.#lastN;
    this.#keepAll();
    this.#changed();
  }

  #keepAll() {
    this.#outbox?.begin(
      this.#session,
      this.#pending.map(({ n, body }) => ({ n, body })),
    );
  }

  #forgetSent() {
    this.#sent.clear();
    for (const write of this.#pending) write.sentAs = null;
  }

  #remove(write: Write) {
    this.#pending.splice(this.#pending.indexOf(write), 1);
    this.#outbox?.remove(write.n);
    this.#changed();
    if (this.#pending.length === 0) this.#settle();
  }

  #settle() {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
