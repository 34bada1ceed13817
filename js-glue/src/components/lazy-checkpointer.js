import { checkpointer } from '#components';
import { ComponentHost } from './component-host.js';
import { trackerOf } from './dirty-tracker.js';
import { ending, mismatch, receiver, result, withDefaults } from './values.js';

/** @import { LazyCheckpointer as Api, LazyCheckpointerOptions } from './index.js' */

const DEFAULTS = {
  intervalMs: 10_000,
  dirtyCountThreshold: 100,
  memoryThresholdBytes: 10 * 1024 * 1024,
  columnarThreshold: 50,
  largeCollections: 'normalized',
};

/**
 * Writes what a tracker says is dirty to SQLite now and then, many things to a row.
 *
 * @implements {Api}
 */
export class LazyCheckpointer {
  #core;

  /** @param {LazyCheckpointerOptions} options */
  constructor(options) {
    const { sql, storage, dirtyTracker, onCheckpoint, onError } = options ?? {};
    const database = sql ?? storage?.sql;
    if (typeof database?.exec !== 'function') throw mismatch('sql', 'have exec()', database);
    this.#core = checkpointer(
      new ComponentHost({ sql: database, storage }),
      trackerOf(dirtyTracker),
      withDefaults(DEFAULTS, options),
      receiver(onCheckpoint),
      receiver(onError, ({ message }) => new Error(message)),
    );
  }

  /** @type {Api['start']} */
  start() {
    this.#core.start();
  }

  /** @type {Api['notifyDirty']} */
  notifyDirty() {
    this.#core.notifyDirty();
  }

  /** @type {Api['checkpoint']} */
  checkpoint(trigger = 'manual') {
    return result(() => this.#core.checkpoint(trigger));
  }

  /** @type {Api['beforeHibernation']} */
  beforeHibernation() {
    return ending((ended) => this.#core.beforeHibernation(ended));
  }

  /** @type {Api['getStats']} */
  getStats() {
    return this.#core.stats();
  }

  /** @type {Api['destroy']} */
  destroy() {
    return result(() => this.#core.destroy());
  }
}
