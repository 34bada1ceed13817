import { state } from '#components';
import { objectOf, receiver } from './values.js';

/** @import { InMemoryStateManager as Api, StateManagerOptions } from './index.js' */

/**
 * Things in memory: created, read, updated and deleted in O(1), with their versions and which of
 * them are dirty. Dirty ones never leave the memory.
 *
 * @implements {Api}
 */
export class InMemoryStateManager {
  #core;

  /** @param {StateManagerOptions} [options] */
  constructor({ maxEntries = 0, maxBytes = 0, onEvict } = {}) {
    this.#core = state(finite(maxEntries), finite(maxBytes), receiver(onEvict));
  }

  /** @type {Api['create']} */
  create(data) {
    return this.#core.create(objectOf(data, 'a thing'));
  }

  /** @type {Api['get']} */
  get(id) {
    return this.#core.get(String(id));
  }

  /** @type {Api['has']} */
  has(id) {
    return this.get(id) !== null;
  }

  /** @type {Api['update']} */
  update(id, changes) {
    const updated = this.#core.update(String(id), objectOf(changes, 'the changes'));
    if (updated === null) throw new Error(`thing not found: ${id}`);
    return updated;
  }

  /** @type {Api['delete']} */
  delete(id) {
    return this.#core.remove(String(id));
  }

  /** @type {Api['load']} */
  load(things) {
    for (const thing of things) this.#core.load(thing);
  }

  /** @type {Api['getDirtyEntries']} */
  getDirtyEntries() {
    return new Set(this.#core.dirtyIds());
  }

  /** @type {Api['markClean']} */
  markClean(ids) {
    this.#core.markClean([...ids]);
  }

  /** @type {Api['getDirtyCount']} */
  getDirtyCount() {
    return this.#core.dirtyCount();
  }

  /** @type {Api['getDirtyBytes']} */
  getDirtyBytes() {
    return this.#core.dirtyBytes();
  }

  get size() {
    return this.#core.size();
  }

  /** @type {Api['getStats']} */
  getStats() {
    return {
      entryCount: this.#core.size(),
      dirtyCount: this.#core.dirtyCount(),
      estimatedBytes: this.#core.estimatedBytes(),
    };
  }
}

/** No limit may be said as Infinity too; 0 says it to the core. */
function finite(limit) {
  return limit === Number.POSITIVE_INFINITY ? 0 : limit;
}
