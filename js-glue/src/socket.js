/** Under which name a socket's attachment has what the core keeps; other names are the user's. */
const KEPT = 'unifiedStorage';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @type {WeakMap<WebSocket, number>} */
const ids = new WeakMap();
let lastId = 0;

/**
 * A socket as the core sees it: what is done to one that has gone does nothing.
 *
 * @implements {CoreSocket}
 * @import { Socket as CoreSocket } from './core.js'
 */
export class Socket {
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

  id() {
    let id = ids.get(this.#ws);
    if (id === undefined) {
      id = ++lastId;
      ids.set(this.#ws, id);
    }
    return id;
  }

  /** Who is at its other end, for the application's rule. */
  get caller() {
    return { via: 'socket', socket: this.#ws };
  }

  /** @param {string} text */
  send(text) {
    this.#try(() => this.#ws.send(text));
    this.#sent?.();
  }

  /** @param {string} text */
  push(text) {
    return this.#try(() => this.#ws.send(text));
  }

  unsentBytes() {
    return this.#ws.bufferedAmount ?? -1;
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    this.#try(() => this.#ws.close(code, reason));
    this.#sent?.();
  }

  attachment() {
    let bytes;
    // A socket of the caller's own that does not hibernate has no attachment.
    this.#try(() => (bytes = this.#ws.deserializeAttachment()?.[KEPT]));
    return bytes === undefined ? '' : decoder.decode(bytes);
  }

  /** @param {string} text */
  attach(text) {
    // As bytes: text with one character past Latin-1 would take two bytes for each.
    const kept = text === '' ? undefined : encoder.encode(text);
    try {
      this.#ws.serializeAttachment({ ...this.#ws.deserializeAttachment(), [KEPT]: kept });
    } catch (e) {
      console.warn(`what is kept with a socket will not outlive a hibernation: ${e}`);
    }
  }

  /** @param {() => void} action */
  #try(action) {
    try {
      action();
      return true;
    } catch {
      // It has closed meanwhile, and no client is left to be told.
      return false;
    }
  }
}
