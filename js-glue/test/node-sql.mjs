import { DatabaseSync } from 'node:sqlite';

/** `storage.sql` of a Durable Object as far as the components use it, over a database in memory. */
export class NodeSql {
  #database = new DatabaseSync(':memory:');

  /** Set, each statement that writes throws. */
  failing = false;

  rowsWritten = 0;

  exec(statement, ...bindings) {
    const prepared = this.#database.prepare(statement);
    if (/^\s*(SELECT|PRAGMA)/i.test(statement)) {
      const rows = prepared.all(...bindings);
      return { toArray: () => rows };
    }
    if (this.failing) throw new Error('disk full, as the test wants');
    prepared.run(...bindings);
    this.rowsWritten++;
    return { toArray: () => [] };
  }
}
