import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  add,
  and,
  avg,
  type Collection,
  caseWhen,
  coalesce,
  concat,
  count,
  createCollection,
  createLiveQueryCollection,
  eq,
  gt,
  gte,
  type InitialQueryBuilder,
  ilike,
  inArray,
  isNull,
  isUndefined,
  length,
  like,
  localOnlyCollectionOptions,
  lower,
  lt,
  lte,
  materialize,
  max,
  min,
  multiply,
  not,
  or,
  sum,
  toArray,
  upper,
} from '@tanstack/db';
import { connect } from '../src/index.ts';
import { unifiedStorageCollectionOptions } from '../src/tanstack.ts';
import { FakeStore, FakeTime, randomOf } from './fake.ts';

type User = {
  name: string;
  age: number;
  active: boolean;
  role: string;
  country?: string | null;
  manager?: string;
};
type Post = { user: string; title: string; likes: number; published: boolean };
type Order = { customer: string; amount: number; tax: number };
type Types = { User: User; Post: Post; Order: Order };

const ROLES = ['admin', 'moderator', 'guest'];
const TYPES = ['User', 'Post', 'Order'] as const;

/** Things of a round: another round has changed, added and taken away some. */
function things(round: number): { [N in keyof Types]: Record<string, Types[N]> } {
  const random = randomOf(11 + round);
  const below = (n: number) => Math.floor(random() * n);
  const many = <T>(n: number, letter: string, make: (i: number) => T) =>
    Object.fromEntries(
      Array.from({ length: n }, (_, i) => [`${letter}${i}`, make(i)] as const).filter(
        () => random() < 0.8 || round === 0,
      ),
    );
  return {
    User: many(12, 'u', (i) => ({
      name: `${i % 2 ? 'ann' : 'Bob'} ${below(30)}`,
      age: 10 + below(50),
      active: random() < 0.6,
      role: ROLES[below(3)],
      ...(random() < 0.6 && { country: random() < 0.3 ? null : `C${below(3)}` }),
      ...(random() < 0.6 && { manager: `u${below(12)}` }),
    })),
    Post: many(30, 'p', (i) => ({
      user: `u${below(14)}`,
      title: `Post ${i}`,
      likes: below(10),
      published: random() < 0.5,
    })),
    Order: many(25, 'o', () => ({ customer: `u${below(8)}`, amount: 1 + below(90), tax: below(9) })),
  };
}

type Rows<T> = Collection<{ $id: string } & T, string>;
type Sources = { users: Rows<User>; posts: Rows<Post>; orders: Rows<Order> };
type Make = (q: InitialQueryBuilder, from: Sources) => unknown;

/** What TanStack DB's guide of live queries shows, one query for each thing that it explains. */
const QUERIES: Record<string, Make> = {
  'a whole collection': (q, { users }) => q.from({ user: users }),
  'select with a where': (q, { users }) =>
    q
      .from({ user: users })
      .where(({ user }) => eq(user.active, true))
      .select(({ user }) => ({ id: user.$id, name: user.name })),
  'a bare boolean': (q, { users }) => q.from({ user: users }).where(({ user }) => user.active),
  'a negated boolean': (q, { users }) => q.from({ user: users }).where(({ user }) => not(user.active)),
  'chained wheres': (q, { users }) =>
    q
      .from({ user: users })
      .where(({ user }) => gte(user.age, 18))
      .where(({ user }) => lt(user.age, 50)),
  'and, or, not, in': (q, { users }) =>
    q
      .from({ user: users })
      .where(({ user }) =>
        and(
          gt(user.age, 18),
          or(eq(user.role, 'admin'), eq(user.role, 'moderator')),
          not(inArray(user.$id, ['u1', 'u2'])),
        ),
      ),
  'like and ilike': (q, { users }) =>
    q.from({ user: users }).where(({ user }) => or(like(user.name, 'Bob%'), ilike(user.name, 'ANN 1%'))),
  'null and undefined': (q, { users }) =>
    q.from({ user: users }).where(({ user }) => or(isNull(user.country), isUndefined(user.manager))),
  'functions in a where': (q, { users }) =>
    q
      .from({ user: users })
      .where(({ user }) => and(like(lower(user.name), 'bob%'), gt(length(user.name), 5))),
  'computed fields': (q, { users }) =>
    q.from({ user: users }).select(({ user }) => ({
      id: user.$id,
      shout: upper(user.name),
      label: concat(user.name, ' of ', coalesce(user.country, 'nowhere')),
      later: add(user.age, 10),
      group: caseWhen(gt(user.age, 40), 'older', 'younger'),
    })),
  'an inner join': (q, { users, posts }) =>
    q
      .from({ user: users })
      .innerJoin({ post: posts }, ({ user, post }) => eq(user.$id, post.user))
      .select(({ user, post }) => ({ id: post.$id, user: user.name, title: post.title })),
  'a left join': (q, { users, posts }) =>
    q
      .from({ post: posts })
      .leftJoin({ user: users }, ({ post, user }) => eq(post.user, user.$id))
      .select(({ post, user }) => ({ id: post.$id, by: coalesce(user?.name, 'somebody') })),
  'a join with itself': (q, { users }) =>
    q
      .from({ user: users })
      .innerJoin({ boss: users }, ({ user, boss }) => eq(user.manager, boss.$id))
      .where(({ boss }) => gte(boss.age, 30))
      .select(({ user, boss }) => ({ id: user.$id, name: user.name, boss: boss.name })),
  'two joins': (q, { users, posts, orders }) =>
    q
      .from({ post: posts })
      .innerJoin({ user: users }, ({ post, user }) => eq(post.user, user.$id))
      .innerJoin({ order: orders }, ({ user, order }) => eq(user.$id, order.customer))
      .where(({ post, order }) => and(eq(post.published, true), gt(order.amount, 20)))
      .select(({ post, order }) => ({ post: post.$id, order: order.$id, amount: order.amount })),
  'groups, and which of them': (q, { orders }) =>
    q
      .from({ order: orders })
      .groupBy(({ order }) => order.customer)
      .select(({ order }) => ({
        customer: order.customer,
        spent: sum(order.amount),
        orders: count(order.$id),
        least: min(order.amount),
        most: max(order.amount),
        mean: avg(order.tax),
      }))
      .having(({ order }) => gt(count(order.$id), 2)),
  'groups in an order': (q, { orders }) =>
    q
      .from({ order: orders })
      .groupBy(({ order }) => order.customer)
      .select(({ order }) => ({ customer: order.customer, spent: sum(multiply(order.amount, 2)) }))
      .orderBy(({ $selected }) => $selected.spent, 'desc')
      .orderBy(({ $selected }) => $selected.customer)
      .limit(3),
  'one group of everything': (q, { posts }) =>
    q.from({ post: posts }).select(({ post }) => ({ posts: count(post.$id), likes: sum(post.likes) })),
  distinct: (q, { users }) =>
    q
      .from({ user: users })
      .select(({ user }) => ({ role: user.role, active: user.active }))
      .distinct(),
  'an order': (q, { posts }) =>
    q
      .from({ post: posts })
      .orderBy(({ post }) => post.likes, 'desc')
      .orderBy(({ post }) => post.title),
  'the first of an order': (q, { posts }) =>
    q
      .from({ post: posts })
      .where(({ post }) => eq(post.published, true))
      .orderBy(({ post }) => post.likes, 'desc')
      .orderBy(({ post }) => post.title)
      .limit(5),
  'a page of an order': (q, { posts }) =>
    q
      .from({ post: posts })
      .where(({ post }) => lte(post.likes, 7))
      .orderBy(({ post }) => post.likes)
      .orderBy(({ post }) => post.$id)
      .limit(4)
      .offset(3),
  'the first by a computed order': (q, { orders }) =>
    q
      .from({ order: orders })
      .orderBy(({ order }) => add(order.amount, order.tax), 'desc')
      .orderBy(({ order }) => order.$id)
      .limit(4),
  'the first of a left join': (q, { users, posts }) =>
    q
      .from({ user: users })
      .leftJoin({ post: posts }, ({ user, post }) => eq(user.$id, post.user))
      .orderBy(({ user }) => user.age)
      .orderBy(({ user }) => user.$id)
      .orderBy(({ post }) => post?.$id)
      .limit(6)
      .select(({ user, post }) => ({ user: user.$id, age: user.age, post: post?.$id })),
  one: (q, { users }) =>
    q
      .from({ user: users })
      .where(({ user }) => eq(user.$id, 'u3'))
      .findOne(),
  'a subquery': (q, { users, posts }) => {
    const active = q.from({ user: users }).where(({ user }) => eq(user.active, true));
    return q
      .from({ person: active })
      .innerJoin({ post: posts }, ({ person, post }) => eq(person.$id, post.user))
      .select(({ person, post }) => ({ id: post.$id, name: person.name }));
  },
  'what belongs to each': (q, { users, posts }) =>
    q.from({ user: users }).select(({ user }) => ({
      id: user.$id,
      posts: toArray(
        q
          .from({ post: posts })
          .where(({ post }) => eq(post.user, user.$id))
          .orderBy(({ post }) => post.$id)
          .select(({ post }) => ({ id: post.$id, likes: post.likes })),
      ),
    })),
  'whom each belongs to': (q, { users, posts }) =>
    q.from({ post: posts }).select(({ post }) => ({
      id: post.$id,
      user: materialize(
        q
          .from({ user: users })
          .where(({ user }) => eq(user.$id, post.user))
          .select(({ user }) => ({ name: user.name }))
          .findOne(),
      ),
    })),
  'a function of rows': (q, { users }) =>
    q
      .from({ user: users })
      .fn.where((row) => (row.user as User).name.length > 4)
      .fn.select((row) => ({ name: (row.user as User).name.trim() })),
};

const ORDERED = /order|page/;

/** Rows as they are compared: without what TanStack DB and the store add, and in no order where none was asked for. */
function rowsOf(name: string, rows: readonly unknown[]): string[] {
  const own = (row: unknown): unknown =>
    Array.isArray(row)
      ? row.map(own)
      : typeof row !== 'object' || row === null
        ? row
        : Object.fromEntries(
            Object.entries(row)
              .filter(([field, value]) => (!field.startsWith('$') || field === '$id') && value !== undefined)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([field, value]) => [field, own(value)]),
          );
  const texts = rows.map((row) => JSON.stringify(own(row)));
  return ORDERED.test(name) ? texts : texts.sort();
}

for (const syncMode of ['eager', 'on-demand'] as const) {
  test(`the queries of TanStack DB's guide find what they find in local collections (${syncMode})`, async (t) => {
    const time = new FakeTime();
    const server = new FakeStore(time, randomOf(7));
    const store = connect<Types>({ url: 'ws://fake', platform: server.platform(), heartbeatMs: 0 });
    let running = true;
    const run = async () => {
      while (running) await time.pass(5);
    };
    t.after(() => {
      store.close();
      running = false;
    });
    const fill = (round: number) => {
      const all = things(round);
      for (const $type of TYPES) {
        for (const [$id, data] of Object.entries(all[$type])) {
          server.change({ type: 'put', $type, $id, data });
        }
      }
      for (const { $id, $type } of [...server.things.values()]) {
        if (!Object.hasOwn(all[$type as 'User'], $id)) server.change({ type: 'delete', $id });
      }
    };
    fill(0);
    void run();

    const remote = (n: string, $type: keyof Types) =>
      createCollection(unifiedStorageCollectionOptions({ store, $type, syncMode, id: `${n} ${$type}` }));
    const local = (n: string, round: number, $type: keyof Types) =>
      createCollection(
        localOnlyCollectionOptions({
          id: `local ${n} ${round} ${$type}`,
          getKey: (row: { $id: string }) => row.$id,
          initialData: Object.entries(things(round)[$type]).map(([$id, data]) => ({ ...data, $id })),
        }),
      );
    const sources = (make: ($type: keyof Types) => unknown) =>
      ({ users: make('User'), posts: make('Post'), orders: make('Order') }) as Sources;
    const query = (make: Make, from: Sources) =>
      createLiveQueryCollection(
        (q: InitialQueryBuilder) => make(q, from) as never,
      ) as unknown as Rows<object>;

    for (const [name, make] of Object.entries(QUERIES)) {
      fill(0);
      const from = sources(($type) => remote(name, $type));
      const live = query(make, from);
      // A subscriber keeps it.
      const subscription = live.subscribeChanges(() => {});
      await live.preload();
      for (const round of [0, 1, 2]) {
        fill(round);
        const expected = query(
          make,
          sources(($type) => local(name, round, $type)),
        );
        await expected.preload();
        const wanted = rowsOf(name, expected.toArray);
        assert.ok(round > 0 || wanted.length > 0, `${name}: something is found`);
        const end = Date.now() + 20_000;
        while (rowsOf(name, live.toArray).join() !== wanted.join() && Date.now() < end) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual(rowsOf(name, live.toArray), wanted, `${name}, round ${round}`);
      }
      subscription.unsubscribe();
      await live.cleanup();
      for (const each of Object.values(from)) await each.cleanup();
    }
  });
}

test('the version of TanStack DB that is tested is the one that a user is told to install', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const { devDependencies, peerDependencies } = JSON.parse(read('../package.json'));
  const pinned: string = devDependencies['@tanstack/db'];
  const installed = JSON.parse(read('../../node_modules/@tanstack/db/package.json')).version;
  assert.equal(pinned, installed, 'pinned to the patch');
  const minor = pinned.split('.').slice(0, 2).join('.');
  assert.equal(peerDependencies['@tanstack/db'], `^${minor}.0`);
  assert.ok(read('../README.md').includes(`\`@tanstack/db\` ${minor} is installed`));
});
