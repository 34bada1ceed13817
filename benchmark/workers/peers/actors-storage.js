// An object with the Storage of @cloudflare/actors beside it: the table by a migration, a row a thing by
// its `sql`.

import { Storage } from '@cloudflare/actors/storage';
import worker, { SocketObject } from '../socket-object.js';
import { reply, thingOf } from './protocol.js';

export class Store extends SocketObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.storage = new Storage(ctx.storage);
    this.storage.migrations = [
      {
        idMonotonicInc: 1,
        description: 'things',
        sql: `CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, type TEXT NOT NULL,
          version INTEGER NOT NULL, data TEXT NOT NULL, created_at INTEGER, updated_at INTEGER)`,
      },
    ];
    ctx.blockConcurrencyWhile(() => this.storage.runMigrations());
  }

  answer(ws, message) {
    ws.send(JSON.stringify(reply(this.#things, message)));
  }

  #things = {
    insert: (id, type, fields, now) => {
      this.storage.sql`INSERT INTO things (id, type, version, data, created_at, updated_at)
        VALUES (${id}, ${type}, 1, ${JSON.stringify(fields)}, ${now}, ${now}) ON CONFLICT DO NOTHING`;
    },
    update: (id, fields, now) => {
      const [{ version }] = this.storage.sql`UPDATE things SET version = version + 1,
        data = json_patch(data, ${JSON.stringify(fields)}), updated_at = ${now}
        WHERE id = ${id} RETURNING version`;
      return version;
    },
    remove: (id) => {
      this.storage.sql`DELETE FROM things WHERE id = ${id}`;
    },
    find: (id) => {
      const [row] = this.storage.sql`SELECT * FROM things WHERE id = ${id}`;
      return row && thingOf(row);
    },
  };
}

export default worker;
