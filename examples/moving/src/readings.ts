import { has, MovedStore, type Old, rowsOf } from './moved-store';

/** What its checkpoints write, and what its recovery reads. */
const TABLES = ['columnar_store', 'normalized_store', 'collections', 'things'];

type Versioned = Old & { $version?: number };

/** The readings: a store, which takes over what the original's checkpoints have left. */
export class Readings extends MovedStore {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env, TABLES, things);
  }
}

/** A collection is one row, or a row a thing; where it was both, the later version of a thing counts. */
function things(sql: SqlStorage): Iterable<Old> {
  const all = new Map<string, Versioned>();
  for (const table of ['columnar_store', 'normalized_store', 'old_collections', 'old_things']) {
    const isOneRow = !has(sql, table, 'id');
    for (const { data } of has(sql, table) ? rowsOf(sql, table) : []) {
      const value = JSON.parse(String(data));
      for (const thing of isOneRow ? Object.values<Versioned>(value) : [value]) {
        const known = all.get(thing.$id)?.$version ?? 0;
        if ((thing.$version ?? 1) > known) all.set(thing.$id, thing);
      }
    }
  }
  return all.values();
}
