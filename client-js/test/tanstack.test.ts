import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  and,
  createCollection,
  createLiveQueryCollection,
  eq,
  gt,
  inArray,
  IR,
  like,
  not,
  or,
} from '@tanstack/db';
import { connect, type StoreError } from '../src/index.ts';
import { demandOf } from '../src/demand.ts';
import { unifiedStorageCollectionOptions } from '../src/tanstack.ts';
import { FakeStore, FakeTime, randomOf } from './fake.ts';

type Types = { Card: { board: string; title: string; points?: number } };

/** A store whose fake time runs by itself. */
function world(t: TestContext) {
  const time = new FakeTime();
  const server = new FakeStore(time, randomOf(3));
  const store = connect<Types>({ url: 'ws://fake', platform: server.platform(), heartbeatMs: 0 });
  let running = true;
  const run = async () => {
    while (running) await time.pass(5);
  };
  void run();
  t.after(() => {
    store.close();
    running = false;
  });
  return { server, store };
}

async function until(done: () => boolean) {
  const end = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > end) throw new Error(`still not so: ${done}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const put = (server: FakeStore, $id: string, data: object) =>
  server.change({ type: 'put', $type: 'Card', $id, data });

test('a collection is a live set: what others change shows, what is changed here is sent', async (t) => {
  const { server, store } = world(t);
  put(server, 'a', { board: 'b1', title: 'A' });
  const cards = createCollection(unifiedStorageCollectionOptions({ store, $type: 'Card' }));
  await cards.preload();
  assert.deepEqual([...cards.keys()], ['a']);

  put(server, 'b', { board: 'b1', title: 'B' });
  await until(() => cards.has('b'));

  const inserted = cards.insert({ $id: 'c', board: 'b2', title: 'C' } as never);
  assert.equal(cards.get('c')?.title, 'C');
  await inserted.isPersisted.promise;
  assert.equal(cards.get('c')?.$version, 1);

  const updated = cards.update('c', (draft) => {
    draft.title = 'C!';
    draft.points = 3;
  });
  assert.equal(cards.get('c')?.title, 'C!');
  await updated.isPersisted.promise;
  assert.deepEqual(server.things.get('c')?.points, 3);

  for (const clear of [
    (draft: { points?: number }) => {
      delete draft.points;
    },
    (draft: { points?: number }) => {
      draft.points = undefined;
    },
  ]) {
    await cards.update('c', clear).isPersisted.promise;
    assert.deepEqual(server.applied.at(-1)?.unset, ['points'], 'JSON has no undefined');
  }

  await cards.delete('a').isPersisted.promise;
  assert.equal(server.things.has('a'), false);
  assert.equal(cards.has('a'), false);
});

test('a change that the store refuses is taken back', async (t) => {
  const { server, store } = world(t);
  put(server, 'a', { board: 'b1', title: 'A' });
  const cards = createCollection(unifiedStorageCollectionOptions({ store, $type: 'Card' }));
  await cards.preload();
  server.refuse = ({ type }) =>
    type === 'batch' ? { status: 'error', code: 'VALIDATION_ERROR', error: 'no' } : null;
  const update = cards.update('a', (draft) => {
    draft.title = 'other';
  });
  assert.equal(cards.get('a')?.title, 'other');
  await assert.rejects(
    update.isPersisted.promise,
    (error: unknown) => (error as StoreError).code === 'VALIDATION_ERROR',
  );
  assert.equal(cards.get('a')?.title, 'A');
});

test('on demand, what live queries ask for follows, and goes with the last of them', async (t) => {
  const { server, store } = world(t);
  for (let i = 0; i < 20; i++) put(server, `c${i}`, { board: `b${i % 2}`, title: `T${i}`, points: i });
  const cards = createCollection(
    unifiedStorageCollectionOptions({ store, $type: 'Card', syncMode: 'on-demand' }),
  );
  const board = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .where(({ card }) => eq(card.board, 'b1'))
      .orderBy(({ card }) => card.points, 'desc'),
  );
  await board.preload();
  assert.equal(board.size, 10);
  assert.equal(board.toArray[0].$id, 'c19');
  const subscribed = server.messages.flat().find(({ type }) => type === 'subscribe') as { where?: unknown };
  assert.deepEqual(subscribed.where, { board: { $eq: 'b1' } });
  put(server, 'new', { board: 'b1', title: 'N', points: 100 });
  await until(() => board.toArray[0]?.$id === 'new');
  await board.cleanup();
});

test('a change settles when one live query shows it, and waits for no other', async (t) => {
  const { server, store } = world(t);
  put(server, 'a', { board: 'b1', title: 'A' });
  put(server, 'b', { board: 'b2', title: 'B' });
  const cards = createCollection(
    unifiedStorageCollectionOptions({ store, $type: 'Card', syncMode: 'on-demand' }),
  );
  const boards = ['b1', 'b2'].map((board) =>
    createLiveQueryCollection((q) => q.from({ card: cards }).where(({ card }) => eq(card.board, board))),
  );
  for (const board of boards) await board.preload();
  // No patience comes to its end.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let settled = false;
  const update = cards.update('a', (draft) => {
    draft.title = 'A!';
  });
  update.isPersisted.promise.then(() => {
    settled = true;
  });
  await until(() => settled);
  assert.equal(cards.get('a')?.title, 'A!');
  t.mock.timers.reset();
});

test('a change that moves a thing from one live query to another never takes it away', async (t) => {
  const { server, store } = world(t);
  put(server, 'a', { board: 'b1', title: 'A' });
  const cards = createCollection(
    unifiedStorageCollectionOptions({ store, $type: 'Card', syncMode: 'on-demand' }),
  );
  const [from, to] = ['b1', 'b2'].map((board) =>
    createLiveQueryCollection((q) => q.from({ card: cards }).where(({ card }) => eq(card.board, board))),
  );
  for (const board of [from, to]) await board.preload();
  const told: string[] = [];
  cards.subscribeChanges((changes) => told.push(...changes.map(({ type }) => type)));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let settled = false;
  const update = cards.update('a', (draft) => {
    draft.board = 'b2';
  });
  update.isPersisted.promise.then(() => {
    settled = true;
  });
  await until(() => settled && cards.get('a')?.$version === 2);
  assert.ok(!told.includes('delete'), told.join());
  assert.deepEqual([from.size, to.size], [0, 1]);

  // Where no live query can show it, there is nothing to wait for.
  await to.cleanup();
  await from.cleanup();
  const all = createLiveQueryCollection((q) =>
    q.from({ card: cards }).where(({ card }) => eq(card.board, 'b2')),
  );
  await all.preload();
  settled = false;
  const leaves = cards.update('a', (draft) => {
    draft.board = 'b3';
  });
  leaves.isPersisted.promise.then(() => {
    settled = true;
  });
  await until(() => settled);
  assert.equal(all.size, 0);
  t.mock.timers.reset();
});

test('conditions are pushed down where the store means the same', () => {
  const field = (name: string) => new IR.PropRef([name]) as never;
  const where = (expression: unknown) => demandOf({ where: expression as never }).where;
  assert.deepEqual(where(and(eq(field('board'), 'b1'), gt(field('points'), 3))), {
    $and: [{ board: { $eq: 'b1' } }, { points: { $gt: 3 } }],
  });
  assert.deepEqual(where(or(eq(field('board'), 'b1'), eq(field('board'), 'b2'))), {
    $or: [{ board: { $eq: 'b1' } }, { board: { $eq: 'b2' } }],
  });
  assert.deepEqual(where(and(eq(field('board'), 'b1'), like(field('title'), 'T%'))), {
    $and: [{ board: { $eq: 'b1' } }],
  });
  assert.equal(where(or(eq(field('board'), 'b1'), like(field('title'), 'T%'))), undefined);
  assert.equal(where(not(eq(field('board'), 'b1'))), undefined);
  assert.equal(where(eq(field('board'), null)), undefined);
  assert.equal(demandOf({}).where, undefined);
  assert.deepEqual(where(and(field('done'), eq(field('board'), 'b1'))), {
    $and: [{ done: { $eq: true } }, { board: { $eq: 'b1' } }],
  });
  assert.deepEqual(where(inArray(field('board'), ['b1', 'b2'])), { board: { $in: ['b1', 'b2'] } });
  assert.equal(where(inArray(field('board'), field('boards'))), undefined, 'of each thing, another list');
  assert.equal(
    where(inArray(field('board'), Array(1_001).fill('b1'))),
    undefined,
    'more than the store takes',
  );
  assert.equal(where(gt(field('done'), false)), undefined, 'the store compares no booleans');
  assert.equal(where(eq(field('$hasPendingWrites'), false)), undefined, 'the store does not know it');
  assert.deepEqual(where(gt(field('$updatedAt'), 3)), { $updatedAt: { $gt: 3 } });
});
