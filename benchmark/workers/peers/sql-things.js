// A row a thing, by the platform's own SQL: for a library that leaves storage to the platform.

import { thingOf } from './protocol.js';

/**
 * @param {SqlStorage} sql
 * @returns {import('./protocol.js').Things}
 */
export function sqlThings(sql) {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, type TEXT NOT NULL,' +
      ' version INTEGER NOT NULL, data TEXT NOT NULL, created_at INTEGER, updated_at INTEGER)',
  );
  return {
    insert(id, type, fields, now) {
      const insert =
        'INSERT INTO things (id, type, version, data, created_at, updated_at)' +
        ' VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING';
      sql.exec(insert, id, type, JSON.stringify(fields), now, now);
    },
    update(id, fields, now) {
      const update =
        'UPDATE things SET version = version + 1, data = json_patch(data, ?), updated_at = ?' +
        ' WHERE id = ? RETURNING version';
      return Number(sql.exec(update, JSON.stringify(fields), now, id).one().version);
    },
    remove(id) {
      sql.exec('DELETE FROM things WHERE id = ?', id);
    },
    find(id) {
      const [row] = sql.exec('SELECT * FROM things WHERE id = ?', id);
      return row && thingOf(row);
    },
  };
}
