/**
 * The ports' contracts on the Worker's adapters, from the tables of cases that the JVM's adapters
 * are checked with. Every function gives what went wrong, as a list of texts; it runs in Node and
 * in workerd.
 */

/** A platform with nothing in it, for a core whose JSON or clock is looked at from outside. */
export function emptyHost(send) {
  const nothing = { error: () => null, next: () => false, rowsWritten: () => 1 };
  return {
    sqlExec: () => nothing,
    sqlTransaction: (body) => (body() ? null : 'undone'),
    send: (deadLetters, records, ended) => send(records, ended),
    hasDeadLetters: () => false,
    hasArchive: () => false,
    writer: () => 'w',
    tokens: () => null,
    hasDirectory: () => false,
    hasMetrics: () => false,
    hasTracing: () => false,
    tell: (namespace, text, told) => told(null, 'no other object'),
    eachSocket() {},
    startTimer: () => ({}),
    stopTimer() {},
    setAlarm: () => true,
    log() {},
  };
}

function opened(core, durability, send = (records, ended) => ended(null)) {
  const store = core.open(emptyHost(send), 'contract', { DURABILITY: durability }, {});
  store.start(() => {});
  return (message) => {
    const replies = [];
    store.message(
      { send: (text) => replies.push(text), unsentBytes: () => 0, id: () => 1, attachment: () => '' },
      message,
    );
    return replies.join();
  };
}

/** HostJson, seen through a store: what a message says and what a reply shows of it. */
export function wrongJson(core, { values, refused, documents }) {
  const ask = opened(core, 'memory');
  const wrong = [];
  const create = (text, i) => `{"id":1,"type":"create","$type":"T","data":{"$id":"x${i}","v":${text}}}`;
  values.forEach(({ text, written }, i) => {
    const created = ask(create(text, i));
    // Deeper than a thing may nest: taken as JSON, refused as a thing.
    if (/"code":"VALIDATION_ERROR"/.test(created) && text.length > 60) return;
    const shown = ask(`{"id":2,"type":"read","$ids":["x${i}"]}`);
    const value = shown.slice(shown.indexOf('"v":') + 4, shown.lastIndexOf(',"$createdAt"'));
    if (value !== written) wrong.push(`${text}: expected ${written}, found ${value} in ${created}${shown}`);
  });
  refused.forEach((text, i) => {
    const reply = ask(create(text, `r${i}`));
    if (!/"code":"PARSE_ERROR","error":"[^"]/.test(reply)) wrong.push(`${text}: taken, ${reply}`);
  });
  for (const { text, taken } of documents) {
    const reply = ask(text);
    if (reply.includes('PARSE_ERROR') === taken) wrong.push(`${text}: ${reply}`);
  }
  return wrong;
}

/** HostClock, seen through the records that a store sends. */
export function wrongClock(core, { instants }) {
  const { now } = Date;
  const wrong = [];
  try {
    for (const { ms, iso } of instants) {
      const sent = [];
      Date.now = () => ms;
      const ask = opened(core, 'pipeline', (records, ended) => {
        sent.push(...records);
        ended(null);
      });
      ask('{"id":1,"type":"create","$type":"T","data":{"$id":"x"}}');
      const { timestamp, ts } = sent.at(-1) ?? {};
      if (timestamp !== iso || ts !== ms) wrong.push(`${ms}: expected ${iso}, found ${timestamp}, ${ts}`);
    }
  } finally {
    Date.now = now;
  }
  return wrong;
}

/** The host's half of HostSql, on an empty database. */
export function wrongSql(host, { name, steps }) {
  const wrong = [];
  const run = ({ exec, bindings = [], rows = [], refused = false, written }) => {
    const cursor = host.sqlExec(exec, bindings.map(bound));
    const found = [];
    while (cursor.error() === null && cursor.next()) {
      const expected = rows[found.length] ?? [];
      found.push(expected.map((value, i) => (typeof value === 'number' ? cursor.number(i) : cursor.text(i))));
    }
    const error = cursor.error();
    const say = (what) => wrong.push(`${name}, ${exec.slice(0, 80)}: ${what}`);
    if (refused !== (error !== null)) say(error ?? 'taken');
    if (!refused && JSON.stringify(found) !== JSON.stringify(rows)) say(JSON.stringify(found));
    if (written !== undefined && !refused && cursor.rowsWritten() !== written)
      say(`${cursor.rowsWritten()} rows`);
  };
  for (const step of steps) {
    if (!step.transaction) {
      run(step);
      continue;
    }
    const error = host.sqlTransaction(() => {
      step.transaction.forEach(run);
      return !step.thrown;
    });
    if (error !== null) wrong.push(`${name}: the transaction failed: ${error}`);
  }
  return wrong;
}

function bound(value) {
  return typeof value === 'object' && value !== null ? value.repeat.repeat(value.times) : value;
}
