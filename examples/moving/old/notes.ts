import { createMergeableStore, type MergeableStore } from 'tinybase';
import {
  createDurableObjectSqlStoragePersister,
  type DurableObjectSqlStoragePersister,
} from 'tinybase/persisters/persister-durable-object-sql-storage';
import { WsServerDurableObject } from 'tinybase/synchronizers/synchronizer-ws-server-durable-object';

/** Notes as they were: a store of TinyBase that clients synchronize with, persisted in the object. */
export class Notes extends WsServerDurableObject {
  declare store: MergeableStore;
  declare persister: DurableObjectSqlStoragePersister;

  createPersister() {
    this.store = createMergeableStore();
    const { sql } = this.ctx.storage;
    this.persister = createDurableObjectSqlStoragePersister(this.store, sql, { mode: 'fragmented' });
    return this.persister;
  }
}
