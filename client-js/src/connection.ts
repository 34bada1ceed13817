import { errorOf, StoreError } from './errors.ts';
import { PATIENCE_MS, type Platform, type Socket } from './platform.ts';
import { MESSAGE_BYTES, type Printed, textOf } from './request.ts';
import type { Reply } from './types.ts';

/** A frame has at most so many requests. */
const FRAME_REQUESTS = 1_000;

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
/** A socket that stayed open that long was a success: the next loss begins at the shortest backoff. */
const STEADY_MS = 1_000;

/** Whom a connection tells what happens to it. */
export interface Owner {
  /** The hello of the session, without an id. */
  hello(): Record<string, unknown>;
  /** The store does not keep the session: another hello follows. */
  sessionExpired(error: StoreError): void;
  online(reply: Reply): void;
  /** The socket is gone; what was sent may or may not have arrived. */
  offline(error: StoreError): void;
  received(message: Reply): void;
}

/**
 * One socket at a time to a store, opened again when it is lost.
 *
 * States and what leads from one to the next:
 *
 * | state    | meaning                                  | next |
 * | -------- | ---------------------------------------- | ---- |
 * | opening  | token and address come, a socket opens   | greeting, waiting |
 * | greeting | auth and hello are on their way          | online, waiting |
 * | online   | requests leave, in frames                | greeting (another session), waiting |
 * | waiting  | a pause before the next attempt          | opening |
 * | closed   | for good                                 | |
 *
 * Requests of one microtask leave as one frame. A pause is random between half and all of its length, which
 * doubles from 100 ms to 10 s with each attempt that fails.
 */
export class Connection {
  readonly #url: () => string | Promise<string>;
  readonly #token: (() => string | Promise<string>) | null;
  readonly #heartbeatMs: number;
  readonly #patienceMs: number;
  readonly #platform: Platform;
  readonly #owner: Owner;
  #state: 'opening' | 'greeting' | 'online' | 'waiting' | 'closed' = 'waiting';
  #socket: Socket | null = null;
  #failures = 0;
  #onlineSince = 0;
  /** Whether the next socket brings a ticket: one without a token is let in only where JSON Web Tokens are. */
  #byTicket = false;
  #cancelTimer = () => {};
  #outgoing: Printed[] = [];

  constructor(
    url: () => string | Promise<string>,
    token: (() => string | Promise<string>) | null,
    heartbeatMs: number,
    platform: Platform,
    owner: Owner,
  ) {
    this.#url = url;
    this.#token = token;
    this.#heartbeatMs = heartbeatMs;
    // Less where pings are frequent.
    this.#patienceMs = heartbeatMs === 0 ? PATIENCE_MS : Math.min(PATIENCE_MS, 2 * heartbeatMs);
    this.#platform = platform;
    this.#owner = owner;
  }

  get online() {
    return this.#state === 'online';
  }

  /** From waiting: the next attempt, now. */
  async open(): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#state = 'opening';
    let token: string | null = null;
    try {
      token = this.#token === null ? null : await this.#token();
    } catch (cause) {
      this.#wait(new StoreError('FORBIDDEN', `no token could be had: ${messageOf(cause)}`));
      return;
    }
    let socket: Socket;
    try {
      let url = await this.#url();
      if (token !== null && this.#byTicket) {
        this.#byTicket = false;
        url += `?ticket=${await this.#platform.ticket(url, token)}`;
        this.#byTicket = true;
        token = null;
      }
      if (this.#state !== 'opening') return;
      socket = this.#platform.open(url);
    } catch (cause) {
      this.#wait(cause instanceof StoreError ? cause : new StoreError('UNAVAILABLE', messageOf(cause)));
      return;
    }
    this.#socket = socket;
    const lost = (why: string) => {
      if (this.#socket !== socket) return;
      if (this.#state === 'opening') this.#byTicket = !this.#byTicket;
      this.#wait(new StoreError('UNAVAILABLE', why));
    };
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#state = 'greeting';
      if (token === null) this.#greet();
      else this.#sendNow({ type: 'auth', id: 'auth', token });
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(data);
    };
    socket.onclose = ({ code, reason }) => lost(`the socket was closed with ${code} ${reason}`);
    socket.onerror = () => lost('the socket failed');
    this.#timer(this.#patienceMs, () => lost(`no greeting within ${this.#patienceMs} ms`));
  }

  /** Another hello on the same socket; nothing else leaves before it is answered. */
  greetAgain() {
    if (this.#state !== 'online') return;
    this.#flush();
    this.#state = 'greeting';
    this.#greet();
  }

  /** A request that leaves at the end of this microtask; only while online. */
  send(request: Printed, id: number, n?: number) {
    if (this.#outgoing.push({ text: textOf(request, id, n), bytes: request.bytes }) === 1) {
      queueMicrotask(() => this.#flush());
    }
  }

  close() {
    this.#state = 'closed';
    this.#drop();
  }

  #flush() {
    if (this.#state !== 'online') return;
    const requests = this.#outgoing;
    this.#outgoing = [];
    for (let from = 0; from < requests.length; ) {
      let to = from + 1;
      let bytes = requests[from].bytes + 2;
      while (
        to < requests.length &&
        to - from < FRAME_REQUESTS &&
        bytes + requests[to].bytes < MESSAGE_BYTES
      ) {
        bytes += requests[to++].bytes + 1;
      }
      const texts = requests.slice(from, to).map(({ text }) => text);
      this.#socket?.send(texts.length === 1 ? texts[0] : `[${texts.join()}]`);
      from = to;
    }
  }

  #greet() {
    this.#timer(this.#patienceMs, () => this.#wait(new StoreError('UNAVAILABLE', 'no answer to a hello')));
    // As a frame: replies and pushes then come in frames too.
    this.#socket?.send(JSON.stringify([{ ...this.#owner.hello(), type: 'hello', id: 'hello' }]));
  }

  #sendNow(request: Record<string, unknown>) {
    this.#socket?.send(JSON.stringify(request));
  }

  #receive(data: unknown) {
    let messages: Reply[];
    try {
      messages = [
        JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer)),
      ].flat();
    } catch {
      this.#wait(new StoreError('PARSE_ERROR', 'the store sent what is no JSON'));
      return;
    }
    if (!messages.every((one) => one instanceof Object && !Array.isArray(one))) {
      this.#wait(new StoreError('PARSE_ERROR', 'the store sent what is no object'));
      return;
    }
    if (this.#state === 'online') this.#heartbeat();
    for (const one of messages) {
      if (one.id === 'auth') this.#authenticated(one);
      else if (one.id === 'hello') this.#greeted(one);
      else if (one.id !== 'ping') this.#owner.received(one);
    }
  }

  #authenticated(reply: Reply) {
    if (this.#state !== 'greeting') return;
    if (reply.status === 'error') this.#wait(errorOf(reply));
    else this.#greet();
  }

  #greeted(reply: Reply) {
    if (this.#state !== 'greeting') return;
    if (reply.status !== 'error') {
      this.#state = 'online';
      this.#onlineSince = this.#platform.now();
      this.#heartbeat();
      this.#owner.online(reply);
    } else if (reply.code === 'SESSION_EXPIRED') {
      this.#owner.sessionExpired(errorOf(reply));
      this.#greet();
    } else if (typeof reply.details?.retryAfterMs === 'number') {
      this.#timer(reply.details.retryAfterMs, () => this.#greet());
    } else {
      this.#wait(errorOf(reply));
    }
  }

  /** After a silence a ping asks whether the other end is there; without an answer the socket is dropped. */
  #heartbeat() {
    if (this.#heartbeatMs === 0) {
      this.#cancelTimer();
      return;
    }
    this.#timer(this.#heartbeatMs, () => {
      this.#sendNow({ type: 'ping', id: 'ping' });
      this.#timer(this.#patienceMs, () => this.#wait(new StoreError('UNAVAILABLE', 'no answer to a ping')));
    });
  }

  /** The socket is gone, or there never was one: the next attempt follows a pause. */
  #wait(error: StoreError) {
    if (this.#state === 'closed' || this.#state === 'waiting') return;
    if (this.#state === 'online' && this.#platform.now() - this.#onlineSince >= STEADY_MS) {
      this.#failures = 0;
    }
    this.#state = 'waiting';
    this.#drop();
    const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++);
    this.#timer(longest * (0.5 + this.#platform.random() / 2), () => void this.open());
    this.#owner.offline(error);
  }

  #drop() {
    this.#cancelTimer();
    this.#outgoing = [];
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    socket.close(1000);
  }

  /** One timer at a time: each state waits for one thing. */
  #timer(ms: number, run: () => void) {
    this.#cancelTimer();
    this.#cancelTimer = this.#platform.after(ms, run);
  }
}

function messageOf(cause: unknown) {
  return cause instanceof Error ? cause.message : String(cause);
}
