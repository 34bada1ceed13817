import { closeAnswer } from '#core';
// Not by name: a platform without tracing has no such export, and nothing would start.
import * as platform from 'cloudflare:workers';
import { UnifiedStoreDO } from './store.js';
import { isUpgrade } from './upgrade.js';
import { hooksOf, Verbs } from './verbs.js';

/** @import { UnifiedStoreConfig, UnifiedStoreEnv } from './index.js' */

/**
 * A Durable Object that is one store: its sockets survive hibernation, its alarm is the net under
 * the timers, and the last socket to close saves what is dirty.
 *
 * @extends {platform.DurableObject<UnifiedStoreEnv>}
 */
export class UnifiedStoreObject extends platform.DurableObject {
  #store;

  /**
   * @param {DurableObjectState} ctx
   * @param {UnifiedStoreEnv} env
   * @param {UnifiedStoreConfig} [config]
   */
  constructor(ctx, env, config) {
    super(ctx, env);
    const { tracing } = platform;
    this.#store = new UnifiedStoreDO(ctx, env, { tracing, ...hooksOf(this), ...config });
  }

  static {
    // They may be called by RPC, which finds what is on the prototype.
    for (const verb of [
      ...Object.getOwnPropertyNames(Verbs.prototype).slice(1),
      'get',
      'subscribe',
      'told',
    ]) {
      UnifiedStoreObject.prototype[verb] = function (...args) {
        return this.#store[verb](...args);
      };
    }
  }

  /** @param {Request} request */
  fetch(request) {
    return isUpgrade(request) ? this.#store.handleUpgrade(request) : this.#store.handleRequest(request);
  }

  /**
   * @param {WebSocket} ws
   * @param {string | ArrayBuffer} message
   */
  webSocketMessage(ws, message) {
    this.#store.handleMessage(ws, message);
  }

  /**
   * @param {WebSocket} ws
   * @param {number} code
   * @param {string} reason
   */
  webSocketClose(ws, code, reason) {
    // First: the answer below then waits, behind the output gate, for what this writes.
    this.#closed(ws);
    const answer = closeAnswer(code);
    try {
      // Without a code there can be no reason, and the client's belongs to the client's own code.
      if (answer === 1005) ws.close();
      else ws.close(answer, answer === code ? reason : 'a close frame has a code that may be sent');
    } catch {
      // The connection broke, and no client is left to answer.
    }
  }

  /** @param {WebSocket} ws */
  webSocketError(ws) {
    this.#closed(ws);
  }

  alarm() {
    this.#store.handleAlarm();
  }

  /** @param {WebSocket} ws */
  #closed(ws) {
    const others = this.ctx.getWebSockets().filter((other) => other !== ws);
    this.#store.handleClose(others.length, ws);
  }
}
