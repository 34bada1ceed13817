import { emitter } from '#components';
import { ComponentHost } from './component-host.js';
import { ending, mismatch, withDefaults } from './values.js';

/** @import { PipelineEmitter as Api, PipelineEmitterConfig } from './index.js' */

const DEFAULTS = {
  namespace: '',
  batchSize: 1000,
  batchBytes: 1024 * 1024,
  flushInterval: 60_000,
  maxRetries: 3,
  retryDelay: 1000,
  exponentialBackoff: false,
};

/**
 * Sends events of the caller's own making to a Pipeline, in batches, in order, again when it fails.
 *
 * @implements {Api}
 */
export class PipelineEmitter {
  #core;

  /**
   * @param {{ send(records: object[]): unknown }} pipeline
   * @param {PipelineEmitterConfig} config
   */
  constructor(pipeline, config) {
    if (typeof pipeline?.send !== 'function') throw mismatch('pipeline', 'have send()', pipeline);
    const host = new ComponentHost({ pipeline, deadLetters: config?.deadLetterQueue });
    this.#core = emitter(host, withDefaults(DEFAULTS, config ?? {}));
  }

  /** @type {Api['emit']} */
  emit(verb, store, payload = {}) {
    this.#core.emit(verb, store, payload);
  }

  /** @type {Api['flush']} */
  flush() {
    return ending((ended) => this.#core.flush(ended));
  }

  /** @type {Api['close']} */
  close() {
    return ending((ended) => this.#core.close(ended));
  }

  /** @type {Api['getStats']} */
  getStats() {
    return this.#core.stats();
  }
}
