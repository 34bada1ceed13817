// The seed's components without a store, in Node: what its text says of them, sentence by sentence.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  ColdStartRecovery,
  InMemoryStateManager,
  LazyCheckpointer,
  PipelineEmitter,
  UnifiedStoreDO,
} from '@unified-storage/worker/components';
import { NodeSql } from './node-sql.mjs';

const START = Date.parse('2026-01-31T12:00:00.000Z');

/** Lets promises come to their end: nothing here waits for time. */
async function settled() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

async function tick(ms) {
  mock.timers.tick(ms);
  await settled();
}

/** Lets time pass until something has come to its end: a group commit waits for 50 ms. */
async function passing(promise) {
  let ended = false;
  const end = () => {
    ended = true;
  };
  promise.then(end, end);
  for (let i = 0; i < 100 && !ended; i++) await tick(50);
  return promise;
}

/** A Pipeline that keeps what it is sent, and refuses while told to. */
class FakePipeline {
  sends = [];
  attempts = 0;
  error = null;

  async send(records) {
    this.attempts++;
    if (this.error) throw this.error;
    this.sends.push(records);
  }

  get records() {
    return this.sends.flat();
  }
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

describe('InMemoryStateManager', () => {
  it('creates with an id of the type, and version 1', () => {
    const manager = new InMemoryStateManager();
    const thing = manager.create({ $type: 'Customer', name: 'Alice' });
    assert.match(thing.$id, /^customer_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]+$/);
    assert.deepEqual(thing, { $id: thing.$id, $type: 'Customer', $version: 1, name: 'Alice' });
    assert.equal(thing.$createdAt, START);
    assert.equal(thing.$updatedAt, START);
    assert.deepEqual(manager.get(thing.$id), thing);
  });

  it('takes an id, and refuses one that is taken', () => {
    const manager = new InMemoryStateManager();
    assert.equal(manager.create({ $type: 'A', $id: 'x' }).$id, 'x');
    assert.throws(() => manager.create({ $type: 'A', $id: 'x' }), /x exists already/);
    assert.throws(() => manager.create({ name: 'no type' }), /\$type/);
    assert.throws(() => manager.create(null), /a thing must be an object, got null/);
  });

  it('updates: the changes are merged, the version is one more, system fields stay', () => {
    const manager = new InMemoryStateManager();
    const { $id } = manager.create({ $type: 'C', name: 'Alice', city: 'Bern' });
    mock.timers.tick(5);
    const updated = manager.update($id, { name: 'Alice Smith', $version: 9, $type: 'D', $id: 'other' });
    assert.deepEqual(updated, { $id, $type: 'C', $version: 2, name: 'Alice Smith', city: 'Bern' });
    assert.equal(updated.$createdAt, START);
    assert.equal(updated.$updatedAt, START + 5);
    assert.throws(() => manager.update('nobody', {}), /not found: nobody/);
  });

  it('deletes', () => {
    const manager = new InMemoryStateManager();
    manager.create({ $type: 'C', $id: 'a' });
    assert.equal(manager.delete('a'), true);
    assert.equal(manager.delete('a'), false);
    assert.equal(manager.get('a'), null);
    assert.equal(manager.has('a'), false);
    assert.equal(manager.size, 0);
  });

  it('finds each of 100,000 things', () => {
    const manager = new InMemoryStateManager();
    for (let i = 0; i < 100_000; i++) manager.create({ $type: 'T', $id: `t${i}`, n: i });
    for (let i = 0; i < 100_000; i++) assert.equal(manager.get(`t${i}`).n, i);
  });

  it('gives copies', () => {
    const manager = new InMemoryStateManager();
    const thing = manager.create({ $type: 'C', $id: 'a', name: 'Alice' });
    thing.name = 'Mallory';
    manager.get('a').name = 'Mallory';
    assert.equal(manager.get('a').name, 'Alice');
  });

  it('says what is dirty, deletions too, until it is clean', () => {
    const manager = new InMemoryStateManager();
    for (const $id of ['a', 'b', 'c']) manager.create({ $type: 'C', $id });
    assert.deepEqual(manager.getDirtyEntries(), new Set(['a', 'b', 'c']));
    manager.markClean(['a', 'b', 'nobody']);
    assert.deepEqual(manager.getDirtyEntries(), new Set(['c']));
    manager.update('a', { n: 1 });
    manager.delete('b');
    assert.deepEqual(manager.getDirtyEntries(), new Set(['a', 'b', 'c']));
    assert.equal(manager.getDirtyCount(), 3);
    manager.markClean(manager.getDirtyEntries());
    assert.equal(manager.getDirtyBytes(), 0);
  });

  it('evicts clean things, least recently used first, and never dirty ones', () => {
    const evicted = [];
    const manager = new InMemoryStateManager({ maxEntries: 3, onEvict: (entries) => evicted.push(entries) });
    for (const $id of ['a', 'b', 'c']) manager.create({ $type: 'C', $id });
    manager.markClean(['a', 'b']);
    manager.get('a');
    manager.create({ $type: 'C', $id: 'd' });
    assert.deepEqual(evicted, [[{ $id: 'b', $type: 'C', $version: 1 }]]);
    manager.create({ $type: 'C', $id: 'e' });
    manager.create({ $type: 'C', $id: 'f' });
    assert.deepEqual(
      evicted.flat().map(({ $id }) => $id),
      ['b', 'a'],
    );
    assert.deepEqual(manager.getDirtyEntries(), new Set(['c', 'd', 'e', 'f']));
    assert.equal(manager.size, 6);
  });

  it('evicts by estimated bytes', () => {
    const evicted = [];
    const manager = new InMemoryStateManager({ maxBytes: 10_000, onEvict: (all) => evicted.push(...all) });
    manager.create({ $type: 'C', $id: 'old', text: 'x'.repeat(6000) });
    assert.ok(manager.getStats().estimatedBytes > 6000);
    manager.markClean(['old']);
    manager.create({ $type: 'C', $id: 'new', text: 'x'.repeat(6000) });
    assert.deepEqual(
      evicted.map(({ $id }) => $id),
      ['old'],
    );
  });

  it('goes on when onEvict throws', () => {
    mock.method(console, 'error', () => {});
    const fail = () => {
      throw new Error('the caller failed');
    };
    const manager = new InMemoryStateManager({ maxEntries: 1, onEvict: fail });
    manager.create({ $type: 'C', $id: 'a' });
    manager.markClean(['a']);
    manager.create({ $type: 'C', $id: 'b' });
    assert.equal(manager.get('a'), null);
    assert.equal(/** @type {any} */ (console.error).mock.callCount(), 1);
    mock.restoreAll();
  });
});

describe('PipelineEmitter', () => {
  const emit = (emitter, count) => {
    for (let i = 0; i < count; i++) emitter.emit('thing.created', 'things', { $id: 'customer_123', n: i });
  };

  it('gives each event what the seed lists', async () => {
    const pipeline = new FakePipeline();
    const emitter = new PipelineEmitter(pipeline, { namespace: 'tenant-123' });
    const payload = { $id: 'customer_123', name: 'Alice', address: { city: 'Bern' } };
    assert.equal(emitter.emit('thing.created', 'things', payload), undefined);
    payload.address.city = 'Basel';
    assert.equal(pipeline.attempts, 0, 'nothing is sent before its time');
    await emitter.flush();
    const [event] = pipeline.records;
    assert.equal(event.verb, 'thing.created');
    assert.equal(event.store, 'things');
    assert.deepEqual(event.payload, { $id: 'customer_123', name: 'Alice', address: { city: 'Bern' } });
    assert.equal(event.timestamp, '2026-01-31T12:00:00.000Z');
    assert.ok(event.idempotencyKey.startsWith(`customer_123:created:${START}`));
    assert.deepEqual(event._meta, { namespace: 'tenant-123' });
  });

  it('sends at once when a batch is full, by count or by bytes', async () => {
    const pipeline = new FakePipeline();
    const byCount = new PipelineEmitter(pipeline, { namespace: 't', batchSize: 3 });
    emit(byCount, 2);
    assert.equal(pipeline.attempts, 0);
    emit(byCount, 1);
    assert.equal(pipeline.attempts, 1, 'in the same turn');
    await settled();
    assert.deepEqual(
      pipeline.sends.map((records) => records.length),
      [3],
    );
    const byBytes = new PipelineEmitter(pipeline, { namespace: 't', batchBytes: 2000 });
    byBytes.emit('thing.created', 'things', { $id: 'a', text: 'x'.repeat(2000) });
    assert.equal(pipeline.attempts, 2);
  });

  it('has the defaults of the seed', async () => {
    const pipeline = new FakePipeline();
    const emitter = new PipelineEmitter(pipeline, { namespace: 't' });
    emit(emitter, 999);
    await tick(59_999);
    assert.equal(pipeline.attempts, 0);
    await tick(1);
    assert.equal(pipeline.records.length, 999);
    emit(emitter, 1000);
    await settled();
    assert.equal(pipeline.records.length, 1999);
    pipeline.error = new Error('down');
    emit(emitter, 1);
    const flushed = emitter.flush().catch((e) => e.message);
    for (const wait of [1000, 1000, 1000]) {
      await settled();
      await tick(wait);
    }
    assert.equal(pipeline.attempts, 2 + 4, 'three repetitions, a second apart');
    assert.equal(await flushed, 'events were dropped: down');
    assert.equal(emitter.getStats().dropped, 1);
  });

  it('sends each event at once with flushInterval 0', async () => {
    const pipeline = new FakePipeline();
    const emitter = new PipelineEmitter(pipeline, { namespace: 't', flushInterval: 0 });
    emit(emitter, 1);
    assert.equal(pipeline.attempts, 1);
    await settled();
    assert.equal(pipeline.records.length, 1);
  });

  it('waits one, two and four seconds when told to back off, then tells the dead-letter queue', async () => {
    const pipeline = new FakePipeline();
    const letters = new FakePipeline();
    pipeline.error = new Error('Pipeline is down');
    const config = { namespace: 't', exponentialBackoff: true, deadLetterQueue: letters };
    const emitter = new PipelineEmitter(pipeline, config);
    emit(emitter, 2);
    const flushed = emitter.flush();
    await settled();
    assert.equal(pipeline.attempts, 1);
    for (const [wait, attempts] of [
      [1000, 2],
      [2000, 3],
      [4000, 4],
    ]) {
      await tick(wait - 1);
      assert.equal(pipeline.attempts, attempts - 1);
      await tick(1);
      assert.equal(pipeline.attempts, attempts);
    }
    await flushed;
    assert.equal(letters.records.length, 2);
    assert.equal(letters.records[0].record.verb, 'thing.created');
    assert.equal(letters.records[0].error, 'Pipeline is down');
    assert.equal(letters.records[0].attempts, 4);
    assert.equal(emitter.getStats().deadLettered, 2);
  });

  it('repeats the same records, and goes on when the Pipeline is back', async () => {
    const pipeline = new FakePipeline();
    const seen = [];
    const send = (records) => {
      seen.push(records);
      return pipeline.send(records);
    };
    pipeline.error = new Error('down');
    const emitter = new PipelineEmitter({ send }, { namespace: 't', batchSize: 1, retryDelay: 50 });
    emit(emitter, 1);
    await settled();
    assert.equal(emitter.getStats().status, 'retrying');
    pipeline.error = null;
    await tick(50);
    assert.deepEqual(seen[0], seen[1]);
    assert.equal(pipeline.records.length, 1);
    assert.equal(emitter.getStats().status, 'ok');
  });

  it('survives a send that throws in place of rejecting', async () => {
    let broken = true;
    const pipeline = new FakePipeline();
    const send = (records) => {
      if (broken) throw new Error('no such binding');
      return pipeline.send(records);
    };
    const emitter = new PipelineEmitter({ send }, { namespace: 't', batchSize: 1, retryDelay: 10 });
    emit(emitter, 1);
    await settled();
    assert.equal(emitter.getStats().lastError, 'no such binding');
    broken = false;
    await tick(10);
    assert.equal(pipeline.records.length, 1);
  });

  it('never repeats a key or a place in the log, of another emitter either', async () => {
    const pipeline = new FakePipeline();
    for (let i = 0; i < 20; i++) {
      const emitter = new PipelineEmitter(pipeline, { namespace: 't' });
      emit(emitter, 5);
      await emitter.close();
    }
    const keys = new Set(pipeline.records.map(({ idempotencyKey }) => idempotencyKey));
    const places = new Set(pipeline.records.map(({ epoch, seq }) => `${epoch}.${seq}`));
    assert.equal(keys.size, 100);
    assert.equal(places.size, 100);
  });

  it('closes: what there is is sent, and no more is taken', async () => {
    const pipeline = new FakePipeline();
    const emitter = new PipelineEmitter(pipeline, { namespace: 't' });
    emit(emitter, 3);
    await emitter.close();
    assert.equal(pipeline.records.length, 3);
    assert.throws(() => emit(emitter, 1), /closed/);
    assert.equal(emitter.getStats().status, 'closed');
  });

  it('asks for its namespace and its Pipeline', () => {
    assert.throws(
      () => new PipelineEmitter(new FakePipeline(), /** @type {any} */ ({})),
      /namespace is required/,
    );
    assert.throws(() => new PipelineEmitter(/** @type {any} */ (undefined), { namespace: 't' }), /send\(\)/);
  });
});

describe('LazyCheckpointer', () => {
  let sql;
  let manager;
  let done;
  let errors;

  const open = (options = {}) =>
    new LazyCheckpointer({
      sql,
      dirtyTracker: manager,
      onCheckpoint: (stats) => done.push(stats),
      onError: (error) => errors.push(error),
      ...options,
    });

  const create = (type, from, to) => {
    for (let i = from; i < to; i++) manager.create({ $type: type, $id: `${type}${i}`, n: i });
  };

  const recovered = async () => {
    const recovery = new ColdStartRecovery({ namespace: 't', sql });
    await recovery.recover();
    return recovery.getState();
  };

  beforeEach(() => {
    sql = new NodeSql();
    manager = new InMemoryStateManager();
    done = [];
    errors = [];
  });

  it('writes ten seconds after the start, and only while something is dirty', () => {
    const checkpointer = open();
    create('A', 0, 3);
    checkpointer.start();
    mock.timers.tick(9_999);
    assert.equal(done.length, 0);
    mock.timers.tick(1);
    assert.equal(done.length, 1);
    assert.equal(done[0].entityCount, 3);
    assert.equal(done[0].trigger, 'interval');
    assert.equal(manager.getDirtyCount(), 0);
    const { rowsWritten } = sql;
    mock.timers.tick(100_000);
    assert.equal(sql.rowsWritten, rowsWritten, 'nothing is dirty, so nothing is written');
  });

  it('finds within an interval what became dirty without a word', () => {
    const checkpointer = open({ intervalMs: 1000 });
    checkpointer.start();
    create('A', 0, 1);
    mock.timers.tick(1000);
    assert.equal(done.length, 1);
    create('A', 1, 2);
    mock.timers.tick(1000);
    assert.equal(done.length, 2);
    mock.timers.tick(5000);
    create('A', 2, 3);
    checkpointer.notifyDirty();
    mock.timers.tick(1000);
    assert.equal(done.length, 3);
  });

  it('writes at once at 100 dirty entries, or at 10 MB', () => {
    const checkpointer = open();
    create('A', 0, 99);
    checkpointer.notifyDirty();
    assert.equal(done.length, 0);
    create('A', 99, 100);
    checkpointer.notifyDirty();
    assert.equal(done[0].trigger, 'count');
    manager.create({ $type: 'B', text: 'x'.repeat(11 * 1024 * 1024) });
    checkpointer.notifyDirty();
    assert.equal(done[1]?.trigger ?? errors[0]?.message, 'memory');
  });

  it('keeps small collections in one row, and large ones in a row a thing', async () => {
    const checkpointer = open();
    create('Small', 0, 49);
    create('Large', 0, 50);
    await checkpointer.checkpoint('manual');
    const stats = checkpointer.getStats();
    assert.equal(stats.columnarWrites, 1);
    assert.equal(stats.normalizedWrites, 50);
    assert.ok(stats.totalRowWrites >= 51);
    assert.equal((await recovered()).size, 99);
  });

  it('keeps the clean things of a collection of which one is dirty', async () => {
    const checkpointer = open();
    create('A', 0, 10);
    await checkpointer.checkpoint();
    manager.update('A3', { n: 33 });
    manager.delete('A4');
    await checkpointer.checkpoint();
    const state = await recovered();
    assert.equal(state.size, 9);
    assert.deepEqual(state.get('A3'), { $id: 'A3', $type: 'A', $version: 2, n: 33 });
    assert.equal(state.get('A5').n, 5);
    assert.equal(state.has('A4'), false);
  });

  it('keeps what another instance wrote', async () => {
    create('A', 0, 10);
    await open().checkpoint();
    manager = new InMemoryStateManager();
    create('A', 10, 12);
    await open().checkpoint();
    assert.equal((await recovered()).size, 12);
  });

  it('moves a thing to another type', async () => {
    const checkpointer = open();
    manager.create({ $type: 'A', $id: 'x' });
    await checkpointer.checkpoint();
    manager.delete('x');
    manager.create({ $type: 'B', $id: 'x' });
    await checkpointer.checkpoint();
    assert.equal((await recovered()).get('x').$type, 'B');
  });

  it('says what went wrong, keeps everything dirty, and tries again', async () => {
    const checkpointer = open();
    checkpointer.start();
    create('A', 0, 2);
    sql.failing = true;
    await assert.rejects(checkpointer.checkpoint('manual'), /disk full/);
    assert.match(errors[0].message, /disk full/);
    assert.ok(errors[0] instanceof Error);
    assert.equal(manager.getDirtyCount(), 2);
    assert.match(checkpointer.getStats().lastError, /disk full/);
    sql.failing = false;
    mock.timers.tick(10_000);
    assert.equal(manager.getDirtyCount(), 0);
    assert.equal(done.length, 1);
  });

  it('saves before hibernation, and when it is destroyed', async () => {
    const checkpointer = open();
    checkpointer.start();
    create('A', 0, 1);
    await checkpointer.beforeHibernation();
    assert.equal(done[0].trigger, 'hibernation');
    create('A', 1, 2);
    await checkpointer.destroy();
    assert.equal(done.length, 2);
    create('A', 2, 3);
    checkpointer.notifyDirty();
    mock.timers.tick(100_000);
    assert.equal(done.length, 2, 'nothing comes by itself any more');
  });

  it('does nothing, and says so, when nothing is dirty', async () => {
    const stats = await open().checkpoint('manual');
    assert.equal(stats.entityCount, 0);
    assert.equal(sql.rowsWritten, 0);
    assert.equal(done.length, 0);
  });

  it('takes a tracker that gives its things, in a map, a set or an array', async () => {
    const a = { $id: 'a', $type: 'T', $version: 3, n: 1 };
    const cleaned = [];
    const markClean = (ids) => cleaned.push(...ids);
    for (const entries of [new Map([['a', a]]), [a], new Set([a])]) {
      sql = new NodeSql();
      manager = { getDirtyEntries: () => entries, markClean };
      await open().checkpoint();
      assert.deepEqual((await recovered()).get('a'), a);
    }
    sql = new NodeSql();
    manager = { getDirtyEntries: () => [{ id: 'b', type: 'T', data: { n: 1 } }], markClean };
    await open().checkpoint();
    assert.deepEqual((await recovered()).get('b'), { $id: 'b', $type: 'T', $version: 1, n: 1 });
    assert.deepEqual(cleaned, ['a', 'a', 'a', 'b']);
  });

  it('asks for its sql and its tracker', () => {
    assert.throws(() => open({ sql: undefined }), /sql/);
    assert.throws(() => open({ dirtyTracker: {} }), /getDirtyEntries\(\)/);
    assert.throws(() => open({ intervalMs: 0 }), /intervalMs/);
  });
});

describe('ColdStartRecovery', () => {
  const RECORDS = [
    { verb: 'thing.updated', payload: { $id: 'a', n: 2 }, timestamp: '2024-01-01T00:00:02.000Z' },
    {
      verb: 'thing.created',
      payload: { $id: 'a', $type: 'T', $version: 1, n: 1 },
      timestamp: '2024-01-01T00:00:01.000Z',
      idempotencyKey: 'k1',
    },
    {
      verb: 'thing.created',
      payload: { $id: 'a', $type: 'T', $version: 1, n: 1 },
      timestamp: '2024-01-01T00:00:01.000Z',
      idempotencyKey: 'k1',
    },
    { verb: 'thing.created', payload: { $id: 'b', $type: 'T' }, timestamp: '2024-01-01T00:00:03.000Z' },
    { verb: 'thing.deleted', payload: { $id: 'b' }, timestamp: '2024-01-01T00:00:04.000Z' },
    { verb: 'page.viewed', payload: { $id: 'a' }, timestamp: '2024-01-01T00:00:05.000Z' },
    { verb: 'thing.created', ns: 'other', payload: { $id: 'c', $type: 'T' }, timestamp: 0 },
  ];
  const iceberg = { getRecords: async () => RECORDS };

  async function saved(count) {
    const sql = new NodeSql();
    const manager = new InMemoryStateManager();
    for (let i = 0; i < count; i++) manager.create({ $type: 'T', $id: `t${i}`, n: i });
    await new LazyCheckpointer({ sql, dirtyTracker: manager }).checkpoint();
    return sql;
  }

  it('loads from SQLite first', async () => {
    const getRecords = mock.fn(async () => RECORDS);
    const progress = [];
    const recovery = new ColdStartRecovery({
      namespace: 't',
      sql: await saved(60),
      iceberg: { getRecords },
      onProgress: (report) => progress.push(report),
    });
    const result = await recovery.recover();
    assert.deepEqual(result, {
      source: 'sqlite',
      thingsLoaded: 60,
      eventsReplayed: 0,
      durationMs: 0,
      duplicatesSkipped: 0,
    });
    assert.equal(getRecords.mock.callCount(), 0);
    assert.deepEqual(progress, [{ phase: 'sqlite', loaded: 60, total: 60, elapsedMs: 0 }]);
    const state = recovery.getState();
    assert.ok(state instanceof Map);
    assert.deepEqual(state.get('t7'), { $id: 't7', $type: 'T', $version: 1, n: 7 });
    assert.deepEqual(recovery.validateState(), { valid: true, errors: [] });
  });

  it('replays the archive in the order of time when SQLite is empty', async () => {
    const progress = [];
    const recovery = new ColdStartRecovery({
      namespace: 't',
      sql: new NodeSql(),
      iceberg,
      onProgress: (report) => progress.push(report.phase),
    });
    const result = await recovery.recover();
    assert.equal(result.source, 'iceberg');
    assert.equal(result.thingsLoaded, 1);
    assert.equal(result.eventsReplayed, 4);
    assert.deepEqual([...recovery.getState()], [['a', { $id: 'a', $type: 'T', $version: 2, n: 2 }]]);
    assert.equal(recovery.getState().get('a').$createdAt, Date.parse('2024-01-01T00:00:01.000Z'));
    assert.ok(progress.includes('iceberg'));
  });

  it('replays what a stand-alone emitter sent, in order, whichever emitter it was', async () => {
    const pipeline = new FakePipeline();
    const verbs = ['thing.created', 'thing.updated', 'thing.updated'];
    for (const [n, verb] of verbs.entries()) {
      const emitter = new PipelineEmitter(pipeline, { namespace: 't' });
      emitter.emit(verb, 'things', { $id: 'a', $type: 'T', n });
      await emitter.close();
      mock.timers.tick(1);
    }
    const source = { getRecords: () => pipeline.records };
    const recovery = new ColdStartRecovery({ namespace: 't', sql: new NodeSql(), iceberg: source });
    await recovery.recover();
    assert.deepEqual(recovery.getState().get('a'), { $id: 'a', $type: 'T', $version: 3, n: 2 });
  });

  it('takes the archive when SQLite cannot be read', async () => {
    const exec = () => {
      throw new Error('SQLITE_CORRUPT: database disk image is malformed');
    };
    mock.method(console, 'warn', () => {});
    const result = await new ColdStartRecovery({ namespace: 't', sql: { exec }, iceberg }).recover();
    assert.equal(result.source, 'iceberg');
    assert.equal(result.thingsLoaded, 1);
    mock.restoreAll();
    await assert.rejects(
      new ColdStartRecovery({ namespace: 't', sql: { exec } }).recover(),
      /SQLITE_CORRUPT/,
    );
  });

  it('handles an empty state', async () => {
    const none = { getRecords: async () => [] };
    for (const source of [undefined, none]) {
      const recovery = new ColdStartRecovery({ namespace: 't', sql: new NodeSql(), iceberg: source });
      const { source: from, thingsLoaded, eventsReplayed } = await recovery.recover();
      assert.deepEqual([from, thingsLoaded, eventsReplayed], ['empty', 0, 0]);
      assert.equal(recovery.getState().size, 0);
      assert.equal(recovery.validateState().valid, true);
    }
  });

  it('rebuilds from the archive when told to, over what SQLite has', async () => {
    const recovery = new ColdStartRecovery({ namespace: 't', sql: await saved(60), iceberg });
    await recovery.recover();
    assert.equal(recovery.getState().size, 60);
    const rebuilt = await recovery.forceRebuildFromIceberg();
    assert.equal(rebuilt.source, 'iceberg');
    assert.equal(recovery.getState().size, 1);
    await recovery.forceRebuildFromIceberg();
    await recovery.recover();
    assert.equal(recovery.getState().size, 60);
    const without = new ColdStartRecovery({ namespace: 't', sql: new NodeSql() });
    await assert.rejects(without.forceRebuildFromIceberg(), /no archive reader/);
  });

  it('gives up after 30 seconds of silence, and may be called again', async () => {
    let answer = () => new Promise(() => {});
    const recovery = new ColdStartRecovery({
      namespace: 't',
      sql: new NodeSql(),
      iceberg: { getRecords: () => answer() },
    });
    const waiting = recovery.recover().catch((e) => e.message);
    await tick(29_999);
    await tick(1);
    assert.match(await waiting, /nothing new for 30000 ms/);
    answer = async () => /** @type {any} */ (RECORDS);
    assert.equal((await recovery.recover()).thingsLoaded, 1);
  });

  it('asks another Worker, whose binding seems to have every method, for its records', async () => {
    const answers = { getRecords: async () => RECORDS };
    const binding = new Proxy({}, { get: (_, name) => answers[name] ?? (() => assert.fail(String(name))) });
    const recovery = new ColdStartRecovery({
      namespace: 't',
      sql: new NodeSql(),
      iceberg: /** @type {any} */ (binding),
    });
    assert.equal((await recovery.recover()).thingsLoaded, 1);
  });

  it('fails when the archive fails: a state is never empty over data', async () => {
    const broken = {
      getRecords: async () => {
        throw new Error('401 from the catalog');
      },
    };
    const recovery = new ColdStartRecovery({ namespace: 't', sql: new NodeSql(), iceberg: broken });
    await assert.rejects(recovery.recover(), /401 from the catalog/);
  });
});

describe('UnifiedStoreDO', () => {
  const state = (sql = new NodeSql()) => ({ id: { name: 'tenant-123' }, storage: { sql } });
  const socket = () => {
    const replies = [];
    return { replies, send: (text) => replies.push(JSON.parse(text)) };
  };

  it('without a Pipeline keeps no events for one, however many writes there are', async () => {
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), { GROUP_COMMIT_MS: '0' });
    await store.onStart();
    // One more than an event log may have rows.
    for (let n = 0; n <= 20_000; n++) {
      if (n % 1_000 === 0) await store.checkpoint();
      await store.put('C', 'a', { n });
    }
    const stats = await (await store.handleRequest(new Request('http://object/stats'))).json();
    assert.equal(stats.durability, 'local');
    assert.equal(stats.appliedSeq, 20_001);
    assert.equal(stats.pipeline.queued, 0);
  });

  it('may be given a Pipeline and an archive later, and loses nothing then', async () => {
    const records = [];
    const bound = {
      EVENTS: { send: async (batch) => void records.push(...structuredClone(batch)) },
      DURABILITY: 'pipeline',
    };
    const iceberg = { getRecords: () => records };
    const object = /** @type {any} */ (state());
    const first = new UnifiedStoreDO(object, {});
    await first.onStart();
    await passing(first.put('C', 'a', { n: 1 }));

    const second = new UnifiedStoreDO(object, bound, { iceberg });
    await second.onStart();
    await passing(second.put('C', 'b', { n: 2 }));
    await passing(second.update('a', { increment: { n: 1 } }));

    const third = new UnifiedStoreDO(object, bound, { iceberg });
    await passing(third.onStart());
    const answered = async () => third.read(['a', 'b']).catch(() => answered());
    const { a, b } = await passing(answered());
    assert.deepEqual([a.n, b.n], [2, 2]);
    assert.ok(records.some(({ entityId, verb }) => entityId === 'b' && verb === 'thing.created'));
  });

  it('that has to have a Pipeline says that there is none', async () => {
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), {}, { durability: 'pipeline' });
    await store.onStart();
    store.put('C', 'a', {}).catch(() => {});
    await settled();
    const stats = await (await store.handleRequest(new Request('http://object/stats'))).json();
    assert.match(stats.pipeline.lastError, /no Pipeline is bound as EVENTS/);
  });

  it('works over an object of which a test has made the least', async () => {
    const object = state();
    const store = new UnifiedStoreDO(/** @type {any} */ (object), {}, { namespace: 't' });
    await store.onStart();
    const ws = /** @type {any} */ (socket());
    await passing(store.handleCreate(ws, { id: 1, $type: 'Customer', data: { $id: 'a', name: 'Alice' } }));
    await passing(store.handleUpdate(ws, { id: 2, $id: 'a', data: { name: 'Alice Smith' } }));
    await passing(store.handleRead(ws, { id: 3, $ids: ['a'] }));
    await passing(store.handleBatch(ws, { id: 4, operations: [{ type: 'delete', $id: 'a' }] }));
    await passing(store.handleDelete(ws, { id: 5, $id: 'a' }));
    assert.deepEqual(
      ws.replies.map(({ id, status }) => [id, status]),
      [
        [1, 'ack'],
        [2, 'ack'],
        [3, 'ok'],
        [4, 'ack'],
        [5, 'ok'],
      ],
    );
    assert.equal(ws.replies[2].things.a.name, 'Alice Smith');
  });

  it('gives a thing, what is dirty, and a checkpoint', async () => {
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), {});
    await store.onStart();
    const ws = /** @type {any} */ (socket());
    assert.equal(store.get('a'), null);
    await passing(store.handleCreate(ws, { id: 1, $type: 'C', data: { $id: 'a', n: 1 } }));
    assert.equal(store.get('a').n, 1);
    assert.equal(store.get('a').$version, 1);
    assert.deepEqual(store.getDirtyEntries(), new Set(['a']));
    const stats = await store.checkpoint();
    assert.equal(stats.entityCount, 1);
    assert.equal(stats.trigger, 'manual');
    assert.deepEqual(store.getDirtyEntries(), new Set());
  });

  it('shows the last durable version, never one that could still be lost', async () => {
    let accept;
    const EVENTS = { send: () => new Promise((resolve) => (accept = resolve)) };
    const config = { durability: /** @type {'pipeline'} */ ('pipeline') };
    mock.method(console, 'warn', () => {});
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), { EVENTS }, config);
    await store.onStart();
    const ws = /** @type {any} */ (socket());
    const created = store.handleCreate(ws, { id: 1, $type: 'C', data: { $id: 'a', n: 1 } });
    await settled();
    assert.equal(store.get('a'), null);
    accept();
    await settled();
    accept();
    await passing(created);
    const updated = store.handleUpdate(ws, { id: 2, $id: 'a', data: { n: 2 } });
    await settled();
    assert.equal(store.get('a').n, 1);
    accept();
    await passing(updated);
    assert.equal(store.get('a').n, 2);
    mock.restoreAll();
  });

  it('has the requests of the protocol as methods, which resolve when they are durable', async () => {
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), {});
    await store.onStart();
    const data = { tags: ['x'] };
    const made = passing(store.create('C', data, { id: 'a' }));
    data.tags.push('y');
    assert.deepEqual(await made, { $id: 'a', $version: 1 });
    assert.deepEqual(store.get('a').tags, ['x'], 'what is passed in is copied');
    await passing(store.update('a', { increment: { n: 2 }, unset: ['tags'] }));
    assert.equal((await store.read(['a'])).a.n, 2);
    assert.equal(await store.count('C'), 1);
    await assert.rejects(store.create('C', {}, { id: 'a' }), (/** @type {any} */ error) => {
      assert.equal(error.name, 'StoreError');
      assert.equal(error.code, 'CONFLICT');
      assert.deepEqual(error.details, { version: 2 });
      return /^CONFLICT: /.test(error.message);
    });
    await assert.rejects(
      store.update('a', /** @type {any} */ ({ data: 3 })),
      /^StoreError: VALIDATION_ERROR/,
    );
  });

  it('lets a rule refuse and change writes, and turns what it throws into a refusal', async () => {
    const rule = mock.fn((operation) => {
      if (operation.$id === 'no') throw new Error('a bug');
      if (operation.$type === 'Later') return /** @type {any} */ (Promise.resolve());
      return operation.type === 'delete'
        ? { type: 'update', $id: operation.$id, data: { gone: true } }
        : undefined;
    });
    const store = new UnifiedStoreDO(/** @type {any} */ (state()), {}, { onWrite: rule });
    await store.onStart();
    await passing(store.create('C', { $id: 'a' }));
    await passing(store.delete('a'));
    assert.equal(store.get('a').gone, true);
    await assert.rejects(store.update('no', { data: {} }), /INTERNAL_ERROR: onWrite failed: a bug/);
    await assert.rejects(store.create('Later', {}), /at once/);
    assert.equal(rule.mock.callCount(), 4);
    assert.deepEqual(rule.mock.calls[0].arguments[1], { via: 'process' });
  });

  it('tells of changes once they are durable, and of no others', async () => {
    let accept;
    const EVENTS = { send: () => new Promise((resolve) => (accept = resolve)) };
    const told = [];
    mock.method(console, 'warn', () => {});
    const store = new UnifiedStoreDO(
      /** @type {any} */ (state()),
      { EVENTS },
      {
        durability: 'pipeline',
        onChange: (changes) => told.push(...changes),
      },
    );
    await store.onStart();
    const made = store.create('C', { $id: 'a', n: 1 });
    await tick(100);
    assert.deepEqual(told, []);
    for (let i = 0; i < 2; i++) {
      accept();
      await settled();
    }
    await made;
    await tick(100);
    assert.equal(told[0].$id, 'a');
    assert.equal(told[0].thing.n, 1);
    const messages = [];
    const stop = store.subscribe({ $type: 'C' }, (message) => messages.push(message));
    await tick(100);
    assert.deepEqual(Object.keys(messages[0].things), ['a']);
    assert.equal(messages.at(-1).more, false);
    stop();
    const count = messages.length;
    const gone = store.delete('a');
    await settled();
    accept();
    await gone;
    await tick(100);
    assert.deepEqual(told.at(-1), { $id: 'a', thing: null });
    assert.equal(messages.length, count);
    const errors = [];
    store.subscribe(
      /** @type {any} */ ({ where: 3 }),
      () => {},
      (error) => errors.push(error),
    );
    assert.equal(errors[0].name, 'StoreError');
    mock.restoreAll();
  });

  it('keeps the promise of the seed with the settings of its example', async () => {
    const sql = new NodeSql();
    const EVENTS = { send: async () => {} };
    mock.method(console, 'warn', () => {});
    const store = new UnifiedStoreDO(
      /** @type {any} */ (state(sql)),
      { EVENTS },
      {
        namespace: 'tenant-123',
        durability: 'pipeline',
        checkpointInterval: 5000,
        columnarThreshold: 1000,
        dirtyCountThreshold: 100,
      },
    );
    await store.onStart();
    const ws = /** @type {any} */ ({ send() {} });
    const message = (request) => store.handleMessage(ws, JSON.stringify({ id: 1, ...request }));
    for (let i = 0; i < 1000; i++) message({ type: 'create', $type: 'T', data: { $id: `t${i}` } });
    await tick(10_000);
    const before = sql.rowsWritten;
    for (let ms = 0; ms < 20_000; ms++) {
      message({ type: 'update', $id: `t${ms % 1000}`, data: { n: ms } });
      if (ms % 10 === 9) await tick(10);
    }
    const rows = sql.rowsWritten - before;
    assert.ok(rows > 0 && rows <= 22, `a row a second at most, there are ${rows}`);
    mock.restoreAll();
  });

  it('starts from an archive of the original’s shape, and from SQLite after that', async () => {
    const sent = new FakePipeline();
    const getRecords = mock.fn(async () => [
      { verb: 'thing.created', payload: { $id: 'a', $type: 'T', n: 1 }, timestamp: '2024-01-01T00:00:01Z' },
    ]);
    const sql = new NodeSql();
    const env = { EVENTS: sent };
    const open = () => new UnifiedStoreDO(/** @type {any} */ (state(sql)), env, { iceberg: { getRecords } });
    const store = open();
    await settled();
    for (let i = 0; i < 20; i++) await tick(1000);
    await store.onStart();
    assert.equal(store.get('a').n, 1);
    const ws = /** @type {any} */ (socket());
    await passing(store.handleUpdate(ws, { id: 1, $id: 'a', data: { n: 2 } }));
    await store.beforeHibernation();
    const asked = getRecords.mock.callCount();
    const next = open();
    await next.onStart();
    assert.equal(next.get('a').n, 2);
    assert.equal(getRecords.mock.callCount(), asked);
  });
});

describe("the seed's snippets", () => {
  const print = [];

  beforeEach(() => {
    print.length = 0;
    mock.method(console, 'log', (line) => print.push(line));
  });

  afterEach(() => mock.restoreAll());

  it('run with only the import path changed', async () => {
    const { customer, dirtyIds, manager, retrieved, updated } = await import(
      './seed/in-memory-state-manager.ts'
    );
    assert.deepEqual(retrieved, customer);
    assert.deepEqual(updated, { ...customer, $version: 2, name: 'Alice Smith' });
    assert.deepEqual(dirtyIds, new Set([customer.$id]));
    assert.equal(manager.getDirtyCount(), 0);

    const events = new FakePipeline();
    const records = [{ verb: 'thing.created', payload: { $id: 'x', $type: 'T' }, timestamp: 1 }];
    const tracker = new InMemoryStateManager();
    for (let i = 0; i < 3; i++) tracker.create({ $type: 'T', $id: `t${i}` });
    Object.assign(globalThis, {
      env: { EVENTS: events, DLQ: new FakePipeline(), ICEBERG: { getRecords: async () => records } },
      state: { storage: { sql: new NodeSql() } },
      stateManagerAdapter: tracker,
    });
    await import('./seed/pipeline-emitter.ts');
    assert.equal(events.records[0].payload.name, 'Alice');

    const { stats } = await import('./seed/lazy-checkpointer.ts');
    assert.equal(stats.columnarWrites, 1);
    assert.deepEqual(print, ['Checkpointed 3 entities']);

    const recovery = await import('./seed/cold-start-recovery.ts');
    assert.equal(recovery.result.source, 'sqlite');
    assert.equal(recovery.result.thingsLoaded, 3);
    assert.equal(recovery.rebuilt.thingsLoaded, 1);
    assert.equal(recovery.recoveredState().state.get('x').$type, 'T');
    assert.equal(print[1], 'sqlite: 3/3 (0ms)');
  });
});

it('imports nothing that only workerd has', () => {
  for (const file of ['../src/store.js', '../src/host.js', '../src/components/index.js']) {
    assert.doesNotMatch(readFileSync(new URL(file, import.meta.url), 'utf8'), /cloudflare:/);
  }
});
