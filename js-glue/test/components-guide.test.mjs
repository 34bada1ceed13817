// The pieces of TypeScript in docs/guide are the files of test/guide, letter by letter, and those run.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, it, mock } from 'node:test';
import { InMemoryStateManager, LazyCheckpointer } from '@unified-storage/worker/components';
import { root } from '../../worker/scripts/paths.mjs';
import { NodeSql } from './node-sql.mjs';

const GUIDES = join(root, 'docs', 'guide');
const FILES = join(root, 'js-glue', 'test', 'guide');
const START = Date.parse('2026-01-31T12:00:00.000Z');

const print = [];

function pieces(folder, pattern) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const all = files.flatMap(({ name }) => [...readFileSync(join(folder, name), 'utf8').matchAll(pattern)]);
  return all.map(([, name, code]) => [name, code.trim()]).sort();
}

/** A Pipeline that keeps what it is sent. */
function pipeline() {
  const records = [];
  return { records, send: async (batch) => void records.push(...batch) };
}

function found(given) {
  Object.assign(globalThis, { state: { storage: { sql: new NodeSql() } }, ...given });
}

/** Lets time pass until something has come to its end: a group commit waits for 50 ms. */
async function passing(promise) {
  let ended = false;
  const end = () => {
    ended = true;
  };
  promise.then(end, end);
  for (let i = 0; i < 100 && !ended; i++) {
    mock.timers.tick(50);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  return promise;
}

beforeEach(() => {
  print.length = 0;
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  mock.method(console, 'log', (line) => print.push(line));
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

it('shows what the files have, and nothing else', () => {
  const shown = pieces(GUIDES, /^<!-- snippet: (\S+) -->\n```ts\n(.*?)```$/gms);
  assert.deepEqual(shown, pieces(FILES, /^\/\/ snippet: (\S+)\n(.*?)^\/\/ end$/gms));
  assert.equal(pieces(GUIDES, /^(```)(ts|js|typescript)$/gm).length, shown.length);
});

it('names every option and method of a component on its page', () => {
  const types = readFileSync(join(root, 'js-glue', 'src', 'components', 'index.d.ts'), 'utf8');
  const members = (kind, name) => {
    const [, body] = new RegExp(`^export ${kind} ${name} [^]*?\\{\\n([^]*?)^\\}`, 'm').exec(types) ?? [];
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member]) => member);
  };
  for (const [page, options, component] of [
    ['in-memory-state-manager', 'StateManagerOptions', 'InMemoryStateManager'],
    ['pipeline-emitter', 'PipelineEmitterConfig', 'PipelineEmitter'],
    ['lazy-checkpointer', 'LazyCheckpointerOptions', 'LazyCheckpointer'],
    ['cold-start-recovery', 'ColdStartRecoveryOptions', 'ColdStartRecovery'],
  ]) {
    const text = readFileSync(join(GUIDES, `${page}.md`), 'utf8');
    const all = [...members('interface', options), ...members('class', component)];
    assert.ok(all.length > 8, `${page}: ${all}`);
    for (const name of all) {
      if (name !== 'constructor') assert.match(text, new RegExp(`\`${name}\\b`), `${page} lacks ${name}`);
    }
  }
});

it('runs the state manager', async () => {
  const { customer, dirtyIds, manager, retrieved, updated } = await import(
    './guide/in-memory-state-manager.ts'
  );
  assert.deepEqual(retrieved, customer);
  assert.deepEqual(updated, { ...customer, $version: 2, name: 'Alice Smith' });
  assert.deepEqual(dirtyIds, new Set([customer.$id]));
  assert.equal(manager.getDirtyCount(), 0);
});

it('runs the emitter', async () => {
  const EVENTS = pipeline();
  found({ env: { EVENTS, DLQ: pipeline() } });
  const { dropped, sent } = await import('./guide/pipeline-emitter.ts');
  assert.deepEqual([sent, dropped], [1, 0]);
  assert.equal(EVENTS.records[0].payload.name, 'Alice');
});

it('runs the checkpointer', async () => {
  found({});
  const { checkpointer, entityCount, rowsWritten } = await import('./guide/lazy-checkpointer.ts');
  assert.equal(entityCount, 1);
  assert.ok(rowsWritten > 0);
  assert.equal(checkpointer.getStats().columnarWrites, 1);
  assert.deepEqual(print, ['Checkpointed 1 entities']);
});

it('runs the checkpointer over a state of its own', async () => {
  found({});
  const { dirty } = await import('./guide/own-tracker.ts');
  assert.equal(dirty.size, 0);
});

it('runs the recovery', async () => {
  const dirtyTracker = new InMemoryStateManager();
  dirtyTracker.create({ $type: 'Customer', $id: 'alice' });
  found({ env: { ICEBERG: { getRecords: () => [] } } });
  const { sql } = /** @type {any} */ (globalThis).state.storage;
  await new LazyCheckpointer({ sql, dirtyTracker }).checkpoint();
  const { errors, source, things, thingsLoaded, valid } = await import('./guide/cold-start-recovery.ts');
  assert.deepEqual([source, thingsLoaded, valid, errors], ['sqlite', 1, true, []]);
  assert.equal(things.get('alice').$type, 'Customer');
  assert.deepEqual(print, ['sqlite: 1/1']);
});

it('runs the recovery from records of the original’s shape', async () => {
  found({});
  const { alice } = await import('./guide/records.ts');
  assert.deepEqual(alice, { $id: 'alice', $type: 'Customer', $version: 1, name: 'Alice' });
  assert.equal(alice.$createdAt, Date.parse('2026-01-31T11:00:00.000Z'));
});

it('runs the store', async () => {
  const { Customers } = await import('./guide/unified-store-do.ts');
  const state = /** @type {any} */ ({ id: { name: 'tenant-123' }, storage: { sql: new NodeSql() } });
  const customers = new Customers(state, /** @type {any} */ ({ EVENTS: pipeline() }));
  assert.equal(await passing(customers.rename('alice', 'Alice')), 1);
  const replies = [];
  const ws = /** @type {any} */ ({ send: (text) => replies.push(JSON.parse(text)) });
  customers.webSocketMessage(ws, '{"type":"read","id":1,"$ids":["alice"]}');
  customers.alarm();
  assert.equal(replies[0].things.alice.name, 'Alice');
});
