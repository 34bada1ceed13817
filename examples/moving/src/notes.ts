import { createMergeableStore } from 'tinybase';
import { createDurableObjectSqlStoragePersister } from 'tinybase/persisters/persister-durable-object-sql-storage';
import { has, MovedStore, type Old } from './moved-store';

/** Of both modes. With a `storagePrefix` or a `storeTableName` of your own they have other names, and the config below too. */
const TABLES = ['tinybase', 'tinybase_tables', 'tinybase_values'];

/** The notes: a store, which takes over what TinyBase has persisted. */
export class Notes extends MovedStore {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env, TABLES, things);
  }
}

/** What TinyBase's own persister reads: a thing for each row of its tables, and one for all its values. */
async function* things(sql: SqlStorage): AsyncGenerator<Old> {
  const store = createMergeableStore();
  const config = { mode: has(sql, 'tinybase') ? 'json' : 'fragmented' } as const;
  const errors: unknown[] = [];
  const failed = (error: unknown) => errors.push(error);
  await createDurableObjectSqlStoragePersister(store, sql, config, undefined, failed).load();
  // It goes on without what it cannot read, and here that would be gone.
  if (errors.length > 0) throw errors[0];
  for (const table of store.getTableIds()) {
    for (const id of store.getRowIds(table)) {
      yield { $type: table, $id: `${table}:${id}`, ...store.getRow(table, id) };
    }
  }
  if (store.hasValues()) yield { $type: 'Values', $id: 'values', ...store.getValues() };
}
