// What people write today: one SQL statement a write, on a table with a TEXT PRIMARY KEY.
//
// The platform holds each reply back until its row is on disk, so an ack means as much here as in
// the store's `local` mode. No events, no limits, no errors.

import worker, { SocketObject } from './socket-object.js';

const COLUMNS = 'id, type, version, data, created_at, updated_at';

export class Store extends SocketObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, type TEXT NOT NULL,' +
        ' version INTEGER NOT NULL, data TEXT NOT NULL, created_at INTEGER, updated_at INTEGER)',
    );
  }

  answer(ws, message) {
    const { id, type } = message;
    if (type === 'read') ws.send(JSON.stringify({ id, status: 'ok', things: this.#read(message.$ids) }));
    else if (type === 'batch') {
      const results = this.ctx.storage.transactionSync(() =>
        message.operations.map((one) => this.#write(one)),
      );
      ws.send(JSON.stringify({ id, status: 'ack', results }));
    } else ws.send(JSON.stringify({ id, status: 'ack', ...this.#write(message) }));
  }

  #read(ids) {
    const things = {};
    for (const id of ids) {
      const query = `SELECT ${COLUMNS} FROM things WHERE id = ?`;
      for (const row of this.ctx.storage.sql.exec(query, id)) {
        const system = { $id: row.id, $type: row.type, $version: row.version };
        const times = { $createdAt: row.created_at, $updatedAt: row.updated_at };
        things[id] = { ...system, ...JSON.parse(String(row.data)), ...times };
      }
    }
    return things;
  }

  #write({ type, $type, $id, data }) {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    if (type === 'delete') {
      sql.exec('DELETE FROM things WHERE id = ?', $id);
      return {};
    }
    if (type === 'update') {
      const update =
        'UPDATE things SET version = version + 1, data = json_patch(data, ?), updated_at = ?' +
        ' WHERE id = ? RETURNING version';
      const { version } = sql.exec(update, JSON.stringify(data), now, $id).one();
      return { $id, $version: version };
    }
    const { $id: given, ...fields } = data;
    const id = given ?? `${$type.toLowerCase()}_${crypto.randomUUID()}`;
    const insert = `INSERT INTO things (${COLUMNS}) VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`;
    sql.exec(insert, id, $type, JSON.stringify(fields), now, now);
    return { $id: id, $version: 1 };
  }
}

export default worker;
