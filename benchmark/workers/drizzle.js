// The naive object, written with a library that has a driver for an object's SQLite.

import { eq, inArray, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/durable-sqlite';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import worker, { SocketObject } from './socket-object.js';

const things = sqliteTable('things', {
  id: text().primaryKey(),
  type: text().notNull(),
  version: integer().notNull(),
  data: text({ mode: 'json' }).notNull(),
  createdAt: integer('created_at'),
  updatedAt: integer('updated_at'),
});

export class Store extends SocketObject {
  #db;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, type TEXT NOT NULL,' +
        ' version INTEGER NOT NULL, data TEXT NOT NULL, created_at INTEGER, updated_at INTEGER)',
    );
    this.#db = drizzle(ctx.storage);
  }

  answer(ws, message) {
    const { id, type } = message;
    if (type === 'read') ws.send(JSON.stringify({ id, status: 'ok', things: this.#read(message.$ids) }));
    else if (type === 'batch') {
      const results = this.#db.transaction((db) => message.operations.map((one) => this.#write(one, db)));
      ws.send(JSON.stringify({ id, status: 'ack', results }));
    } else ws.send(JSON.stringify({ id, status: 'ack', ...this.#write(message, this.#db) }));
  }

  #read(ids) {
    const found = {};
    for (const row of this.#db.select().from(things).where(inArray(things.id, ids)).all()) {
      const system = { $id: row.id, $type: row.type, $version: row.version };
      found[row.id] = { ...system, ...row.data, $createdAt: row.createdAt, $updatedAt: row.updatedAt };
    }
    return found;
  }

  #write({ type, $type, $id, data }, db) {
    const now = Date.now();
    if (type === 'delete') {
      db.delete(things).where(eq(things.id, $id)).run();
      return {};
    }
    if (type === 'update') {
      const [{ version }] = db
        .update(things)
        .set({
          version: sql`version + 1`,
          data: sql`json_patch(data, ${JSON.stringify(data)})`,
          updatedAt: now,
        })
        .where(eq(things.id, $id))
        .returning({ version: things.version })
        .all();
      return { $id, $version: version };
    }
    const { $id: given, ...fields } = data;
    const id = given ?? `${$type.toLowerCase()}_${crypto.randomUUID()}`;
    const row = { id, type: $type, version: 1, data: fields, createdAt: now, updatedAt: now };
    db.insert(things).values(row).onConflictDoNothing().run();
    return { $id: id, $version: 1 };
  }
}

export default worker;
