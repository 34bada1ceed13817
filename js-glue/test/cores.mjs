import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setFlagsFromString } from 'node:v8';
import { functions } from '../core/functions.js';
import * as js from '../core/core.js';
import { instantiate } from '../src/wasm-runtime.js';
import { emptyHost } from './contract.js';

// Node 22's optimising compiler does not come to an end with this module; workerd's does.
setFlagsFromString('--liftoff-only');
const bytes = readFileSync(new URL('../core/core.bin', import.meta.url));
const wasm = instantiate(new WebAssembly.Module(bytes, { builtins: ['js-string'] }), functions);

/** Both compiled forms of the core, in Node. */
export const cores = { js, wasm };

/** The host's SQLite methods over a database in memory. */
export class MemorySql {
  #database = new DatabaseSync(':memory:');
  #statements = new Map();

  /** What a host has of it; see Host in src/host.js. */
  methods() {
    return {
      sqlExec: (sql, bindings) => this.#exec(sql, bindings),
      sqlTransaction: (body) => this.#transaction(body),
    };
  }

  close() {
    this.#database.close();
  }

  #exec(sql, bindings) {
    try {
      let statement = this.#statements.get(sql);
      if (!statement) {
        statement = this.#database.prepare(sql);
        statement.setReturnArrays?.(true);
        this.#statements.set(sql, statement);
      }
      if (/^\s*(SELECT|PRAGMA)/i.test(sql)) return new Rows(statement.all(...bindings), 0);
      const { changes } = statement.run(...bindings);
      return new Rows([], /^\s*CREATE/i.test(sql) ? 1 : Number(changes));
    } catch (e) {
      return new Rows([], 0, e.message);
    }
  }

  #transaction(body) {
    this.#database.exec('BEGIN');
    let done = false;
    try {
      done = body();
      if (done) this.#database.exec('COMMIT');
      return null;
    } catch (e) {
      return e.message;
    } finally {
      if (!done) this.#database.exec('ROLLBACK');
    }
  }
}

class Rows {
  #rows;
  #written;
  #error;
  #at = -1;

  constructor(rows, written, error = null) {
    this.#rows = rows.map((row) => (Array.isArray(row) ? row : Object.values(row)));
    this.#written = written;
    this.#error = error;
  }

  error() {
    return this.#error;
  }

  next() {
    return ++this.#at < this.#rows.length;
  }

  text(column) {
    const value = this.#rows[this.#at][column];
    return value === null || typeof value === 'string' ? value : String(value);
  }

  number(column) {
    return Number(this.#rows[this.#at][column]);
  }

  rowsWritten() {
    return this.#written;
  }
}

/** A store in one of the compiled forms, with nothing but its SQLite. */
export function opened(core, sql, vars = {}) {
  const host = { ...emptyHost((records, ended) => ended(null)), ...sql.methods() };
  const store = core.open(host, 'test', { DURABILITY: 'memory', ...vars }, {});
  let failure = 'not started';
  store.start((error) => (failure = error));
  assert.equal(failure, null);
  return {
    ask(message) {
      let reply;
      store.message(
        {
          send: (text) => (reply = JSON.parse(text)),
          unsentBytes: () => 0,
          id: () => 1,
          attachment: () => '',
        },
        JSON.stringify(message),
      );
      return reply;
    },
    post(action) {
      let answer;
      store.request('POST', `/stores/test/${action}`, (status, type, body) => (answer = `${status} ${body}`));
      return answer;
    },
  };
}
