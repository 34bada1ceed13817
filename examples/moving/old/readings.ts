import { DurableObject } from 'cloudflare:workers';

type Reading = { $id: string; $type: string; $version: number } & Record<string, unknown>;

/** The tables of the original, which is in no registry, with the statements of its checkpoints and of its recovery. */
export class Readings extends DurableObject {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    for (const table of [
      'columnar_store (type TEXT PRIMARY KEY, data TEXT NOT NULL, updated_at TEXT NOT NULL)',
      'normalized_store (type TEXT, id TEXT, data TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (type, id))',
      'collections (type TEXT PRIMARY KEY, data TEXT NOT NULL, updated_at INTEGER NOT NULL)',
      'things (id TEXT PRIMARY KEY, type TEXT NOT NULL, data TEXT NOT NULL, updated_at INTEGER NOT NULL)',
    ]) {
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
    }
  }

  /** A checkpoint: the dirty things of each type are one row, or where they are many a row each. */
  checkpoint(dirty: Reading[], columnarThreshold: number) {
    const types = Map.groupBy(dirty, ({ $type }) => $type);
    for (const [type, things] of types) {
      if (things.length < columnarThreshold) {
        const collection = Object.fromEntries(things.map((thing) => [`${type}:${thing.$id}`, thing]));
        this.#sql.exec(
          `INSERT INTO columnar_store (type, data, updated_at) VALUES (?, ?, datetime('now'))
           ON CONFLICT(type) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at`,
          type,
          JSON.stringify(collection),
        );
        continue;
      }
      for (const thing of things) {
        this.#sql.exec(
          `INSERT INTO normalized_store (type, id, data, updated_at) VALUES (?, ?, ?, datetime('now'))
           ON CONFLICT(type, id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at`,
          type,
          `${type}:${thing.$id}`.split(':')[1],
          JSON.stringify(thing),
        );
      }
    }
  }

  /** What its recovery begins with. */
  recover() {
    const things = this.#sql.exec<{ id: string; data: string }>(
      'SELECT id, type, data FROM things ORDER BY id',
    );
    return things.toArray().map(({ data }) => JSON.parse(data));
  }
}
