import { openDirectory } from '#core';
import { DurableObject } from 'cloudflare:workers';
import { Host } from './host.js';
import { target } from './target.js';

/** @import { UnifiedStoreEnv } from './index.js' */

/**
 * The Durable Object that lists all stores: each tells it when it begins and when it is deleted.
 *
 * @extends {DurableObject<UnifiedStoreEnv>}
 */
export class UnifiedStoreDirectory extends DurableObject {
  #core;

  /**
   * @param {DurableObjectState} ctx
   * @param {UnifiedStoreEnv} env
   */
  constructor(ctx, env) {
    super(ctx, env);
    this.#core = openDirectory(new Host(ctx, {}));
  }

  /**
   * @param {string} namespace
   * @param {number} createdAt
   */
  async list(namespace, createdAt) {
    check(this.#core.list(namespace, createdAt));
  }

  /** @param {string} namespace */
  async unlist(namespace) {
    check(this.#core.unlist(namespace));
  }

  /** Where a look at the archive begins. */
  async lookFrom() {
    return { after: this.#core.lookAfter(), sinceMs: this.#core.lookSince() };
  }

  /**
   * @param {number} commit
   * @param {number} atMs
   */
  async looked(commit, atMs) {
    check(this.#core.looked(commit, atMs));
  }

  /** @param {Request} request */
  async fetch(request) {
    const answer = this.#core.page(request.method, target(request.url), (name) => {
      const value = request.headers.get(name);
      return value === null ? null : decodeURIComponent(value);
    });
    const headers = { 'content-type': answer.contentType() };
    return new Response(answer.body(), { status: answer.status(), headers });
  }
}

/** @param {string | null} error */
function check(error) {
  if (error !== null) throw new Error(error);
}
