import { directoryOf } from './directory-stub.js';
import { Socket } from './socket.js';

/**
 * @import { IcebergReader, Pipeline, SpanStarter } from './index.js'
 * @import { CoreHost, Ending, Tokens } from './core.js'
 * @import { Directory } from './directory-stub.js'
 */

/** @typedef {CoreHost<{ timer: ReturnType<typeof setTimeout> }, AbortController>} Port */

/**
 * What the compiled core needs from a Durable Object, one method a port call; `Host.java` is the
 * other half. No method throws: what the platform refuses comes back as text.
 *
 * @implements {Port}
 */
export class Host {
  #state;
  #writer;
  #storage;
  #pipeline;
  #deadLetters;
  #archive;
  #tokens;
  #siblings;
  #directory;
  #metrics;
  #tracing;
  #alarmless = false;

  /**
   * @param {DurableObjectState} state
   * @param {{ pipeline?: Pipeline, deadLetters?: Pipeline, archive?: IcebergReader, directory?: Directory, metrics?: AnalyticsEngineDataset, tracing?: SpanStarter }} bindings
   * @param {Tokens | null} [tokens]
   * @param {DurableObjectNamespace} [siblings] the binding of the object's own class
   */
  constructor(
    state,
    { pipeline, deadLetters, archive, directory, metrics, tracing },
    tokens = null,
    siblings = undefined,
  ) {
    this.#state = state;
    this.#writer = state.id.toString();
    this.#storage = state.storage;
    this.#pipeline = pipeline;
    this.#deadLetters = deadLetters;
    this.#archive = archive;
    this.#directory = directory;
    this.#metrics = metrics;
    this.#tracing = tracing;
    this.#tokens = tokens;
    this.#siblings = siblings;
  }

  /** @type {Port['tell']} */
  tell(namespace, text, told) {
    this.#tell(namespace, text).then(
      (answer) => told(answer, null),
      (e) => told(null, textOf(e)),
    );
  }

  /**
   * @param {string} namespace
   * @param {string} text
   * @returns {Promise<string>}
   */
  async #tell(namespace, text) {
    if (!this.#siblings) throw new Error("no binding of the object's own class is in its env");
    const stub = /** @type {any} */ (this.#siblings.get(this.#siblings.idFromName(namespace)));
    return stub.told(text);
  }

  writer() {
    return this.#writer;
  }

  /** @type {Port['sqlExec']} */
  sqlExec(sql, bindings) {
    return new SqlRun(this.#storage.sql, sql, bindings);
  }

  /** @type {Port['sqlTransaction']} */
  sqlTransaction(body) {
    const undo = {};
    try {
      this.#storage.transactionSync(() => {
        if (!body()) throw undo;
      });
      return null;
    } catch (e) {
      return e === undo ? null : textOf(e);
    }
  }

  /** @type {Port['send']} */
  send(deadLetters, records, ended, needed) {
    const binding = deadLetters ? this.#deadLetters : this.#pipeline;
    if (!binding) {
      const error = needed ? 'no Pipeline is bound as EVENTS; see [[pipelines]] in wrangler.toml' : null;
      queueMicrotask(() => ended(error));
      return;
    }
    settle(() => binding.send(records), ended);
  }

  hasDeadLetters() {
    return Boolean(this.#deadLetters);
  }

  /** @type {Port['startTimer']} */
  startTimer(delayMs, task) {
    return { timer: setTimeout(task, delayMs) };
  }

  /** @type {Port['stopTimer']} */
  stopTimer(handle) {
    clearTimeout(handle.timer);
  }

  /** @type {Port['setAlarm']} */
  setAlarm(epochMs) {
    if (this.#alarmless) return false;
    const set = epochMs === 0 ? this.#storage.deleteAlarm() : this.#storage.setAlarm(epochMs);
    set.catch((e) => {
      // A class without alarm() cannot have one: timers alone have to do.
      this.#alarmless = textOf(e).includes('alarm() handler');
      console.warn(`the alarm that backs up the checkpoint timer was not set: ${textOf(e)}`);
    });
    return true;
  }

  hasArchive() {
    return Boolean(this.#archive);
  }

  /** @type {Port['readArchive']} */
  readArchive(namespace, afterSeq, untilSeq, entityIds, positionsOnly, sinceMs, row, progress, ended) {
    const archive = /** @type {IcebergReader} */ (this.#archive);
    const abort = new AbortController();
    const { signal } = abort;
    const query = { namespace, afterSeq, untilSeq, entityIds, positionsOnly, sinceMs, signal, progress };
    settle(async () => {
      for await (const rows of archive.read(query)) {
        for (const event of rows) row(event);
      }
    }, ended);
    return abort;
  }

  /** @type {Port['stopArchive']} */
  stopArchive(abort) {
    abort.abort();
  }

  /** @type {Port['eachSocket']} */
  eachSocket(visit) {
    for (const ws of this.#state.getWebSockets()) visit(new Socket(ws));
  }

  tokens() {
    return this.#tokens;
  }

  hasDirectory() {
    return Boolean(this.#directory);
  }

  /** @type {Port['tellDirectory']} */
  tellDirectory(listed, namespace, createdAtMs, ended) {
    const stub = directoryOf(/** @type {Directory} */ (this.#directory));
    settle(() => (listed ? stub.list(namespace, createdAtMs) : stub.unlist(namespace)), ended);
  }

  hasMetrics() {
    return Boolean(this.#metrics);
  }

  /** @type {Port['writePoint']} */
  writePoint(index, blobs, doubles) {
    try {
      /** @type {AnalyticsEngineDataset} */ (this.#metrics).writeDataPoint({
        indexes: [index],
        blobs,
        doubles,
      });
      return null;
    } catch (e) {
      return textOf(e);
    }
  }

  hasTracing() {
    return Boolean(this.#tracing);
  }

  /** @type {Port['beginSpan']} */
  beginSpan(name) {
    const span = quietly(() => /** @type {SpanStarter} */ (this.#tracing).startSpan(name));
    return {
      set: (attribute, value) => quietly(() => span?.setAttribute(attribute, value)),
      end: (message) => {
        if (message) quietly(() => span?.setStatus?.({ code: 'error', message }));
        quietly(() => span?.end());
      },
    };
  }

  /** @type {Port['log']} */
  log(level, message) {
    [console.log, console.warn, console.error][level](message);
  }
}

/** One statement of `storage.sql`, with its errors as text. */
class SqlRun {
  /** @type {SqlStorageCursor<any> | undefined} */
  #cursor;
  /** @type {any} */
  #rows;
  /** @type {any} */
  #row;
  /** @type {string | null} */
  #error = null;

  /**
   * @param {SqlStorage} sql
   * @param {string} statement
   * @param {unknown[]} bindings
   */
  constructor(sql, statement, bindings) {
    try {
      this.#cursor = sql.exec(statement, ...bindings);
      this.#rows = this.#cursor.raw();
    } catch (e) {
      this.#error = textOf(e);
    }
  }

  error() {
    return this.#error;
  }

  next() {
    try {
      const { done, value } = this.#rows.next();
      this.#row = value;
      return !done;
    } catch (e) {
      this.#error = textOf(e);
      return false;
    }
  }

  /** @param {number} column */
  text(column) {
    const value = this.#row[column];
    return value === null || typeof value === 'string' ? value : String(value);
  }

  /** @param {number} column */
  number(column) {
    return Number(this.#row[column]);
  }

  rowsWritten() {
    return this.#cursor ? this.#cursor.rowsWritten : 0;
  }
}

/**
 * Calls `ended` once `start` has come to its end, with null or with what went wrong.
 *
 * @param {() => unknown} start
 * @param {Ending} ended
 */
function settle(start, ended) {
  Promise.resolve()
    .then(start)
    .then(
      () => ended(null),
      (e) => ended(textOf(e)),
    );
}

/**
 * What `call` gives; nothing when it throws, because no span is worth a request.
 *
 * @template T
 * @param {() => T} call
 * @returns {T | undefined}
 */
function quietly(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/** @param {unknown} e */
function textOf(e) {
  return e instanceof Error && e.message ? e.message : String(e);
}
