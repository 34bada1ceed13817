// Messages through the compiled core, or through the hand-written memory-wal object, with nothing
// around them: no socket, no SQLite, a Pipeline that takes what it is given.

import { open } from '#core';
import { Store as HandWritten } from '../memory-wal.js';

/** Messages that come in before the Pipeline answers. */
const IN_FLIGHT = 64;
/** How long events may wait for others before they are sent. */
const WINDOW_MS = 1;
/** Answers of the Pipeline after which a reply counts as missing. */
const MAX_TURNS = 1000;
const KEYS = 10_000;
const REFUSED = '"status":"error"';
const BATCH = 100;
const PADDING = 'x'.repeat(84);

/** A Pipeline whose answers come when they are let. */
class Pipeline {
  #waiting = [];

  accept(done) {
    this.#waiting.push(done);
  }

  answer() {
    for (const done of this.#waiting.splice(0)) done();
  }
}

/** What the core needs from a Durable Object; see js-glue/src/host.js. */
class Host {
  #timers = new Set();

  constructor(pipeline) {
    this.pipeline = pipeline;
  }

  sqlExec(statement) {
    const wrote = statement.startsWith('SELECT') ? 0 : 1;
    return { error: () => null, next: () => false, rowsWritten: () => wrote };
  }

  sqlTransaction(body) {
    return body() ? null : 'undone';
  }

  send(deadLetters, records, ended) {
    this.pipeline.accept(() => ended(null));
  }

  hasDeadLetters() {
    return false;
  }

  startTimer(delayMs, task) {
    const timer = { delayMs, task };
    this.#timers.add(timer);
    return timer;
  }

  stopTimer(timer) {
    this.#timers.delete(timer);
  }

  /** Lets the time of a send's window pass. */
  elapse() {
    for (const timer of this.#timers) {
      if (timer.delayMs <= WINDOW_MS && this.#timers.delete(timer)) timer.task();
    }
  }

  setAlarm() {
    return true;
  }

  writer() {
    return 'w';
  }

  tokens() {
    return null;
  }

  eachSocket() {}

  hasArchive() {
    return false;
  }

  hasDirectory() {
    return false;
  }

  hasMetrics() {
    return false;
  }

  hasTracing() {
    return false;
  }

  log() {}
}

function compiled(pipeline) {
  const vars = {
    DURABILITY: 'pipeline',
    DIRTY_COUNT_THRESHOLD: '100000000',
    MEMORY_THRESHOLD_BYTES: '1000000000',
  };
  const host = new Host(pipeline);
  const core = open(/** @type {any} */ (host), 'benchmark', vars, {});
  core.start(() => {});
  return {
    message: (socket, text) => core.message(socket, text),
    elapse: () => host.elapse(),
  };
}

function handWritten(pipeline) {
  const send = () => new Promise((resolve) => pipeline.accept(resolve));
  const object = new HandWritten(/** @type {any} */ ({}), { EVENTS: { send } });
  return { message: (socket, text) => object.webSocketMessage(socket, text), elapse() {} };
}

const create = (id, key, reading) =>
  `{"id":"${id}","type":"create","$type":"Sensor","data":{"$id":"${key}","reading":${reading % 1000},"note":"${PADDING}"}}`;

const MESSAGES = {
  create: (n) => create(n, `sensor_${n}`, n),
  update: (n) =>
    `{"type":"update","id":"${n}","$id":"key_${(n * 7919) % KEYS}","data":{"reading":${n},"unit":"celsius"}}`,
  read: (n) => `{"type":"read","id":"${n}","$ids":["key_${(n * 7919) % KEYS}"]}`,
  batch: (n) => {
    const operations = Array.from({ length: BATCH }, (_, i) =>
      create('', `sensor_${n}_${i}`, i).replace('"id":"",', ''),
    );
    return `{"type":"batch","id":"${n}","operations":[${operations.join(',')}]}`;
  },
};

async function feed(object, pipeline, texts) {
  let replies = 0;
  let refused = '';
  const send = (text) => {
    // A refusal costs half of what an answer does; one in so many is looked at, for looking costs too.
    if (replies++ % IN_FLIGHT === 0 && text.includes(REFUSED)) refused = text;
  };
  const socket = { send, unsentBytes: () => 0, id: () => 1, attachment: () => '' };
  for (let from = 0; from < texts.length; from += IN_FLIGHT) {
    const until = Math.min(from + IN_FLIGHT, texts.length);
    for (let i = from; i < until; i++) object.message(socket, texts[i]);
    // A send may follow on the answer to the one before.
    for (let turn = 0; turn < 4 || (replies < until && turn < MAX_TURNS); turn++) {
      pipeline.answer();
      object.elapse();
      await null;
      await null;
    }
  }
  if (refused) throw new Error(`a refusal was measured: ${refused}`);
  if (replies !== texts.length) throw new Error(`${texts.length} messages, ${replies} replies`);
}

let prepared;

/** Makes an object and the messages of a run, so that the run itself is nothing but messages. */
export async function prepare(kind, workload, messages) {
  const pipeline = new Pipeline();
  const object = kind === 'compiled' ? compiled(pipeline) : handWritten(pipeline);
  if (workload === 'update' || workload === 'read') {
    await feed(
      object,
      pipeline,
      Array.from({ length: KEYS }, (_, n) => create(n, `key_${n}`, n)),
    );
  }
  const texts = Array.from({ length: messages }, (_, n) => MESSAGES[workload](n));
  prepared = () => feed(object, pipeline, texts);
}

/** Feeds it what was prepared. */
export async function run() {
  await prepared();
  prepared = undefined;
}
