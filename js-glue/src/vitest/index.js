import {
  evictDurableObject,
  reset as resetPlatform,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { rowOf } from '../components/records-reader.js';

/** @import { ArchiveQuery, PipelineRecord } from '../index.js' */

const CRASH = 'the test wants a crash';
const POLL_MS = 5;

// A test's own clock stands still, and these have to go on.
const { Date: clock, setTimeout: later } = globalThis;
const passed = (ms) => new Promise((resolve) => later(resolve, ms));

/** Everything that is stored here. A test and its objects share an isolate, and perhaps no module. */
class World {
  /** @type {PipelineRecord[]} */
  records = [];
  /** How many of them the archive shows; all, while it is not stalled. */
  archived = Infinity;
  mode = 'accept';
  delayMs = 0;
  outageEnds = 0;
}

const KEY = Symbol.for('@unified-storage/worker/vitest');
/** @type {World} */
const world = (globalThis[KEY] ??= new World());

/** The Pipeline that all tested objects have. */
export const pipeline = {
  /** @param {PipelineRecord[]} records */
  async send(records) {
    const kept = structuredClone(records);
    if (world.delayMs > 0) await passed(world.delayMs);
    while (world.mode === 'hang') await passed(POLL_MS);
    if (world.mode === 'reject' || clock.now() < world.outageEnds)
      throw new Error('the test wants a failure');
    world.records.push(...kept);
    if (world.mode === 'duplicate') throw new Error('the test wants a failure, and the records are stored');
  },
  get records() {
    return structuredClone(world.records);
  },
  accept() {
    Object.assign(world, { mode: 'accept', delayMs: 0, outageEnds: 0 });
  },
  reject() {
    world.mode = 'reject';
  },
  hang() {
    world.mode = 'hang';
  },
  duplicate() {
    world.mode = 'duplicate';
  },
  /** @param {number} ms */
  delay(ms) {
    world.delayMs = ms;
  },
  /** @param {number} ms */
  outage(ms) {
    world.outageEnds = clock.now() + ms;
  },
};

/** The archive of what the Pipeline has stored. */
export const archive = {
  /** @param {ArchiveQuery} query */
  async *read({ namespace, afterSeq, untilSeq, entityIds }) {
    const ids = entityIds && new Set(entityIds);
    yield world.records
      .slice(0, world.archived)
      .filter(({ ns }) => ns === namespace)
      .map(rowOf)
      .filter(
        ({ seq, entityId, events }) =>
          seq === 0 || (seq > afterSeq && seq <= untilSeq && (!ids || events > 0 || ids.has(entityId))),
      )
      .sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || a.life - b.life);
  },
  stall() {
    world.archived = Math.min(world.archived, world.records.length);
  },
  resume() {
    world.archived = Infinity;
  },
};

/**
 * The class with that Pipeline and that archive in its environment, whatever else is bound there.
 *
 * @template {new (...args: never[]) => object} C
 * @param {C} Class
 * @returns {C}
 */
export function tested(Class) {
  // Nothing lands late here, so there is nothing to wait for; a test may say otherwise.
  const bound = (env) => ({ ARCHIVE_SETTLE_MS: '0', ...env, EVENTS: pipeline, ICEBERG: archive });
  const made = class extends /** @type {any} */ (Class) {
    constructor(ctx, env, ...more) {
      super(ctx, bound(env), ...more);
    }
  };
  Object.defineProperty(made, 'name', { value: Class.name });
  return /** @type {any} */ (made);
}

/** Ends an object as a crash does: what is in memory alone is lost, and its sockets break off. */
export async function crash(stub) {
  try {
    await runInDurableObject(stub, (_, state) => state.abort(CRASH));
  } catch (e) {
    if (!String(e).includes(CRASH)) throw e;
  }
}

/** Runs the object's alarm now, which saves what is dirty; whether one was set. */
export function runAlarm(stub) {
  return runDurableObjectAlarm(stub);
}

/** Lets an object leave the memory as an idle one does: what is dirty is saved, and its sockets sleep. */
export async function evict(stub) {
  const saved = await stub.fetch('http://object/checkpoint', { method: 'POST' });
  // Read to its end, or the eviction would wait for it.
  const answer = await saved.text();
  if (!saved.ok) throw new Error(`the store saved nothing: ${saved.status} ${answer}`);
  await evictDurableObject(stub);
}

/** Forgets everything: what the platform's bindings hold, what the Pipeline stored, and all faults. */
export async function reset() {
  await resetPlatform();
  Object.assign(world, new World());
}
