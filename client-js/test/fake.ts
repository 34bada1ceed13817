import type { Outbox, Platform, Socket, Where } from '../src/index.ts';
import { compareBy, valueAt } from '../src/order.ts';

/** Random numbers of a seed, the same on every machine. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Time that moves when everything that is due has been done. */
export class FakeTime {
  now = 1_000_000;
  #due: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.now + ms, order: this.#order++, run };
    this.#due.push(entry);
    return () => {
      const index = this.#due.indexOf(entry);
      if (index >= 0) this.#due.splice(index, 1);
    };
  }

  /** Lets time pass until the condition holds. */
  async until(done: () => boolean, mostMs = 3_600_000) {
    const end = this.now + mostMs;
    for (;;) {
      await settle();
      if (done()) return;
      if (this.#due.length === 0) throw new Error('nothing is due, and the condition does not hold');
      this.#due.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#due.shift() as { at: number; run: () => void };
      if (next.at > end) throw new Error(`the condition does not hold after ${mostMs} ms`);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }

  async pass(ms: number) {
    let over = false;
    this.after(ms, () => {
      over = true;
    });
    await this.until(() => over);
  }
}

/** Lets every promise that can go on do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a network does to messages; chances are 0 to 1. */
export interface Weather {
  delayMs: number;
  /** The socket breaks off in place of carrying a message. */
  cut: number;
  /** The other end is there no more, and nothing says so. */
  halfOpen: number;
}

export const FAIR: Weather = { delayMs: 1, cut: 0, halfOpen: 0 };

type Message = Record<string, unknown>;
type FakeThing = Message & { $id: string; $type: string; $version: number };
interface Sub {
  sub: string;
  $type?: string;
  $ids?: string[];
  where?: Where;
}

/**
 * A store of the contract's rules, small enough to be read: sessions, frames, subscriptions, things in a map. It counts what
 * it carries out, and shows its refusals on request.
 */
export class FakeStore {
  readonly things = new Map<string, FakeThing>();
  /** Writes in the order in which they were carried out. */
  readonly applied: Message[] = [];
  readonly messages: (Message | Message[])[] = [];
  refuse: ((request: Message) => Message | null) | null = null;
  weather: Weather = FAIR;
  token: string | null = null;
  /** What clients have connected to. */
  addresses: string[] = [];
  down = false;
  /** Whether it cannot tell any client what has changed since. */
  forgetful = false;
  readonly time: FakeTime;
  readonly #random: () => number;
  readonly #sessions = new Map<string, { last: number; outcomes: Map<number, Message> }>();
  readonly #changedAt = new Map<string, number>();
  #at = 0;
  #links = new Set<Link>();

  constructor(time: FakeTime, random: () => number) {
    this.time = time;
    this.#random = random;
  }

  get sessions() {
    return this.#sessions.size;
  }

  forgetSessions() {
    this.#sessions.clear();
  }

  /** Every socket breaks off. */
  cutAll() {
    for (const link of [...this.#links]) link.cut(1006, '');
  }

  /** Every client receives a text that its store would not send. */
  tellAll(text: string) {
    for (const link of [...this.#links]) link.socket.onmessage?.({ data: text });
  }

  closeAll(code: number) {
    for (const link of [...this.#links]) link.cut(code, 'because');
  }

  platform(): Platform {
    return {
      open: (url) => {
        this.addresses.push(url);
        return this.#open();
      },
      ticket: () => Promise.reject(new Error('there are no tickets here')),
      now: () => this.time.now,
      after: (ms, run) => this.time.after(ms, run),
      random: this.#random,
      secret: () => `session-${Math.floor(this.#random() * 1e9)}`,
    };
  }

  #open(): Socket {
    const link = new Link(this, this.#random);
    if (this.down) {
      this.time.after(1, () => link.cut(1006, ''));
      return link.socket;
    }
    this.#links.add(link);
    this.time.after(this.weather.delayMs, () => link.socket.onopen?.());
    return link.socket;
  }

  /** A change by somebody else. */
  change(request: Message) {
    this.#apply(request);
    for (const link of this.#links) this.#push(link);
  }

  left(link: Link) {
    this.#links.delete(link);
  }

  received(link: Link, text: string) {
    const message = JSON.parse(text) as Message | Message[];
    this.messages.push(message);
    const replies = (Array.isArray(message) ? message : [message]).map((request) => ({
      id: request.id,
      ...this.#answer(link, request),
    }));
    link.send(Array.isArray(message) ? replies : replies[0]);
    for (const other of this.#links) this.#push(other);
  }

  #answer(link: Link, request: Message): Message {
    const { type } = request;
    const refusal = this.refuse?.(request);
    if (type === 'auth') {
      link.mayEnter = request.token === this.token;
      return link.mayEnter ? { status: 'ok' } : error('FORBIDDEN', 'not this token');
    }
    if (this.token !== null && !link.mayEnter) return error('FORBIDDEN', 'no token yet');
    switch (type) {
      case 'ping':
        return { status: 'ok' };
      case 'hello':
        return refusal ?? this.#hello(link, request);
      case 'read':
        if (refusal) return refusal;
        return {
          status: 'ok',
          things: Object.fromEntries(
            (request.$ids as string[]).flatMap((id) => {
              const thing = this.things.get(id);
              return thing ? [[id, thing]] : [];
            }),
          ),
        };
      case 'query':
        return refusal ?? this.query(request);
      case 'subscribe':
        return refusal ?? this.#subscribe(link, request);
      case 'unsubscribe':
        link.subs.delete(request.sub as string);
        return { status: 'ok' };
      default:
        return this.#write(link, request, refusal ?? null);
    }
  }

  #hello(link: Link, request: Message): Message {
    const name = request.session as string;
    const next = request.next as number;
    let session = this.#sessions.get(name);
    if (session === undefined) {
      if (next > 1) return error('SESSION_EXPIRED', 'not kept');
      session = { last: 0, outcomes: new Map() };
      this.#sessions.set(name, session);
    }
    for (const n of session.outcomes.keys()) if (n < next) session.outcomes.delete(n);
    link.session = name;
    return { status: 'ok', session: name, next: Math.max(next, session.last + 1), at: String(this.#at) };
  }

  #write(link: Link, request: Message, refusal: Message | null): Message {
    const session = this.#sessions.get(link.session ?? '');
    const n = request.n as number;
    if (session === undefined) return error('VALIDATION_ERROR', 'no hello');
    const known = session.outcomes.get(n);
    if (known) return { ...known, replayed: true };
    if (n !== session.last + 1) {
      return error(link.refusedWith ?? 'VALIDATION_ERROR', 'not its turn', { expected: session.last + 1 });
    }
    const passing = ['OVERLOADED', 'UNAVAILABLE', 'RECOVERING', 'PAYLOAD_TOO_LARGE'];
    if (refusal && passing.includes(refusal.code as string)) {
      link.refusedWith = refusal.code as string;
      return refusal;
    }
    link.refusedWith = null;
    const outcome = refusal ?? this.#apply(request);
    session.last = n;
    session.outcomes.set(n, outcome);
    return outcome;
  }

  #apply(request: Message): Message {
    if (request.type === 'batch') {
      return { status: 'ack', results: (request.operations as Message[]).map((each) => this.#apply(each)) };
    }
    const $id = (request.$id ?? (request.data as Message)?.$id) as string;
    const before = this.things.get($id);
    this.applied.push(request);
    this.#at++;
    this.#changedAt.set($id, this.#at);
    if (request.type === 'delete') {
      this.things.delete($id);
      return { status: 'ok' };
    }
    if (request.type === 'update' && !before) return error('NOT_FOUND', 'no such thing');
    const thing = {
      ...(request.type === 'update' && before),
      ...(request.data as Message),
      $id,
      $type: (request.$type ?? before?.$type) as string,
      $version: (before?.$version ?? 0) + 1,
      $createdAt: before?.$createdAt ?? this.time.now,
      $updatedAt: this.time.now,
    };
    this.things.set($id, thing);
    return { status: 'ack', $id, $version: thing.$version };
  }

  /** A page; its cursor is where it ends, which is enough while nothing changes between pages. */
  query(request: Message): Message {
    const { $type, where, orderBy = [], limit = 100, cursor = '0', select } = request;
    const found = [...this.things.values()]
      .filter((thing) => matches({ sub: '', $type: $type as string, where: where as Where }, thing))
      .sort(compareBy(orderBy as string[]));
    const end = Number(cursor) + (limit as number);
    const shows = (name: string) =>
      name.startsWith('$') || (select as string[] | undefined)?.includes(name) !== false;
    return {
      status: 'ok',
      things: found
        .slice(Number(cursor), end)
        .map((thing) => Object.fromEntries(Object.entries(thing).filter(([name]) => shows(name)))),
      ...(end < found.length && { cursor: String(end) }),
      at: String(this.#at),
    };
  }

  #subscribe(link: Link, request: Message): Message {
    const { sub, $type, $ids, where, since } = request as unknown as Sub & { since?: string };
    const fromNothing = since === undefined || this.forgetful;
    link.subs.set(sub, { query: { sub, $type, $ids, where }, at: fromNothing ? -1 : Number(since) });
    return { status: 'ok', sub, mode: fromNothing ? 'snapshot' : 'changes' };
  }

  #push(link: Link) {
    for (const [sub, state] of link.subs) {
      if (state.at === this.#at) continue;
      const things: Record<string, unknown> = {};
      for (const [id, at] of this.#changedAt) {
        if (at <= state.at) continue;
        const thing = this.things.get(id);
        things[id] = thing && matches(state.query, thing) ? thing : null;
      }
      state.at = this.#at;
      // In two parts, of which the first is not to be shown.
      const ids = Object.keys(things);
      const half = ids.length >> 1;
      const part = (some: string[]) => Object.fromEntries(some.map((id) => [id, things[id]]));
      if (half > 0) link.send({ sub, things: part(ids.slice(0, half)), at: '?', more: true });
      link.send({ sub, things: part(ids.slice(half)), at: String(this.#at), more: false });
    }
  }
}

function matches({ $type, $ids, where = {} }: Sub, thing: FakeThing) {
  return $ids !== undefined ? $ids.includes(thing.$id) : thing.$type === $type && holds(where, thing);
}

/** Operators alone, and no literals: what the tests ask for. */
function holds(where: Where, thing: FakeThing): boolean {
  return Object.entries(where).every(([path, condition]) => {
    if (path === '$and') return (condition as Where[]).every((each) => holds(each, thing));
    if (path === '$or') return (condition as Where[]).some((each) => holds(each, thing));
    return meets(condition as Message, valueAt(thing, path));
  });
}

function meets(operators: Message, value: unknown): boolean {
  return Object.entries(operators).every(([operator, literal]) => {
    const comparable =
      typeof value === typeof literal && (typeof value === 'number' || typeof value === 'string');
    switch (operator) {
      case '$eq':
        return value === literal;
      case '$ne':
        return value !== literal;
      case '$in':
        return (literal as unknown[]).includes(value);
      case '$exists':
        return (value !== undefined) === literal;
      case '$not':
        return !meets(literal as Message, value);
      case '$gt':
        return comparable && (value as number) > (literal as number);
      case '$gte':
        return comparable && (value as number) >= (literal as number);
      case '$lt':
        return comparable && (value as number) < (literal as number);
      case '$lte':
        return comparable && (value as number) <= (literal as number);
      default:
        throw new Error(`the fake store does not know ${operator}`);
    }
  });
}

function error(code: string, text: string, details: Message = {}): Message {
  return { status: 'error', code, error: text, details };
}

/** One socket with both of its ends, and the weather between. */
class Link {
  readonly socket: Socket;
  readonly subs = new Map<string, { query: Sub; at: number }>();
  session: string | null = null;
  refusedWith: string | null = null;
  mayEnter = false;
  readonly #store: FakeStore;
  readonly #random: () => number;
  #open = true;
  #deaf = false;
  #toStoreAt = 0;
  #toClientAt = 0;

  constructor(store: FakeStore, random: () => number) {
    this.#store = store;
    this.#random = random;
    this.socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send: (text) => {
        this.#toStoreAt = this.#carry(this.#toStoreAt, () => store.received(this, text));
      },
      close: () => this.#end(),
    };
  }

  send(message: unknown) {
    const data = JSON.stringify(message);
    this.#toClientAt = this.#carry(this.#toClientAt, () => this.socket.onmessage?.({ data }));
  }

  cut(code: number, reason: string) {
    if (!this.#open) return;
    this.#end();
    this.socket.onclose?.({ code, reason });
  }

  #end() {
    this.#open = false;
    this.#store.left(this);
  }

  /** In order, later, or not at all. */
  #carry(notBefore: number, deliver: () => void): number {
    const { delayMs, cut, halfOpen } = this.#store.weather;
    const time = this.#store.time;
    if (this.#random() < halfOpen) this.#deaf = true;
    if (this.#random() < cut) {
      time.after(1, () => this.cut(1006, ''));
      return notBefore;
    }
    const at = Math.max(notBefore, time.now + 1 + Math.floor(this.#random() * delayMs));
    time.after(at - time.now, () => {
      if (this.#open && !this.#deaf) deliver();
    });
    return at;
  }
}

/** An outbox in memory that outlives its clients. */
export class FakeOutbox implements Outbox {
  session = '';
  writes = new Map<number, { n: number; body: Message }>();

  async open() {
    return this.writes.size === 0
      ? null
      : { session: this.session, writes: [...this.writes.values()].sort((a, b) => a.n - b.n) };
  }

  begin(session: string, writes: { n: number; body: Message }[]) {
    this.session = session;
    this.writes = new Map(writes.map((write) => [write.n, write]));
  }

  add(write: { n: number; body: Message }) {
    this.writes.set(write.n, write);
  }

  remove(n: number) {
    this.writes.delete(n);
  }

  close() {}
}
