import { open } from '#core';
import { IncomingBody, streamOf } from './bodies.js';
import { Host } from './host.js';
import { icebergFrom } from '@unified-storage/iceberg-reader';
import { Socket } from './socket.js';
import { target } from './target.js';
import { Tokens } from './tokens.js';
import {
  changesOf,
  hooksOf,
  listenerOf,
  outcomeOf,
  REQUEST,
  ruleOf,
  StoreError,
  upcastOf,
  Verbs,
} from './verbs.js';

/** The most bytes of a request's body that are read; what has more is over every limit. */
const MAX_BODY_BYTES = 1024 * 1024;
const NOT_MODIFIED = 304;
const SWITCHING_PROTOCOLS = 101;

/** The headers that the Worker in front sets, encoded because headers have no more than Latin-1. */
const CARRIED = 'x-unified-storage-';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @import { StoreRequest, UnifiedStoreConfig, UnifiedStoreEnv, UnifiedStoreDO as Api } from './index.js'
 * @import { Ending } from './core.js'
 */

/**
 * One Durable Object's store, to be used inside a class of your own.
 *
 * It restores itself at once, behind `blockConcurrencyWhile`; only what has to be fetched from the
 * archive goes on in the background, and until then requests are answered `RECOVERING`.
 */
export class UnifiedStoreDO extends Verbs {
  #core;
  #started;
  #state;

  /**
   * @param {DurableObjectState} state
   * @param {UnifiedStoreEnv} env
   * @param {UnifiedStoreConfig} [config]
   */
  constructor(state, env, config = {}) {
    super();
    const { namespace, iceberg, tracing, onWrite, onChange, onUpcast, ...options } = {
      ...hooksOf(this),
      ...config,
    };
    this.#state = state;
    const bindings = {
      pipeline: env.EVENTS,
      deadLetters: env.DLQ,
      archive: iceberg ?? env.ICEBERG ?? icebergFrom(env),
      directory: env.DIRECTORY,
      metrics: env.METRICS,
      tracing,
    };
    const host = new Host(state, bindings, Tokens.from(env), siblingsIn(env, state));
    this.#core = open(host, namespace ?? state.id.name ?? state.id.toString(), env, options);
    if (onWrite) this.#core.judge(ruleOf(onWrite));
    if (onUpcast) this.#core.upcast(upcastOf(onUpcast));
    if (onChange) this.#core.follow(listenerOf(({ things }) => onChange(changesOf(things))));
    this.#started = promise((ended) => {
      state.blockConcurrencyWhile(async () => this.#core.start(ended));
    });
    // A caller that awaits onStart sees it; the log and every reply have it anyway.
    this.#started.catch(() => {});
  }

  /** Resolves when the state has been restored; rejects when it cannot be. */
  onStart() {
    return this.#started;
  }

  /** Writes what is dirty to SQLite. */
  beforeHibernation() {
    return promise((ended) => this.#core.beforeHibernation(ended));
  }

  // Each resolves when the reply has been sent.

  /** @type {Api['handleCreate']} */
  handleCreate(ws, msg) {
    return this.#handle(ws, msg, 'create');
  }

  /** @type {Api['handleRead']} */
  handleRead(ws, msg) {
    return this.#handle(ws, msg, 'read');
  }

  /** @type {Api['handleUpdate']} */
  handleUpdate(ws, msg) {
    return this.#handle(ws, msg, 'update');
  }

  /** @type {Api['handleDelete']} */
  handleDelete(ws, msg) {
    return this.#handle(ws, msg, 'delete');
  }

  /** @type {Api['handleBatch']} */
  handleBatch(ws, msg) {
    return this.#handle(ws, msg, 'batch');
  }

  /**
   * @param {WebSocket} ws
   * @param {StoreRequest} msg
   * @param {string} type
   * @returns {Promise<void>}
   */
  #handle(ws, msg, type) {
    return new Promise((resolve) => {
      const socket = new Socket(ws, resolve);
      this.#core.handle(socket, { ...msg, type });
    });
  }

  /** @type {Api['subscribe']} */
  subscribe(filter, listener, onError = console.error) {
    const failed = (error) => onError(new StoreError('UNAVAILABLE', error));
    return this.#core.subscribe({ ...filter }, listenerOf(listener), failed) ?? (() => {});
  }

  /**
   * Takes what the store of another namespace hands over, as in a fork.
   *
   * @type {Api['told']}
   */
  told(text) {
    return new Promise((resolve) => this.#core.told(text, resolve));
  }

  /** As text, because what a caller has passed in is the caller's to change. */
  [REQUEST](request) {
    return new Promise((resolve) => {
      this.#core.call(JSON.stringify({ id: 0, ...request }), resolve);
    }).then(outcomeOf);
  }

  /**
   * Answers one message as it came from a socket: text, or UTF-8 bytes.
   *
   * @type {Api['handleMessage']}
   */
  handleMessage(ws, message) {
    const socket = new Socket(ws);
    let text;
    try {
      text = typeof message === 'string' ? message : utf8.decode(message);
    } catch {
      this.#core.malformedMessage(socket);
      return;
    }
    this.#core.message(socket, text);
  }

  /**
   * Says that a socket has closed and how many are left: after the last one, dirty data is saved.
   *
   * @type {Api['handleClose']}
   */
  handleClose(openSockets, ws) {
    this.#core.closed(ws ? new Socket(ws) : null, openSockets);
  }

  /**
   * Opens a socket for a request that asks for one, if its client may: the answer to it. The socket
   * is one that hibernates, and what its client may do is kept with it.
   *
   * @type {Api['handleUpgrade']}
   */
  handleUpgrade(request) {
    const answer = this.#core.admit(target(request.url), headersOf(request));
    if (answer.status() !== SWITCHING_PROTOCOLS) {
      const headers = new Headers({ 'content-type': answer.contentType() });
      for (let i = 0; i < answer.headers(); i += 2) headers.set(answer.header(i), answer.header(i + 1));
      return new Response(answer.body(), { status: answer.status(), headers });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#state.acceptWebSocket(server);
    const grant = answer.grant();
    if (grant) this.#core.opened(new Socket(server), grant);
    return new Response(null, { status: SWITCHING_PROTOCOLS, webSocket: client });
  }

  /**
   * Answers a request to one of a store's routes, such as /stats, /requests or /things/{id}.
   *
   * @type {Api['handleRequest']}
   */
  async handleRequest(request) {
    const path = target(request.url);
    const stream = this.#core.streams(request.method, path) ? new IncomingBody(request.body) : null;
    const body = request.body && !stream ? await textOf(request.body) : '';
    return new Promise((resolve) => {
      /** @type {import('./core.js').Answer} */
      const answer = (status, type, text, more, parts) => {
        const headers = new Headers({ 'content-type': type });
        for (let i = 0; more && i < more.length; i += 2) headers.set(more[i], more[i + 1]);
        const whole = status === NOT_MODIFIED ? null : text;
        resolve(new Response(parts ? streamOf(parts) : whole, { status, headers }));
      };
      if (typeof body === 'string') {
        this.#core.ask(request.method, path, body, stream, headersOf(request), answer);
      } else {
        this.#core.refuseBody(body.tooLarge, answer);
      }
    });
  }

  /**
   * The thing in its last durable version, from memory; null when there is none.
   *
   * @type {Api['get']}
   */
  get(id) {
    return outcomeOf(this.#core.get(String(id))).thing;
  }

  /**
   * The ids of what was created, changed or deleted since SQLite last had everything.
   *
   * @type {Api['getDirtyEntries']}
   */
  getDirtyEntries() {
    return new Set(this.#core.dirtyIds());
  }

  /**
   * Writes what is dirty to SQLite now.
   *
   * @type {Api['checkpoint']}
   */
  checkpoint() {
    return new Promise((resolve, reject) => {
      this.#core.request('POST', '/checkpoint', (status, type, text) => {
        const answer = JSON.parse(/** @type {string} */ (text));
        if (status === 200) resolve(answer);
        else reject(new Error(answer.error.message));
      });
    });
  }

  /** To be called from the object's alarm(). */
  handleAlarm() {
    this.#core.alarm();
  }
}

/**
 * @param {Request} request
 * @returns {import('./core.js').HeadersOf}
 */
function headersOf({ headers }) {
  return (name) => {
    const value = headers.get(name);
    return value !== null && name.startsWith(CARRIED) ? decodeURIComponent(value) : value;
  };
}

/**
 * A promise of something that ends with null or with an error's text.
 *
 * @param {(ended: Ending) => void} start
 * @returns {Promise<void>}
 */
function promise(start) {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(new Error(error))));
  });
}

/**
 * A body's text, or why it has none.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {Promise<string | { tooLarge: boolean }>}
 */
async function textOf(body) {
  const chunks = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return { tooLarge: true };
    chunks.push(chunk);
  }
  try {
    return utf8.decode(await new Blob(chunks).arrayBuffer());
  } catch {
    return { tooLarge: false };
  }
}

/**
 * The binding of the object's own class: the one that gives its name its id.
 *
 * @param {Record<string, any>} env
 * @param {DurableObjectState} state
 * @returns {DurableObjectNamespace | undefined}
 */
function siblingsIn(env, state) {
  const { id } = state;
  if (id.name === undefined) return undefined;
  return Object.values(env).find(
    (value) => value?.constructor?.name === 'DurableObjectNamespace' && value.idFromName(id.name).equals(id),
  );
}
