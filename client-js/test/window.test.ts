import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  BasicIndex,
  type Collection,
  createCollection,
  createLiveQueryCollection,
  eq,
  type InitialQueryBuilder,
  inArray,
} from '@tanstack/db';
import { Emulator } from '../../inspector/test/browser.mjs';
import { connect, type Store } from '../src/index.ts';
import { unifiedStorageCollectionOptions } from '../src/tanstack.ts';
import { FakeStore, FakeTime, randomOf } from './fake.ts';
import { WeatherProxy } from './proxy.ts';

interface Card {
  board: string;
  title?: string | null;
  points?: number | string | null;
}
type Types = { Card: Card };
type Cards = Collection<{ $id: string } & Card, string>;

/** Makes collections of a store's cards. */
function collections(store: Store<Types>) {
  let n = 0;
  return (options: object = {}, syncMode: 'eager' | 'on-demand' = 'on-demand') =>
    createCollection({
      ...unifiedStorageCollectionOptions({ store, $type: 'Card', syncMode, id: `cards-${++n}` }),
      ...options,
    } as never) as unknown as Cards;
}

/** A store whose fake time runs by itself, and what TanStack DB makes of it. */
function world(t: TestContext, seed = 3) {
  const time = new FakeTime();
  const server = new FakeStore(time, randomOf(seed));
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
  return {
    server,
    collection: collections(store),
    put: ($id: string, data: Card) => server.change({ type: 'put', $type: 'Card', $id, data }),
    gone: ($id: string) => server.change({ type: 'delete', $id }),
    /** What was sent of a type of request so far. */
    sent: (type: string) => server.messages.flat().filter((message) => message.type === type),
  };
}

async function until(done: () => boolean, what = String(done)) {
  const end = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > end) throw new Error(`still not so: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const INDEXED = { autoIndex: 'eager', defaultIndexType: BasicIndex };
const ids = (query: { toArray: unknown[] }) => (query.toArray as { $id: string }[]).map(({ $id }) => $id);
const top = (cards: Cards, limit: number, board = 'b1') =>
  createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .where(({ card }) => eq(card.board, board))
      .orderBy(({ card }) => card.points, 'desc')
      .limit(limit),
  );

/** The first three of twenty cards, which a live query shows. */
async function topOfTwenty(t: TestContext, refuse: FakeStore['refuse'] = null) {
  const all = world(t);
  all.server.refuse = refuse;
  for (let i = 0; i < 20; i++) all.put(`c${i}`, { board: 'b1', points: i });
  const cards = all.collection();
  const best = top(cards, 3);
  await best.preload();
  return { ...all, cards, best };
}

for (const [name, options] of Object.entries({ 'without an index': {}, 'with an index': INDEXED })) {
  test(`order and limit are sent, and no more follows than they need (${name})`, async (t) => {
    const { collection, put, sent } = world(t);
    for (let i = 0; i < 200; i++) put(`c${i}`, { board: `b${i % 2}`, points: i });
    const cards = collection(options);
    const best = top(cards, 5);
    await best.preload();
    assert.deepEqual(ids(best), ['c199', 'c197', 'c195', 'c193', 'c191']);
    const where = { board: { $eq: 'b1' } };
    assert.deepEqual(
      sent('query').map(({ id, ...query }) => query),
      [
        {
          type: 'query',
          $type: 'Card',
          where: { $and: [where, { points: { $gte: -Number.MAX_VALUE } }] },
          orderBy: ['-points'],
          select: ['points'],
          limit: 5,
        },
      ],
    );
    assert.deepEqual(
      sent('subscribe').map((each) => each.where),
      [{ $and: [where, { points: { $not: { $lt: 191 } } }] }],
    );
    assert.equal(cards.size, 5);
  });

  test(`a window moves with what changes (${name})`, async (t) => {
    const { collection, put, gone } = world(t);
    for (let i = 0; i < 20; i++) put(`c${i}`, { board: 'b1', points: i });
    const best = top(collection(options), 3);
    await best.preload();
    const shows = (...expected: string[]) =>
      until(() => ids(best).join() === expected.join(), `${ids(best)} is ${expected}`);
    await shows('c19', 'c18', 'c17');
    put('new', { board: 'b1', points: 18.5 });
    await shows('c19', 'new', 'c18');
    gone('c19');
    gone('new');
    await shows('c18', 'c17', 'c16');
    put('c18', { board: 'b1', points: 0.5 });
    await shows('c17', 'c16', 'c15');
    put('c3', { board: 'b1', points: 30 });
    await shows('c3', 'c17', 'c16');
    for (const id of ['c3', 'c17', 'c16', 'c15', 'c14', 'c13']) gone(id);
    await shows('c12', 'c11', 'c10');
  });

  test(`a window grows by pages, and is one subscription in the end (${name})`, async (t) => {
    const { server, collection, put, sent } = world(t);
    for (let i = 0; i < 60; i++) put(`c${i}`, { board: 'b1', points: i });
    const cards = collection(options);
    const best = top(cards, 5);
    await best.preload();
    for (let pages = 2; pages <= 6; pages++) {
      const loaded = best.utils.setWindow({ offset: 0, limit: pages * 5 });
      if (loaded !== true) await loaded;
      await until(() => best.size === pages * 5, `${best.size} is ${pages * 5}`);
    }
    assert.deepEqual(ids(best).at(-1), 'c30');
    assert.equal(cards.size, 30);
    await until(
      () => sent('subscribe').length - sent('unsubscribe').length === 1,
      'one subscription is left',
    );
    await best.cleanup();
    await cards.cleanup();
    await until(() => sent('subscribe').length === sent('unsubscribe').length, 'none is left');
    assert.equal(server.things.size, 60);
  });
}

test('a window keeps what it has for a query that found it there', async (t) => {
  for (const direction of ['asc', 'desc'] as const) {
    const { server, collection, put, gone, sent } = world(t);
    const sign = direction === 'desc' ? 1 : -1;
    const rise = (points: number) => put(`c${points}`, { board: 'b1', points: sign * points });
    for (let points = 0; points < 10; points++) rise(points);
    const cards = collection();
    const first = createLiveQueryCollection((q) =>
      q
        .from({ card: cards })
        .orderBy(({ card }) => card.points, direction)
        .limit(3),
    );
    await first.preload();
    const sevens = createLiveQueryCollection((q) =>
      q.from({ card: cards }).where(({ card }) => eq(card.points, sign * 7)),
    );
    await sevens.preload();
    assert.equal(sent('subscribe').length, 1, 'one window serves both');
    server.refuse = ({ type }) => {
      if (type !== 'query') return null;
      server.refuse = null;
      for (const points of [20, 19, 18]) rise(points);
      return null;
    };
    server.change({
      type: 'batch',
      operations: [9, 8].map((points) => ({ type: 'delete', $id: `c${points}` })),
    });
    await until(() => sent('unsubscribe').length > 0, 'the window has been made anew');
    await until(() => ids(first).join() === 'c20,c19,c18', `${ids(first)} is the beginning`);
    assert.deepEqual(ids(sevens), ['c7']);
    gone('c7');
    await until(() => sevens.size === 0, 'it is followed too');
  }
});

/** Refuses what a socket that has room for so many subscriptions does not take. */
function roomFor(most: number) {
  const subs = new Set<unknown>();
  return ({ type, sub }: Record<string, unknown>) => {
    if (type === 'unsubscribe') subs.delete(sub);
    if (type !== 'subscribe') return null;
    if (subs.size >= most) return { status: 'error', code: 'VALIDATION_ERROR', error: 'no room' };
    subs.add(sub);
    return null;
  };
}

const refusing = (code: string) => {
  const refusals: unknown[] = [];
  const refuse = (request: Record<string, unknown>) => {
    if (request.type !== 'subscribe') return null;
    refusals.push(request.where);
    return { status: 'error', code, error: 'not now' };
  };
  return { refusals, refuse };
};

test('a window moves where a socket has no room for it beside what it replaces', async (t) => {
  const { put, gone, cards, best } = await topOfTwenty(t, roomFor(1));
  const left: unknown[] = [];
  cards.subscribeChanges((changes) =>
    left.push(...changes.filter(({ type }) => type === 'delete').map(({ key }) => key)),
  );
  gone('c19');
  gone('c18');
  await until(() => ids(best).join() === 'c17,c16,c15', `${ids(best)} is the beginning`);
  assert.ok(!left.includes('c17'), 'what stays is shown all the while');
  put('new', { board: 'b1', points: 30 });
  await until(() => ids(best).join() === 'new,c17,c16', `${ids(best)} is followed`);
});

test('a window that the store does not let move says so, until its live query is gone', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { server, put, gone, cards, best } = await topOfTwenty(t);
  const { refusals, refuse } = refusing('VALIDATION_ERROR');
  server.refuse = refuse;
  gone('c19');
  await until(() => cards.status === 'error', 'the collection says so');
  assert.equal(best.status, 'error');
  const before = refusals.length;
  assert.ok(before <= 4, `${before} attempts`);
  put('mark', { board: 'b1', points: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(refusals.length, before);

  server.refuse = null;
  await best.cleanup();
  await until(() => cards.status === 'ready', 'nothing is missing any more');
  const again = top(cards, 3);
  await again.preload();
  assert.deepEqual(ids(again), ['c18', 'c17', 'c16']);
});

test('a page that is refused takes nothing from those that are there', async (t) => {
  const { server, put, cards, best } = await topOfTwenty(t);
  const held = JSON.stringify(server.messages.flat().find(({ type }) => type === 'subscribe')?.where);
  server.refuse = ({ type, where }) =>
    type === 'subscribe' && JSON.stringify(where) !== held
      ? { status: 'error', code: 'VALIDATION_ERROR', error: 'too much' }
      : null;
  await assert.rejects(async () => best.utils.setWindow({ offset: 0, limit: 6 }), /too much/);
  put('new', { board: 'b1', points: 30 });
  await until(() => cards.has('new'), 'the first page is followed');
  assert.equal(cards.status, 'ready');
});

test('a window asks again where a refusal passes', async (t) => {
  const { server, put, gone, best } = await topOfTwenty(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { refusals, refuse } = refusing('UNAVAILABLE');
  server.refuse = (request) => (refusals.length < 3 ? refuse(request) : null);
  gone('c19');
  const shows = (...expected: string[]) => {
    t.mock.timers.tick(1_000);
    return ids(best).join() === expected.join();
  };
  await until(() => shows('c18', 'c17', 'c16'), 'it has come');
  assert.equal(refusals.length, 3);

  // Also when what was followed is refused as the connection comes back.
  refusals.length = 0;
  server.cutAll();
  await until(() => refusals.length === 3, 'it was refused');
  put('new', { board: 'b1', points: 30 });
  await until(() => shows('new', 'c18', 'c17'), 'it is followed again');
});

test('a window asks again not without end', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { server, gone, cards } = await topOfTwenty(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { refusals, refuse } = refusing('UNAVAILABLE');
  server.refuse = refuse;
  gone('c19');
  await until(() => {
    t.mock.timers.tick(10_000);
    return cards.status === 'error';
  }, 'the collection says so');
  // TanStack DB asks for a page too, and for everything where that is refused.
  assert.ok(refusals.length >= 9 && refusals.length <= 12, `${refusals.length} attempts`);
});

test('ties at the end of a window are in it whole, and ordered by what comes behind', async (t) => {
  const { collection, put } = world(t);
  for (let i = 0; i < 40; i++) put(`c${i}`, { board: 'b1', points: i >> 3, title: `T${(i * 7) % 40}` });
  const cards = collection({ defaultStringCollation: { stringSort: 'lexical' } });
  const first = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .orderBy(({ card }) => card.points, 'desc')
      .orderBy(({ card }) => card.title)
      .limit(10),
  );
  await first.preload();
  const title = (i: number) => `T${(i * 7) % 40}`;
  const expected = Array.from({ length: 40 }, (_, i) => i).sort(
    (a, b) => (b >> 3) - (a >> 3) || (title(a) < title(b) ? -1 : 1),
  );
  assert.deepEqual(
    ids(first),
    expected.slice(0, 10).map((i) => `c${i}`),
  );
  assert.equal(cards.size, 16, 'two groups of ties');
});

test('what has no value stands where the query says, and follows only where it may be among the first', async (t) => {
  for (const nulls of ['first', 'last'] as const) {
    for (const direction of ['asc', 'desc'] as const) {
      const { collection, put } = world(t);
      for (let i = 0; i < 12; i++) put(`c${String(i).padStart(2, '0')}`, { board: 'b1', points: i });
      put('null', { board: 'b1', points: null });
      put('missing', { board: 'b1' });
      const cards = collection();
      const query = createLiveQueryCollection((q) =>
        q
          .from({ card: cards })
          .orderBy(({ card }) => card.points, { direction, nulls })
          .orderBy(({ card }) => card.$id)
          .limit(4),
      );
      await query.preload();
      const rows = direction === 'asc' ? ['c00', 'c01', 'c02', 'c03'] : ['c11', 'c10', 'c09', 'c08'];
      const expected = nulls === 'first' ? ['missing', 'null', ...rows.slice(0, 2)] : rows;
      assert.deepEqual(ids(query), expected, `${direction}, nulls ${nulls}`);
      assert.equal(cards.has('null'), nulls === 'first', `${direction}, nulls ${nulls}`);
    }
  }
});

test('where the store orders otherwise, all that matches follows', async (t) => {
  const { server, collection, put, gone, sent } = world(t);
  for (let i = 0; i < 30; i++) put(`c${i}`, { board: 'b1', title: i % 2 ? `T${i}` : `t${i}`, points: i });
  const cards = collection();
  const byTitle = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .orderBy(({ card }) => card.title)
      .limit(3),
  );
  await byTitle.preload();
  assert.equal(cards.size, 30, 'a language orders strings as it likes');
  await byTitle.cleanup();

  const lexical = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .orderBy(({ card }) => card.title, { stringSort: 'lexical' })
      .limit(3),
  );
  await lexical.preload();
  assert.deepEqual(ids(lexical), ['c1', 'c11', 'c13']);
  await until(() => cards.size === 3, 'the window alone is left');
  await lexical.cleanup();

  const mixed = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .orderBy(({ card }) => card.points)
      .limit(3),
  );
  await mixed.preload();
  assert.equal(cards.size, 3);
  put('odd', { board: 'b1', points: 'many' });
  await until(() => cards.size === 31, 'a string among numbers has everything follow');
  await mixed.cleanup();

  gone('odd');
  server.refuse = ({ type }) =>
    type === 'query' ? { status: 'error', code: 'TOO_EXPENSIVE', error: 'no index' } : null;
  const dear = top(cards, 3);
  await dear.preload();
  assert.deepEqual(
    ids(dear),
    ['c29', 'c28', 'c27'],
    'a query without an index may be refused, a subscription is not',
  );
  assert.ok(sent('query').length > 0);
});

test('strings in a language’s order are not read for where they end', async (t) => {
  const { server, collection, put, sent } = world(t);
  for (let i = 0; i < 1_500; i++) put(`c${i}`, { board: 'b1', title: `T${i}` });
  const cards = collection();
  for (const direction of ['asc', 'desc'] as const) {
    const before = sent('query').length;
    const byTitle = createLiveQueryCollection((q) =>
      q
        .from({ card: cards })
        .orderBy(({ card }) => card.title, direction)
        .limit(1_200),
    );
    await byTitle.preload();
    assert.equal(byTitle.size, 1_200);
    const queries = sent('query').slice(before);
    assert.equal(queries.length, 1, 'one page, and an empty one');
    assert.deepEqual(server.query(queries[0]).things, []);
    await byTitle.cleanup();
  }
});

test('a window of what cannot be said whole is not asked for', async (t) => {
  const { collection, put, sent } = world(t);
  for (let i = 0; i < 30; i++) put(`c${i}`, { board: `b${i % 3}`, points: i });
  const cards = collection();
  const some = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .where(({ card }) => inArray(card.board, ['b0', null] as string[]))
      .orderBy(({ card }) => card.points)
      .limit(2),
  );
  await some.preload();
  assert.deepEqual(ids(some), ['c0', 'c3']);
  assert.equal(sent('query').length, 0);
  const pending = createLiveQueryCollection((q) =>
    q
      .from({ card: cards })
      .where(({ card }) => eq((card as unknown as { $hasPendingWrites: boolean }).$hasPendingWrites, false))
      .orderBy(({ card }) => card.points)
      .limit(2),
  );
  await pending.preload();
  assert.deepEqual(ids(pending), ['c0', 'c1'], 'of what is TanStack DB’s own the store knows nothing');
});

/** What the random trial needs of a world. */
interface Trial {
  collection(options?: object, syncMode?: 'eager' | 'on-demand'): Cards;
  put($id: string, data: Card): unknown;
  gone($id: string): unknown;
  cut(): void;
}

/** Random things, queries and changes: on demand shows what a collection with everything shows. */
async function trial({ collection, put, gone, cut }: Trial, seed: number, rounds: number) {
  const random = randomOf(seed * 7919);
  const below = (n: number) => Math.floor(random() * n);
  const some = (): Card => ({
    board: `b${below(2)}`,
    ...(random() < 0.8 && { points: random() < 0.1 ? null : below(8) }),
    ...(random() < 0.8 && { title: `T${below(5)}` }),
  });
  for (let i = 0; i < 40; i++) await put(`c${i}`, some());
  const strings = { defaultStringCollation: { stringSort: random() < 0.7 ? 'lexical' : 'locale' } };
  const demand = collection({ ...(random() < 0.5 ? INDEXED : {}), ...strings });
  const whole = collection(strings, 'eager');
  const query = () => {
    const board = random() < 0.6 ? `b${below(2)}` : undefined;
    const fields = random() < 0.5 ? (['points', 'title'] as const) : (['title', 'points'] as const);
    const direction = random() < 0.5 ? 'asc' : 'desc';
    const nulls = random() < 0.5 ? 'first' : 'last';
    const limit = 1 + below(12);
    const offset = random() < 0.7 ? 0 : below(6);
    return (cards: Cards) =>
      createLiveQueryCollection((q: InitialQueryBuilder) => {
        const from = q.from({ card: cards });
        return (board === undefined ? from : from.where(({ card }) => eq(card.board, board)))
          .orderBy(({ card }) => card[fields[0]], { direction, nulls })
          .orderBy(({ card }) => card[fields[1]])
          .orderBy(({ card }) => card.$id, { stringSort: 'lexical' })
          .limit(limit)
          .offset(offset);
      });
  };
  const pairs = Array.from({ length: 3 }, query).map((make) => [make(demand), make(whole)] as const);
  await Promise.all(pairs.flat().map((each) => each.preload()));
  for (let round = 0; round < rounds; round++) {
    if (random() < 0.2) cut();
    for (let i = 0; i <= below(6); i++) {
      const id = `c${below(50)}`;
      const way = random();
      if (way < 0.3) await gone(id);
      else if (way < 0.8 || !demand.has(id)) await put(id, some());
      else {
        const { title } = some();
        const change = demand.update(id, (card) => {
          card.points = below(8);
          card.title = title ?? null;
        });
        // It may be gone in the store.
        await change.isPersisted.promise.catch(() => {});
      }
    }
    if (random() < 0.3) {
      const window = { offset: 0, limit: 1 + below(20) };
      for (const each of pairs[below(pairs.length)]) {
        const loaded = each.utils.setWindow(window);
        if (loaded !== true) await loaded;
      }
    }
    // Where this has come, everything has: what is equal before may be so by chance.
    await put('mark', { board: 'none', title: `${round}` });
    await until(() => whole.get('mark')?.title === `${round}`, 'the mark has come');
    for (const [part, all] of pairs) {
      await until(() => ids(part).join() === ids(all).join(), `round ${round}: ${ids(part)} is ${ids(all)}`);
    }
  }
}

/** The last of them have found something, of a thousand. */
const SEEDS = [...Array.from({ length: 20 }, (_, i) => i + 1), 249, 293, 354];

for (const seed of SEEDS) {
  test(`windows show what the whole collection shows, seed ${seed}`, async (t) => {
    const { server, ...rest } = world(t, seed);
    await trial({ ...rest, cut: () => server.cutAll() }, seed, 12);
  });
}

test('windows of a real store show what the whole collection shows', async (t) => {
  const emulator = await new Emulator([]).start();
  const proxy = new WeatherProxy(() => emulator.port, randomOf(1));
  const port = await proxy.listen();
  t.after(async () => {
    proxy.close();
    await emulator.stop();
  });
  for (const seed of [1, 2]) {
    const writer = connect<Types>({ url: `ws://127.0.0.1:${emulator.port}/stores/windows-${seed}` });
    const store = connect<Types>({ url: `ws://127.0.0.1:${port}/stores/windows-${seed}` });
    t.after(() => {
      writer.close();
      store.close();
    });
    await trial(
      {
        collection: collections(store),
        put: ($id, data) => writer.put('Card', $id, data),
        gone: ($id) => writer.delete($id),
        cut: () => proxy.cutAll(),
      },
      seed,
      8,
    );
  }
});
