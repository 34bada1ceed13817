import { Host } from '../host.js';
import { plainSql } from './plain-sql.js';

/** The platform of one component: only what it was given of a Durable Object. */
export class ComponentHost extends Host {
  #pipeline;
  #deadLetters;

  /** @param {{ sql?, storage?, pipeline?, deadLetters?, archive? }} given */
  constructor({ sql, storage, pipeline, deadLetters, archive }) {
    const transactionSync = storage?.transactionSync
      ? (body) => storage.transactionSync(body)
      : (body) => body();
    const object = /** @type {any} */ ({ id: '', storage: { sql: sql && plainSql(sql), transactionSync } });
    super(object, { pipeline, deadLetters, archive });
    this.#pipeline = pipeline;
    this.#deadLetters = deadLetters;
  }

  /**
   * Calls the binding at once, where a store's host gives way first: an emitter's caller may look.
   *
   * @type {import('../host.js').Port['send']}
   */
  send(deadLetters, records, ended) {
    let sent;
    try {
      sent = (deadLetters ? this.#deadLetters : this.#pipeline).send(records);
    } catch (e) {
      sent = Promise.reject(e);
    }
    Promise.resolve(sent).then(
      () => ended(null),
      (e) => ended(e instanceof Error && e.message ? e.message : String(e)),
    );
  }

  /** A component has no alarm: that is the object's. */
  setAlarm() {
    return false;
  }
}
