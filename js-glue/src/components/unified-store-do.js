import { UnifiedStoreDO as Store } from '../store.js';
import { plainSql } from './plain-sql.js';
import { RecordsReader, readerOf } from './records-reader.js';

/** The store, which also takes an archive reader of the original's shape. */
export class UnifiedStoreDO extends Store {
  /**
   * @param {DurableObjectState} state
   * @param {object} [env]
   * @param {import('./index.js').UnifiedStoreConfig} [config]
   */
  constructor(state, env, config = {}) {
    const iceberg = readerOf(config.iceberg);
    if (iceberg instanceof RecordsReader) super(complete(state), ...overRecords(iceberg, env, config));
    else super(complete(state), env ?? {}, { ...config, iceberg });
  }
}

/**
 * Environment and settings of a store over a source of records. Such a source cannot be waited for:
 * what is acknowledged is in SQLite first, unless the settings say otherwise.
 *
 * @returns {[object, object]}
 */
function overRecords(iceberg, env = {}, config) {
  const defaults = {
    ...(env.DURABILITY === undefined && { durability: 'local' }),
    ...(env.ARCHIVE_SETTLE_MS === undefined && { archiveSettleMs: 0 }),
  };
  const events = env.EVENTS && { EVENTS: iceberg.watch(env.EVENTS) };
  return [
    { ...env, ...events },
    { ...defaults, ...config, iceberg },
  ];
}

/**
 * The object's state with all that a store uses, for one that a test made with less: no
 * transactions, no alarm, nothing to hold requests back.
 */
function complete(state) {
  const { storage } = state;
  const methods = [state.blockConcurrencyWhile, state.getWebSockets, storage.transactionSync];
  if (methods.every((method) => typeof method === 'function')) return state;
  return /** @type {any} */ ({
    id: state.id ?? { name: 'default' },
    getWebSockets: () => state.getWebSockets?.() ?? [],
    blockConcurrencyWhile: (start) => state.blockConcurrencyWhile?.(start) ?? start(),
    storage: {
      sql: plainSql(storage.sql),
      transactionSync: (body) => (storage.transactionSync ? storage.transactionSync(body) : body()),
      setAlarm: async (at) => storage.setAlarm?.(at),
    },
  });
}
