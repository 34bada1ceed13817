import { type TypeMap, type UnifiedStoreConfig, UnifiedStoreObject } from '@unified-storage/worker';
import { thingsOf } from './things-of';

/** A thing of an old object: its type, its id and its own fields. */
export type Old = { $type: string; $id: string } & Record<string, unknown>;

/** Tables that a store has itself: an old one of such a name becomes `old_{name}` before the store looks. */
const OWN = ['segments', 'collections', 'things'];

/** The platform gives a start 30 s. */
const MOVING_MS = 25_000;
const AGAIN_MS = 100;
const MOMENT_THINGS = 500;

/**
 * A store that takes over what the old class of its object has left in the database, when it is first asked.
 *
 * Nothing else is answered before it has ended. Where the object dies meanwhile, the next start reads the old tables again, and
 * passes over what the store has already. They go last, when the store is saved.
 */
export class MovedStore<Types extends TypeMap = TypeMap> extends UnifiedStoreObject<Types> {
  /**
   * @param tables those of the old class; without any of them there is nothing to move
   * @param things what is in them; may be asked again
   */
  constructor(
    ctx: DurableObjectState,
    env: object,
    tables: string[],
    things: (sql: SqlStorage) => Iterable<Old> | AsyncIterable<Old>,
    config: UnifiedStoreConfig = {},
  ) {
    const { sql } = ctx.storage;
    const left = setAside(sql, tables);
    // Until the next start SQLite has each write: after a crash in between, no archive has to be waited for.
    super(ctx, env, left.length > 0 ? { ...config, durability: 'local' } : config);
    if (left.length === 0) return;
    ctx.blockConcurrencyWhile(async () => {
      await this.#move(() => things(sql));
      for (const table of left) sql.exec(`DROP TABLE "${table}"`);
    });
  }

  async #move(things: () => Iterable<Old> | AsyncIterable<Old>) {
    const ids = new Set<string>();
    const moved = await this.#ask('POST', '/import?mode=put', () => linesOf(things(), ids));
    const { failed } = await moved.json<{ failed: unknown[] }>();
    if (failed.length > 0) throw new Error(`not moved: ${JSON.stringify(failed)}`);
    // What a start before has moved, and the old class, deployed again since, has deleted.
    const { body } = await this.#ask('GET', '/export');
    for await (const { $id } of thingsOf(body as ReadableStream)) if (!ids.has($id)) await this.delete($id);
    await this.#ask('POST', '/checkpoint');
  }

  /** Asks the store; one that is not ready is asked again. */
  async #ask(method: string, path: string, body?: () => ReadableStream) {
    const until = Date.now() + MOVING_MS;
    for (;;) {
      const answer = await this.fetch(new Request(`http://store${path}`, { method, body: body?.() }));
      if (answer.ok) return answer;
      const text = await answer.text();
      if (answer.status !== 503 || Date.now() > until) throw new Error(`not moved: ${answer.status} ${text}`);
      await scheduler.wait(AGAIN_MS);
    }
  }
}

/** All rows of a table, some of them at a time: what is written meanwhile does not disturb it. */
export function* rowsOf(sql: SqlStorage, table: string) {
  const page = `SELECT rowid AS "rowid", * FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT 500`;
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = sql.exec(page, after).toArray();
    if (rows.length === 0) return;
    yield* rows;
    after = Number(rows[rows.length - 1].rowid);
  }
}

/** Whether there is such a table, and such a column in it. */
export function has(sql: SqlStorage, table: string, column?: string) {
  const columns = sql.exec<{ name: string }>(`PRAGMA table_info("${table}")`).toArray();
  return columns.some(({ name }) => column === undefined || name === column);
}

/** The tables that are there, by the names that they have now. */
function setAside(sql: SqlStorage, tables: string[]) {
  const isOld = (table: string) =>
    has(sql, table) && !(has(sql, table, 'sum') && has(sql, table, table === 'things' ? 'line' : 'body'));
  for (const table of tables.filter((name) => OWN.includes(name) && isOld(name))) {
    sql.exec(`ALTER TABLE "${table}" RENAME TO "old_${table}"`);
  }
  return tables.map((name) => (OWN.includes(name) ? `old_${name}` : name)).filter((name) => has(sql, name));
}

/** What the store's import takes: a thing a line, read from the tables as the store asks for more. */
function linesOf(things: Iterable<Old> | AsyncIterable<Old>, ids: Set<string>) {
  const all = Symbol.iterator in things ? things[Symbol.iterator]() : things[Symbol.asyncIterator]();
  const lines = new ReadableStream<string>({
    async pull(controller) {
      const { done, value } = await all.next();
      if (done) return controller.close();
      ids.add(value.$id);
      // The platform commits when it has a moment: what is written by then outlives a crash.
      if (ids.size % MOMENT_THINGS === 0) await scheduler.wait(1);
      controller.enqueue(`${JSON.stringify(value)}\n`);
    },
  });
  return lines.pipeThrough(new TextEncoderStream());
}
