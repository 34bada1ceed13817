/**
 * What the compiled core needs from a Durable Object, one method a port call; `Host.java` is the
 * other half. No method throws: what the platform refuses comes back as text.
 */
export class Host {
  #storage;
  #pipeline;
  #deadLetters;
  #archive;
  #alarmless = false;

  constructor(storage, { pipeline, deadLetters, archive }) {
    this.#storage = storage;
    this.#pipeline = pipeline;
    this.#deadLetters = deadLetters;
    this.#archive = archive;
  }

  sqlExec(sql, bindings) {
    return new SqlRun(this.#storage.sql, sql, bindings);
  }

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

  send(deadLetters, records, ended) {
    const binding = deadLetters ? this.#deadLetters : this.#pipeline;
    if (!binding) {
      queueMicrotask(() => ended('no Pipeline is bound as EVENTS; see [[pipelines]] in wrangler.toml'));
      return;
    }
    settle(() => binding.send(records), ended);
  }

  hasDeadLetters() {
    return Boolean(this.#deadLetters);
  }

  startTimer(delayMs, task) {
    return { timer: setTimeout(task, delayMs) };
  }

  stopTimer(handle) {
    clearTimeout(handle.timer);
  }

  setAlarm(epochMs) {
    if (this.#alarmless) return false;
    this.#storage.setAlarm(epochMs).catch((e) => {
      // A class without alarm() cannot have one: timers alone have to do.
      this.#alarmless = textOf(e).includes('alarm() handler');
      console.warn(`the alarm that backs up the checkpoint timer was not set: ${textOf(e)}`);
    });
    return true;
  }

  hasArchive() {
    return Boolean(this.#archive);
  }

  readArchive(namespace, afterSeq, untilSeq, entityIds, positionsOnly, row, progress, ended) {
    const abort = new AbortController();
    const { signal } = abort;
    const query = { namespace, afterSeq, untilSeq, entityIds, positionsOnly, signal, progress };
    settle(async () => {
      for await (const rows of this.#archive.read(query)) {
        for (const event of rows) row(event);
      }
    }, ended);
    return abort;
  }

  stopArchive(abort) {
    abort.abort();
  }

  log(level, message) {
    [console.log, console.warn, console.error][level](message);
  }
}

/** One statement of `storage.sql`, with its errors as text. */
class SqlRun {
  #cursor;
  #rows;
  #row;
  #error = null;

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

  text(column) {
    const value = this.#row[column];
    return value === null || typeof value === 'string' ? value : String(value);
  }

  number(column) {
    return Number(this.#row[column]);
  }

  rowsWritten() {
    return this.#cursor ? this.#cursor.rowsWritten : 0;
  }
}

/** Calls `ended` once `start` has come to its end, with null or with what went wrong. */
function settle(start, ended) {
  Promise.resolve()
    .then(start)
    .then(
      () => ended(null),
      (e) => ended(textOf(e)),
    );
}

function textOf(e) {
  return e instanceof Error && e.message ? e.message : String(e);
}
