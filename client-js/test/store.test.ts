import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectOptions, connect, type LiveSet, type StoreError } from '../src/index.ts';
import { FAIR, FakeOutbox, FakeStore, FakeTime, randomOf } from './fake.ts';

type Types = { Card: { title?: string; points?: number } };

function world(options: Partial<ConnectOptions> = {}, seed = 1) {
  const time = new FakeTime();
  const server = new FakeStore(time, randomOf(seed));
  const open = (more: Partial<ConnectOptions> = {}) =>
    connect<Types>({ url: 'ws://fake', platform: server.platform(), ...options, ...more });
  return { time, server, open, store: open() };
}

/** Lets time pass until a promise is settled. */
async function passed<T>(time: FakeTime, promise: Promise<T>): Promise<T> {
  let over = false;
  promise.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  await time.until(() => over);
  return promise;
}

/** A promise whose rejection is looked at later. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

const refusedWith = (code: string) => (error: unknown) => (error as StoreError).code === code;

test('what is asked for in one microtask leaves as one frame', async () => {
  const { time, server, store } = world();
  await time.until(() => store.status.online);
  server.messages.length = 0;
  const writes = Array.from({ length: 50 }, (_, i) => store.create('Card', { $id: `c${i}`, points: i }));
  await passed(time, Promise.all(writes));
  assert.equal(server.messages.length, 1);
  assert.equal((server.messages[0] as unknown[]).length, 50);
  const read = await passed(time, store.read(['c7', 'absent']));
  assert.deepEqual([...read.keys()], ['c7']);
});

test('no more than 256 writes are on their way, and all arrive in order', async () => {
  const { time, server, store } = world();
  const writes = Array.from({ length: 1_000 }, (_, i) => store.create('Card', { $id: `c${i}` }));
  await passed(time, Promise.all(writes));
  assert.ok(server.messages.every((message) => !Array.isArray(message) || message.length <= 256));
  assert.deepEqual(
    server.applied.map(({ n }) => n),
    writes.map((_, i) => i + 1),
  );
});

test('writes wait while the store cannot be reached', async () => {
  const { time, server, open } = world();
  server.down = true;
  const store = open();
  const write = store.create('Card', { $id: 'c' });
  await time.pass(60_000);
  assert.equal(store.status.online, false);
  assert.equal(store.status.pending, 1);
  assert.equal(store.status.error?.code, 'UNAVAILABLE');
  server.down = false;
  assert.equal((await passed(time, write)).$id, 'c');
  assert.equal(store.status.pending, 0);
});

test('an answer that is lost comes again, and the write is carried out once', async () => {
  const { time, server, store } = world();
  await time.until(() => store.status.online);
  const write = store.create('Card', { $id: 'c' });
  await time.until(() => server.applied.length === 1);
  server.cutAll();
  assert.equal((await passed(time, write)).replayed, true);
  assert.equal(server.applied.length, 1);
});

test('what is no reply ends the socket, and the next one goes on', async () => {
  for (const text of ['null', '[null]', '3', '{', '[{},1]', '[{},[]]']) {
    const { time, server, store } = world();
    await time.until(() => store.status.online);
    server.tellAll(text);
    assert.equal(store.status.online, false, text);
    assert.equal((await passed(time, store.create('Card', { $id: 'c' }))).$id, 'c');
  }
});

test('a refusal that leaves the number unused is no answer', async () => {
  const { time, server, store } = world();
  await time.until(() => store.status.online);
  let refusals = 2;
  server.refuse = ({ n }) =>
    n === 3 && refusals-- > 0
      ? { status: 'error', code: 'OVERLOADED', error: 'later', details: { retryAfterMs: 500 } }
      : null;
  const before = time.now;
  const writes = Array.from({ length: 6 }, (_, i) => store.create('Card', { $id: `c${i}` }));
  await passed(time, Promise.all(writes));
  assert.ok(time.now - before >= 1_000);
  assert.deepEqual(
    server.applied.map(({ n }) => n),
    [1, 2, 3, 4, 5, 6],
  );
});

test('a write that is refused is an error, and those behind it are carried out', async () => {
  const { time, store } = world();
  const absent = handled(store.update('nothing', { data: { points: 1 } }));
  const write = store.create('Card', { $id: 'c' });
  await passed(time, write);
  await assert.rejects(absent, refusedWith('NOT_FOUND'));
});

const tooLarge = (request: Record<string, unknown>) =>
  (request.data as { title?: string })?.title === 'large'
    ? { status: 'error', code: 'PAYLOAD_TOO_LARGE', error: 'too large' }
    : null;

test('a write that the store finds too large leaves its place to the next in a new session', async () => {
  const { time, server, store } = world();
  server.refuse = tooLarge;
  const one = store.create('Card', { $id: 'one' });
  const large = store.create('Card', { $id: 'large', title: 'large' });
  const two = store.create('Card', { $id: 'two' });
  await passed(time, Promise.allSettled([one, large, two]));
  await assert.rejects(large, refusedWith('PAYLOAD_TOO_LARGE'));
  assert.deepEqual([...server.things.keys()], ['one', 'two']);
  assert.equal(server.sessions, 2);
  await assert.rejects(store.create('Card', { title: 'x'.repeat(1_100_000) }), refusedWith('TOO_LARGE'));
});

test('a session that the store has forgotten: what was sent is unknown, what was not goes on', async () => {
  const { time, server, store } = world();
  await passed(time, store.create('Card', { $id: 'first' }));
  server.weather = { delayMs: 1, cut: 1, halfOpen: 0 };
  const sent = handled(store.create('Card', { $id: 'sent' }));
  await time.until(() => !store.status.online);
  server.forgetSessions();
  const unsent = store.create('Card', { $id: 'unsent' });
  server.weather = FAIR;
  await passed(time, unsent);
  await assert.rejects(sent, refusedWith('SESSION_EXPIRED'));
  assert.deepEqual([...server.things.keys()], ['first', 'unsent']);
});

test('the queue is bounded', async () => {
  const { time, server, open } = world();
  server.down = true;
  const store = open({ maxPending: 3 });
  const writes = [1, 2, 3].map((i) => store.create('Card', { $id: `c${i}` }));
  await assert.rejects(store.create('Card', { $id: 'c4' }), refusedWith('QUEUE_FULL'));
  server.down = false;
  await passed(time, Promise.all(writes));
});

test('each attempt takes a fresh token, before anything else is said', async () => {
  const { time, server, open } = world();
  const tokens = ['old', 'new'];
  server.token = 'new';
  const store = open({ token: () => tokens.shift() ?? 'new' });
  await passed(time, store.create('Card', { $id: 'c' }));
  server.closeAll(4401);
  await passed(time, store.create('Card', { $id: 'd' }));
  assert.equal(tokens.length, 0);
});

test('each attempt asks for the address, and one that cannot be had is asked for again', async () => {
  const { time, server, open } = world();
  let asked = 0;
  const url = async () => {
    asked += 1;
    if (asked === 1) throw new Error('no ticket');
    return `ws://store/?ticket=${asked}`;
  };
  const store = open({ url });
  await time.until(() => store.status.error?.message.includes('no ticket') === true);
  await passed(time, store.create('Card', { $id: 'c' }));
  server.closeAll(4401);
  await passed(time, store.create('Card', { $id: 'd' }));
  assert.deepEqual(
    server.addresses.filter((address) => address.includes('ticket')),
    ['ws://store/?ticket=2', 'ws://store/?ticket=3'],
  );
});

test('a half-open socket is found by a ping', async () => {
  const { time, server, store } = world({ heartbeatMs: 5_000 });
  await time.until(() => store.status.online);
  server.weather = { delayMs: 1, cut: 0, halfOpen: 1 };
  const write = store.create('Card', { $id: 'c' });
  await time.pass(10);
  server.weather = FAIR;
  await passed(time, write);
});

test('a hello that is not answered is given up without a heartbeat too', async () => {
  const { time, server, store } = world({ heartbeatMs: 0 });
  server.refuse = tooLarge;
  await assert.rejects(passed(time, store.create('Card', { title: 'large' })));
  server.weather = { delayMs: 1, cut: 0, halfOpen: 1 };
  await time.pass(10);
  server.weather = FAIR;
  await passed(time, store.create('Card', { $id: 'c' }));
});

test('an outbox hands what was not answered to the next page', async () => {
  const { time, server, open } = world();
  const outbox = new FakeOutbox();
  server.down = true;
  const first = open({ outbox });
  for (let i = 0; i < 5; i++) first.create('Card', { $id: `c${i}` }).catch(() => {});
  await time.pass(1_000);
  first.close();
  server.down = false;
  const outcomes: (string | null)[] = [];
  const second = open({ outbox, onSettled: (_, error) => outcomes.push(error?.code ?? null) });
  const own = second.create('Card', { $id: 'own' });
  await passed(time, own);
  assert.deepEqual(outcomes, [null, null, null, null, null]);
  assert.deepEqual([...server.things.keys()], ['c0', 'c1', 'c2', 'c3', 'c4', 'own']);
  assert.equal(outbox.writes.size, 0);
});

test('close rejects what waits and refuses what comes', async () => {
  const { time, store } = world();
  await time.until(() => store.status.online);
  const live = store.live({ $type: 'Card' });
  const write = store.create('Card', { $id: 'c' });
  store.close();
  await assert.rejects(write, refusedWith('CLOSED'));
  await assert.rejects(store.read(['c']), refusedWith('CLOSED'));
  await assert.rejects(store.create('Card', {}), refusedWith('CLOSED'));
  await assert.rejects(store.batch([]), refusedWith('CLOSED'));
  assert.equal(store.live({ $type: 'Card' }).state, 'closed');
  await store.settled();
  await assert.rejects(live.ready, refusedWith('CLOSED'));
  assert.equal(live.state, 'closed');
});

test('a live set shows whole states only, and goes on after a loss', async () => {
  const { time, server, store } = world();
  await passed(
    time,
    Promise.all([1, 2, 3].map((i) => store.create('Card', { $id: `c${i}`, points: 3 - i }))),
  );
  const live = store.live({ $type: 'Card', orderBy: ['points'] });
  const sizes: number[] = [];
  const states: string[] = [];
  live.subscribe(({ state, changes }) => {
    states.push(state);
    if (state === 'changes') sizes.push(changes.size);
  });
  await passed(time, live.ready);
  assert.deepEqual(
    live.items.map(({ $id }) => $id),
    ['c3', 'c2', 'c1'],
  );
  server.cutAll();
  assert.equal(live.state, 'stale');
  await passed(time, store.update('c1', { data: { points: -1 } }));
  await passed(time, store.delete('c2'));
  await time.until(() => live.state === 'changes' && live.things.size === 2);
  assert.deepEqual(
    live.items.map(({ $id }) => $id),
    ['c1', 'c3'],
  );
  assert.equal(sizes[0], 3);
  assert.ok(states.includes('stale'));
  live.close();
  assert.equal(live.state, 'closed');
});

test('a live set that is asked for between two sessions of a socket follows', async () => {
  const { time, server, store } = world();
  await passed(time, store.create('Card', { $id: 'c' }));
  server.refuse = tooLarge;
  const live = await passed(
    time,
    store.create('Card', { title: 'large' }).then(
      () => assert.fail('too large'),
      () => store.live({ $type: 'Card' }),
    ),
  );
  assert.equal(store.status.online, true);
  await passed(time, live.ready);
  assert.deepEqual([...live.things.keys()], ['c']);
});

test('a live set that is asked for as soon as the store is online is asked for once', async () => {
  const { time, server, store } = world();
  const sets: LiveSet<Types['Card']>[] = [];
  store.onStatus(({ online }) => {
    if (online && sets.length === 0) sets.push(store.live({ $type: 'Card' }));
  });
  await time.until(() => sets[0]?.state === 'changes');
  assert.equal(server.messages.flat().filter(({ type }) => type === 'subscribe').length, 1);
});

test('a listener that throws is heard of, and keeps nothing from the others', async (t) => {
  const uncaught: unknown[] = [];
  const later = queueMicrotask;
  t.mock.method(globalThis, 'queueMicrotask', (run: () => void) =>
    later(() => {
      try {
        run();
      } catch (error) {
        uncaught.push(error);
      }
    }),
  );
  const { time, store } = world();
  const ofStatus = new Error('a listener of the status');
  const ofSet = new Error('a listener of the set');
  store.onStatus(() => {
    throw ofStatus;
  });
  const live = store.live({ $type: 'Card' });
  live.subscribe(() => {
    throw ofSet;
  });
  let told = 0;
  live.subscribe(() => {
    told++;
  });
  await passed(time, Promise.all([1, 2, 3].map((i) => store.create('Card', { $id: `c${i}` }))));
  await time.until(() => live.things.size === 3);
  assert.ok(told > 0);
  assert.ok(uncaught.includes(ofStatus));
  assert.ok(uncaught.includes(ofSet));
});

test('a live set takes the same version in another form', async () => {
  const { time, server, store } = world();
  await passed(time, store.create('Card', { $id: 'a', title: 'Alice' }));
  const live = store.live({ $type: 'Card' });
  await passed(time, live.ready);
  const { title, ...others } = server.things.get('a') as Record<string, unknown> & {
    $id: string;
    $type: string;
    $version: number;
  };
  server.things.set('a', { ...others, $form: 1, name: title });
  server.forgetful = true;
  server.cutAll();
  await time.until(() => live.state === 'changes');
  assert.deepEqual([...live.things.values()], [server.things.get('a')]);
});

test('a query that the store refuses ends the live set', async () => {
  const { time, server, store } = world();
  server.refuse = ({ type }) =>
    type === 'subscribe' ? { status: 'error', code: 'VALIDATION_ERROR', error: 'no' } : null;
  const live = store.live({ $type: 'Card', where: { $bad: 1 } });
  await assert.rejects(passed(time, live.ready), refusedWith('VALIDATION_ERROR'));
});

test('a live set that was refused is not asked for by the next connection', async () => {
  const { time, server, store } = world();
  server.refuse = ({ type }) =>
    type === 'subscribe' ? { status: 'error', code: 'VALIDATION_ERROR', error: 'no room' } : null;
  const live = store.live({ $type: 'Card' });
  await assert.rejects(passed(time, live.ready), refusedWith('VALIDATION_ERROR'));
  server.refuse = null;
  server.messages.length = 0;
  server.cutAll();
  await time.until(() => store.status.online);
  await passed(time, store.read(['c']));
  assert.ok(!server.messages.flat().some(({ type }) => type === 'subscribe'));
  assert.equal(live.state, 'closed');
});

for (const seed of [11, 12, 13]) {
  test(`10,000 writes under weather are each carried out once and in order (seed ${seed})`, async () => {
    const { time, server, store } = world({ heartbeatMs: 2_000 }, seed);
    const random = randomOf(seed * 7);
    const live = store.live({ $type: 'Card' });
    server.refuse = () =>
      random() < 0.001
        ? { status: 'error', code: 'OVERLOADED', error: 'later', details: { retryAfterMs: 20 } }
        : null;
    const writes: Promise<unknown>[] = [];
    for (let i = 0; i < 10_000; i++) {
      if (i % 100 === 0) {
        server.weather = { delayMs: 1 + random() * 50, cut: random() * 0.05, halfOpen: random() * 0.005 };
        await time.pass(1 + random() * 100);
      }
      writes.push(store.put('Card', `c${i % 500}`, { points: i }));
    }
    await passed(time, Promise.all(writes));
    assert.deepEqual(
      server.applied.map((request) => (request.data as { points: number }).points),
      writes.map((_, i) => i),
    );
    server.refuse = null;
    server.weather = FAIR;
    await passed(time, store.put('Card', 'last', { points: 0 }));
    await time.until(() => live.state === 'changes' && live.things.has('last'));
    assert.deepEqual(
      [...live.things].sort(),
      [...server.things].sort().map(([id, thing]) => [id, thing]),
    );
  });
}
