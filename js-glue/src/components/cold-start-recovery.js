import { recovery } from '#components';
import { ComponentHost } from './component-host.js';
import { readerOf } from './records-reader.js';
import { mismatch, receiver, withDefaults } from './values.js';

/** @import { ColdStartRecovery as Api, ColdStartRecoveryOptions } from './index.js' */

const DEFAULTS = { namespace: '', timeout: 30_000 };

/**
 * Restores the state of an object that starts cold: SQLite first, the archive for what it lacks.
 *
 * @implements {Api}
 */
export class ColdStartRecovery {
  #core;

  /** @param {ColdStartRecoveryOptions} options */
  constructor(options) {
    const { sql, iceberg, onProgress } = options ?? {};
    if (typeof sql?.exec !== 'function') throw mismatch('sql', 'have exec()', sql);
    const host = new ComponentHost({ sql, archive: readerOf(iceberg) });
    this.#core = recovery(host, withDefaults(DEFAULTS, options), receiver(onProgress));
  }

  /** @type {Api['recover']} */
  recover() {
    return this.#ended((done, failed) => this.#core.recover(done, failed));
  }

  /** @type {Api['forceRebuildFromIceberg']} */
  forceRebuildFromIceberg() {
    return this.#ended((done, failed) => this.#core.forceRebuildFromIceberg(done, failed));
  }

  #ended(start) {
    return new Promise((resolve, reject) => start(resolve, (error) => reject(new Error(error))));
  }

  /** @type {Api['getState']} */
  getState() {
    return new Map(this.#core.things().map((thing) => [thing.$id, thing]));
  }

  /** @type {Api['validateState']} */
  validateState() {
    const errors = this.#core.errors();
    return { valid: errors.length === 0, errors };
  }
}
