import { open } from '#core';
import { Host } from './host.js';
import { icebergFrom } from 'iceberg-reader-js';
import { target } from './target.js';

/** The most bytes of a request's body that are read; what has more is over every limit. */
const MAX_BODY_BYTES = 1024 * 1024;
const NOT_MODIFIED = 304;

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
export class UnifiedStoreDO {
  #core;
  #started;

  /**
   * @param {DurableObjectState} state
   * @param {UnifiedStoreEnv} env
   * @param {UnifiedStoreConfig} [config]
   */
  constructor(state, env, config = {}) {
    const { namespace, iceberg, ...options } = config;
    const host = new Host(state, {
      pipeline: env.EVENTS,
      deadLetters: env.DLQ,
      archive: iceberg ?? icebergFrom(env),
    });
    this.#core = open(host, namespace ?? state.id.name ?? state.id.toString(), env, options);
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
      this.#core.message(socket, JSON.stringify({ ...msg, type }));
    });
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
  handleClose(openSockets) {
    this.#core.closed(openSockets);
  }

  /**
   * Answers a request to one of a store's routes, such as /stats, /requests or /things/{id}.
   *
   * @type {Api['handleRequest']}
   */
  async handleRequest(request) {
    const body = request.body ? await textOf(request.body) : '';
    return new Promise((resolve) => {
      const answer = (status, type, text, etag) => {
        const headers = new Headers({ 'content-type': type });
        if (etag !== null) headers.set('etag', etag);
        resolve(new Response(status === NOT_MODIFIED ? null : text, { status, headers }));
      };
      if (typeof body === 'string') {
        const ifNoneMatch = request.headers.get('if-none-match');
        this.#core.ask(request.method, target(request.url), body, ifNoneMatch, answer);
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
    const { thing, error } = JSON.parse(this.#core.get(String(id)));
    if (error !== undefined) throw new Error(error);
    return thing;
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
        const answer = JSON.parse(text);
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

/** A socket as the core sees it: what is done to one that has gone does nothing. */
class Socket {
  #ws;
  #sent;

  /**
   * @param {WebSocket} ws
   * @param {() => void} [sent]
   */
  constructor(ws, sent) {
    this.#ws = ws;
    this.#sent = sent;
  }

  /** @param {string} text */
  send(text) {
    this.#try(() => this.#ws.send(text));
    this.#sent?.();
  }

  unsentBytes() {
    return this.#ws.bufferedAmount ?? 0;
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    this.#try(() => this.#ws.close(code, reason));
    this.#sent?.();
  }

  /** @param {() => void} action */
  #try(action) {
    try {
      action();
    } catch {
      // It has closed meanwhile, and no client is left to be told.
    }
  }
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
