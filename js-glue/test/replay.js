/**
 * Leads a compiled core through a trace, writing down everything it says, as TracedStore.java does
 * on the JVM; both sides leave the same things out.
 */

const PARSE_ERROR = /("code":"PARSE_ERROR","(?:error|message)":)"(?:[^"\\]|\\.)*"/gs;
const ROWS_WRITTEN = /"rowsWritten":[^,}]*|"cost":\{[^}]*\}/g;
const START_MS = 1_769_860_800_000;
const TABLES = {
  segments: ['slot', 'kind', 'tx', 'epoch', 'first_seq', 'last_seq', 'sum', 'head', 'body'],
  collections: ['type', 'tx', 'sum', 'head', 'body'],
  things: ['id', 'type', 'sum', 'line'],
};

/** The world of one trace; its clock and its ids stand in for the host's while it runs. */
class Replay {
  #core;
  #trace;
  #sql;
  #transcript = [];
  #store;
  #instance = 0;
  #ids = 0;
  #nowMs = START_MS;
  #timers = [];
  #mode = 'ACCEPT';
  #stored = [];
  #held = [];

  /** @param sql the three methods of the host that reach SQLite */
  constructor(core, trace, sql) {
    this.#core = core;
    this.#trace = trace;
    this.#sql = sql;
  }

  run() {
    const { now } = Date;
    const { randomUUID } = crypto;
    Date.now = () => this.#nowMs;
    crypto.randomUUID = () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}`;
    try {
      this.#start();
      for (const [name, ...args] of this.#trace.steps) this.#step(name, ...args);
    } finally {
      Date.now = now;
      crypto.randomUUID = randomUUID;
    }
    return this.#transcript;
  }

  #step(name, first, second) {
    switch (name) {
      case 'say':
        return this.#store.message(
          this.#listener((reply) => `reply ${reply.replace(PARSE_ERROR, '$1""')}`),
          first,
        );
      case 'wait':
        return this.#wait(Number(first));
      case 'restart':
        return this.#start();
      case 'pipeline':
        this.#mode = first;
        return undefined;
      case 'release':
        while (this.#held.length > 0) {
          const { records, ended } = this.#held.shift();
          this.#stored.push(...records);
          ended(null);
        }
        return undefined;
      case 'http':
        return this.#http(first, second, '');
      case 'requests':
        return this.#http('POST', '/stores/test/requests', first);
      case 'alarm':
        return this.#store.alarm();
      case 'closed':
        return this.#store.closed(null, Number(first));
      case 'save':
        return this.#store.beforeHibernation(this.#noted('saved'));
      case 'rows':
        return this.#rows();
      case 'timers':
        return this.#transcript.push(`timers ${this.#timers.length}`);
      default:
        throw new Error(`unknown step ${name}`);
    }
  }

  #http(method, target, body) {
    const heard = this.#listener((text) => text);
    this.#store.ask(method, target, body, null, null, (status, type, answer) => {
      const kept = answer.replace(ROWS_WRITTEN, '').replace(PARSE_ERROR, '$1""');
      heard.send(`http ${status} ${type} ${kept}`);
    });
  }

  /** Notes what an instance says for as long as it lives. */
  #listener(line) {
    const mine = this.#instance;
    return {
      send: (text) => {
        if (mine === this.#instance) this.#transcript.push(line(text));
      },
      unsentBytes: () => 0,
      id: () => 1,
      attachment: () => '',
    };
  }

  #noted(what) {
    const heard = this.#listener((text) => text);
    return (error) => heard.send(error === null ? what : `not ${what}`);
  }

  #start() {
    this.#instance++;
    this.#timers = [];
    if (this.#instance % 2 === 0) for (const { records } of this.#held) this.#stored.push(...records);
    this.#held = [];
    this.#store = this.#core.open(this.#host(), 'test', this.#trace.vars, {});
    this.#store.start(this.#noted('started'));
  }

  #host() {
    return {
      ...this.#sql,
      writer: () => 'writer',
      send: (deadLetters, records, ended) => this.#send(records, ended),
      hasDeadLetters: () => false,
      startTimer: (delayMs, task) => {
        const timer = { atMs: this.#nowMs + delayMs, task };
        this.#timers.push(timer);
        return timer;
      },
      stopTimer: (timer) => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
      setAlarm: (epochMs) => {
        this.#transcript.push(`alarm at ${epochMs}`);
        return true;
      },
      hasArchive: () => this.#trace.archive,
      tokens: () => null,
      hasDirectory: () => false,
      hasMetrics: () => false,
      hasTracing: () => false,
      tell: (namespace, text, told) => told(null, 'no other object'),
      eachSocket() {},
      readArchive: (...query) => this.#readArchive(...query),
      stopArchive() {},
      log: (level) => {
        if (level > 0) this.#transcript.push(level === 1 ? 'warning' : 'error');
      },
    };
  }

  #send(records, ended) {
    const texts = records.map((record) => JSON.stringify(record));
    for (const text of texts) this.#transcript.push(`send ${text}`);
    const copies = texts.map((text) => JSON.parse(text));
    switch (this.#mode) {
      case 'ACCEPT':
        this.#stored.push(...copies);
        return ended(null);
      case 'REJECT':
        return ended('rejected, as the test wants');
      case 'DUPLICATE':
        this.#stored.push(...copies);
        return ended('stored, yet failed, as the test wants');
      case 'HOLD':
        return this.#held.push({ records: copies, ended });
      default:
        return undefined;
    }
  }

  #wait(ms) {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      let next;
      for (const timer of this.#timers) {
        if (timer.atMs <= untilMs && (!next || timer.atMs < next.atMs)) next = timer;
      }
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, Math.ceil(next.atMs));
      next.task();
    }
    this.#nowMs = untilMs;
  }

  #readArchive(namespace, afterSeq, untilSeq, entityIds, positionsOnly, _sinceMs, row, progress, ended) {
    const rows = this.#stored
      .filter(({ ns }) => ns === namespace)
      .map((record) => ({ ...record, payload: JSON.stringify(record.payload) }))
      .sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || a.life - b.life);
    for (const event of rows) {
      const { epoch, life, seq, verb, entityId = null, entityType = null, version = 0, ts, payload } = event;
      const { events = 0 } = event;
      const wanted =
        seq === 0 ||
        (seq > afterSeq &&
          seq <= untilSeq &&
          (entityIds === null || events > 0 || entityIds.includes(entityId)));
      if (!wanted) continue;
      if (positionsOnly) {
        row({
          epoch,
          life,
          seq,
          verb: null,
          entityId: null,
          entityType: null,
          version: 0,
          ts: 0,
          payload: null,
          events,
        });
      } else {
        row({ epoch, life, seq, verb, entityId, entityType, version, ts, payload, events });
      }
    }
    ended(null);
    return {};
  }

  #rows() {
    const existing = this.#select("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const [table, columns] of Object.entries(TABLES)) {
      if (!existing.includes(table)) continue;
      const quoted = columns.map((column) => `quote(${column})`).join(" || '|' || ");
      for (const row of this.#select(`SELECT ${quoted} FROM ${table} ORDER BY ${columns[0]}`)) {
        this.#transcript.push(`row ${table} ${row}`);
      }
    }
  }

  /** The first column of every row. */
  #select(statement) {
    const run = this.#sql.sqlExec(statement, []);
    const texts = [];
    while (run.next()) texts.push(run.text(0));
    if (run.error() !== null) throw new Error(run.error());
    return texts;
  }
}

/**
 * Replays a trace.
 *
 * @returns null, or the first line that is not as expected
 */
export function difference(core, trace, sql) {
  const found = new Replay(core, trace, sql).run();
  const at = trace.expected.findIndex((line, i) => line !== found[i]);
  if (at < 0 && found.length === trace.expected.length) return null;
  const line = at < 0 ? trace.expected.length : at;
  const said = (text) => (text === undefined ? 'nothing' : JSON.stringify(text));
  return `seed ${trace.seed}, line ${line}: the JVM ${said(trace.expected[line])}, here ${said(found[line])}`;
}
