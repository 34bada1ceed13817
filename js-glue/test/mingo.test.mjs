// Random things, filters, orders and limits: what both compiled cores find is what mingo finds,
// which reads the same operators as MongoDB means them. Where the two mean different things, one of
// three things is done; docs/testing.md has the same list.
//
// Said to mingo in other words (asMingo):
// - A missing field equals null to mingo, in $eq, $ne, $in and $nin; here it equals nothing.
// - A condition on an array is one on its elements to mingo; here the array is the value, and
//   $contains asks for an element. So is a member of $in that is an array.
// - $startsWith and $contains are $regex and $elemMatch there, $not in the place of a field is $nor.
// - A key that begins with $ is an operator to mingo: $id and $version have other names there.
//
// Generated nowhere, for mingo has no words for it:
// - $gt, $gte, $lt and $lte with what is neither a number nor a string: false here, an order there.
// - A path with a name behind an array: the field of each element there, nothing here. Elements by
//   their numbers are generated; 00 is an element there and none here.
// - Arrays in arrays, whose inner elements mingo looks at too.
// - A field with a dot in its name, which mingo cannot ask for.
// - Orders over a field that is null in one thing and missing in another (one and the same there),
//   over booleans beside numbers or strings (last there, first here), over arrays and objects
//   (by what is in them there, by the $id alone here), over strings of more than 256 units.
// - Numbers past the largest double: null in a store, Infinity to mingo.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Query } from 'mingo';
import { randomOf } from '../../client-js/test/fake.ts';
import { cores, MemorySql, opened } from './cores.mjs';

const SEEDS = 20;
const THINGS = 60;
const STEPS = 30;
const WRITES_PER_STEP = 3;
const MOST_DEPTH = 3;
const MOST_KEYS = 64;

const NUMBERS = [-1.5, 0, 0.1, 1, 2, 1e21];
// Behind U+FFFF comes nothing in UTF-16, and an emoji in UTF-8.
const STRINGS = ['', 'a', 'b', 'ab', 'ba', 'a.b', 'B', '1', '😀', '\ud83d', '\uffff'];

/** What the fields hold: `order` may be ordered by, `arrays` may hold some. */
const FIELDS = {
  group: { order: true, draw: (r) => r.int(4) },
  price: { order: true, draw: (r) => r.of([undefined, r.of(NUMBERS), r.of(NUMBERS), r.of(STRINGS)]) },
  name: { order: true, draw: (r) => r.of([null, r.of(STRINGS), r.of(STRINGS)]) },
  done: { order: true, draw: (r) => r.of([undefined, true, false]) },
  box: { draw: (r) => r.of([undefined, null, r.of(NUMBERS), boxOf(r), boxOf(r), boxOf(r)]) },
  list: { arrays: true, draw: (r) => r.of([undefined, listOf(r), listOf(r)]) },
  any: { arrays: true, draw: (r) => r.of([undefined, scalarOf(r), scalarOf(r), listOf(r), boxOf(r)]) },
};

const PATHS = {
  ...FIELDS,
  $id: { order: true, draw: (r) => `t${r.int(THINGS)}` },
  $version: { order: true, draw: (r) => 1 + r.int(4) },
  'box.a': { draw: scalarOf },
  'box.b.c': { order: true, draw: (r) => r.of([r.of(NUMBERS), r.of(STRINGS)]) },
  'list.0': { draw: elementOf },
  'list.1.x': { draw: scalarOf },
};
const ORDERS = Object.keys(PATHS).filter((path) => PATHS[path].order);

const INDEXES = [
  [],
  [['group', 'price']],
  [['name'], ['done', 'group']],
  [['price', 'name'], ['box.b.c']],
  [['any'], ['list'], ['group', '$version']],
];

function scalarOf(r) {
  return r.of([null, true, false, r.of(NUMBERS), r.of(STRINGS)]);
}

function elementOf(r) {
  return r.of([scalarOf(r), scalarOf(r), { x: scalarOf(r) }]);
}

function listOf(r) {
  return Array.from({ length: r.int(4) }, () => elementOf(r));
}

function boxOf(r) {
  const box = {};
  if (r.int(4) > 0) box.a = scalarOf(r);
  if (r.int(3) > 0) box.b = { c: r.of([undefined, r.of(NUMBERS), r.of(STRINGS)]) };
  // In another order: equal all the same.
  return r.int(2) > 0 ? box : Object.fromEntries(Object.entries(box).reverse());
}

/** Choices of a seed. */
class Choices {
  /** The things that there are now, by their ids, as mingo sees them. */
  things = new Map();
  #random;

  constructor(seed) {
    this.#random = randomOf(seed * 7919);
  }

  int(below) {
    return Math.floor(this.#random() * below);
  }

  of(list) {
    return list[this.int(list.length)];
  }
}

/** What JSON makes of it: without what is undefined. */
function said(value) {
  return JSON.parse(JSON.stringify(value));
}

function dataOf(r) {
  return said(Object.fromEntries(Object.entries(FIELDS).map(([name, { draw }]) => [name, draw(r)])));
}

/** Mostly a value that a thing has there, so that something is found. */
function literalOf(r, path) {
  const kind = r.int(8);
  if (kind > 1 && r.things.size > 0) {
    let value = r.of([...r.things.values()]);
    for (const step of nameOf(path).split('.')) value = value?.[step];
    return value ?? null;
  }
  return said((kind === 1 ? PATHS[path].draw(r) : r.of([scalarOf(r), listOf(r), boxOf(r)])) ?? null);
}

function operatorsOf(r, path, depth) {
  const comparable = () => r.of([r.of(NUMBERS), r.of(STRINGS)]);
  const literals = () => Array.from({ length: r.int(8) }, () => literalOf(r, path));
  const operators = {
    $eq: () => literalOf(r, path),
    $ne: () => literalOf(r, path),
    $gt: comparable,
    $gte: comparable,
    $lt: comparable,
    $lte: comparable,
    $in: literals,
    $nin: literals,
    $exists: () => r.int(2) > 0,
    $startsWith: () => r.of(STRINGS),
    $contains: () => said(r.of([r.of(STRINGS), elementOf(r)])),
    ...(depth < MOST_DEPTH && { $not: () => operatorsOf(r, path, depth + 1) }),
  };
  const names = Object.keys(operators);
  const chosen = Array.from({ length: r.of([1, 1, 1, 2]) }, () => r.of(names));
  return Object.fromEntries(chosen.map((name) => [name, operators[name]()]));
}

function whereOf(r, depth = 0) {
  const where = {};
  for (let i = r.of(depth === 0 ? [0, 1, 1, 1, 1, 1, 2, 2] : [1, 1, 1, 1, 2]); i > 0; i--) {
    const kind = depth < MOST_DEPTH ? r.int(10) : 9;
    if (kind < 2) {
      const length = r.of([0, 1, 2, 2, 2, 3, 3, 4]);
      where[kind < 1 ? '$and' : '$or'] = Array.from({ length }, () => whereOf(r, depth + 1));
    } else if (kind === 2) {
      where.$not = whereOf(r, depth + 1);
    } else {
      const path = r.of(Object.keys(PATHS));
      where[path] = r.int(3) > 0 ? operatorsOf(r, path, depth) : literalOf(r, path);
    }
  }
  return where;
}

/** A filter within the bounds of one; those of its literals are counted here too. */
function boundedWhereOf(r) {
  for (;;) {
    const where = whereOf(r);
    if (JSON.stringify(where).split('":').length <= MOST_KEYS) return where;
  }
}

function orderOf(r) {
  return Array.from({ length: r.int(4) }, () => r.of(['', '-']) + r.of(ORDERS));
}

/** What mingo calls a path. */
const nameOf = (path) => path.replace(/^\$/, '_');

/** The same condition in mingo's words. */
function asMingo(where) {
  const conditions = Object.entries(where).map(([key, value]) => {
    if (key === '$and' || key === '$or') return { [key]: value.map(asMingo) };
    if (key === '$not') return { $nor: [asMingo(value)] };
    return checks(key, isOperators(value) ? value : { $eq: value });
  });
  return { $and: conditions };
}

function isOperators(value) {
  return value !== null && typeof value === 'object' && Object.keys(value).some((key) => key[0] === '$');
}

function checks(path, operators) {
  return { $and: Object.entries(operators).map(([name, literal]) => check(path, name, literal)) };
}

function check(path, name, literal) {
  const field = nameOf(path);
  // There, and no array: where mingo would take a missing value for null, or look into an array.
  const alone = { [field]: { $exists: true, $not: { $type: 'array' } } };
  switch (name) {
    case '$ne':
      return sameInMingo(path, literal)
        ? { [field]: { $ne: literal } }
        : { $nor: [check(path, '$eq', literal)] };
    case '$nin':
      return literal.every((one) => sameInMingo(path, one))
        ? { [field]: { $nin: literal } }
        : { $nor: [check(path, '$in', literal)] };
    case '$not':
      return { $nor: [checks(path, literal)] };
    case '$exists':
      return { [field]: { $exists: literal } };
    case '$in': {
      const plain = literal.filter((one) => !Array.isArray(one));
      const arrays = literal.filter(Array.isArray).map((one) => check(path, '$eq', one));
      const among = { [field]: { $in: plain } };
      return literal.every((one) => sameInMingo(path, one))
        ? among
        : { $or: [{ $and: [among, alone] }, ...arrays] };
    }
    case '$startsWith':
      return { $and: [{ [field]: { $regex: `^${literally(literal)}` } }, alone] };
    case '$contains': {
      const element = { [field]: { $elemMatch: { $eq: literal } } };
      if (typeof literal !== 'string') return element;
      return { $or: [element, { $and: [{ [field]: { $regex: literally(literal) } }, alone] }] };
    }
    default:
      return sameInMingo(path, literal) || Array.isArray(literal)
        ? { [field]: { [name]: literal } }
        : { $and: [{ [field]: { [name]: literal } }, alone] };
  }
}

/** Whether equality and order mean the same of that literal on that path. */
function sameInMingo(path, literal) {
  return !PATHS[path].arrays && literal !== null && !Array.isArray(literal);
}

function literally(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function sortOf(orderBy) {
  const sort = {};
  for (const name of [...orderBy, '$id']) {
    sort[nameOf(name.replace(/^-/, ''))] ??= name[0] === '-' ? -1 : 1;
  }
  return sort;
}

/** The ids of what is found, in order. */
function foundByMingo(things, { where, orderBy }) {
  const cursor = new Query(asMingo(where)).find([...things.values()]).sort(sortOf(orderBy));
  return cursor.all().map((thing) => thing._id);
}

/**
 * What is written and asked under one seed, and what mingo finds.
 *
 * @returns {{ vars: object, steps: { messages: object[], restarts: boolean, query: object, ids: string[], pages: number[] }[] }}
 */
function scenario(seed) {
  const r = new Choices(seed);
  const { things } = r;
  const vars = {
    INDEXES: JSON.stringify({ T: r.of(INDEXES) }),
    ...(r.int(3) === 0 && { MAX_ENTRIES: '10' }),
  };
  const put = (id, data) => {
    things.set(id, { _id: id, _version: (things.get(id)?._version ?? 0) + 1, ...data });
  };
  const write = () => {
    const id = `t${r.int(THINGS)}`;
    const there = things.get(id);
    const kind = there ? r.int(4) : 0;
    if (kind === 3) {
      things.delete(id);
      return { type: 'delete', $id: id };
    }
    const data = dataOf(r);
    if (kind === 2) {
      const { _id, _version, ...own } = there;
      const [gone] = Object.keys(FIELDS).filter((name) => name in own && !(name in data));
      const kept = Object.fromEntries(Object.entries(own).filter(([name]) => name !== gone));
      put(id, { ...kept, ...data });
      return { type: 'update', $id: id, data, ...(gone && { unset: [gone] }) };
    }
    put(id, data);
    return { type: 'put', $type: 'T', $id: id, data };
  };
  const steps = Array.from({ length: STEPS }, (_, i) => {
    const messages = Array.from({ length: i === 0 ? THINGS * 2 : r.int(WRITES_PER_STEP + 1) }, write);
    const query = { $type: 'T', where: boundedWhereOf(r), orderBy: orderOf(r) };
    const pages = [1 + r.int(9), 5 + r.int(100)];
    return { messages, restarts: r.int(8) === 0, query, ids: foundByMingo(things, query), pages };
  });
  return { vars, steps };
}

/** A walk of one seed through a compiled core; `spoilt` may change a query before it is asked. */
class Walk {
  asked = 0;
  indexed = 0;
  #core;
  #spoilt;
  #sql;
  #store;
  #id = 0;
  #at = '';

  constructor(core, spoilt = (query) => query) {
    this.#core = core;
    this.#spoilt = spoilt;
  }

  /** The first difference as text, or null. */
  difference(seed, { vars, steps }) {
    this.#sql = new MemorySql();
    try {
      this.#store = opened(this.#core, this.#sql, vars);
      for (const [i, { messages, restarts, query, ids, pages }] of steps.entries()) {
        this.#at = `step ${i} of seed ${seed}, which SEED=${seed} repeats`;
        for (const message of messages) this.#ask(message, message.type === 'delete' ? 'ok' : 'ack');
        if (restarts) {
          assert.match(this.#store.post('checkpoint'), /^200 /);
          this.#store = opened(this.#core, this.#sql, vars);
        }
        const found = this.#pages(query, pages);
        const { count } = this.#ask({ type: 'count', ...this.#spoilt(query), orderBy: undefined }, 'ok');
        if (JSON.stringify(found) !== JSON.stringify(ids) || count !== ids.length) {
          return [
            `${this.#at}: ${JSON.stringify(query)}, with ${JSON.stringify(vars)}`,
            `asked of mingo: ${JSON.stringify(asMingo(query.where))}`,
            `expected ${ids.length}: ${ids}`,
            `found ${count}: ${found}`,
          ].join('\n');
        }
      }
      return null;
    } finally {
      this.#sql.close();
    }
  }

  /** The ids of a page, and of all that follow it; each within its limit. */
  #pages(query, limits) {
    const ids = [];
    let cursor;
    do {
      const limit = limits[cursor ? 1 : 0];
      const message = { type: 'query', ...this.#spoilt(query), limit, cursor, explain: true };
      const reply = this.#ask(message, 'ok');
      assert.ok(reply.things.length <= limit, `${this.#at}: expected at most ${limit} things`);
      assert.ok(
        reply.things.length === limit || !reply.cursor,
        `${this.#at}: a page that is not full is the last one`,
      );
      ids.push(...reply.things.map((thing) => thing.$id));
      this.asked++;
      if (reply.explain.index) this.indexed++;
      cursor = reply.cursor;
    } while (cursor);
    return ids;
  }

  #ask(message, status) {
    const reply = this.#store.ask({ ...message, id: ++this.#id });
    assert.equal(reply.status, status, `${this.#at}: ${JSON.stringify([message, reply])}`);
    return reply;
  }
}

// Half of them are new each time.
const FIRST_NEW = Date.now() % 2 ** 31;
const ONE = Number(process.env.SEED ?? 0);
const seeds = ONE ? [ONE] : Array.from({ length: SEEDS }, (_, i) => (i < SEEDS / 2 ? i + 1 : FIRST_NEW + i));

describe(`the compiled cores find what mingo finds, new seeds from ${FIRST_NEW} on`, () => {
  const scenarios = seeds.map((seed) => /** @type {const} */ ([seed, scenario(seed)]));

  for (const [name, core] of Object.entries(cores)) {
    it(`${name}`, () => {
      const walk = new Walk(core);
      for (const [seed, given] of scenarios) {
        const found = walk.difference(seed, given);
        assert.ok(found === null, found ?? '');
      }
      if (!ONE) {
        assert.ok(
          walk.indexed > SEEDS,
          `expected queries by an index, found ${walk.indexed} of ${walk.asked}`,
        );
      }
    });
  }

  it('asks what finds some and not all', { skip: ONE > 0 }, () => {
    const some = scenarios
      .flatMap(([, { steps }]) => steps)
      .filter(({ ids }) => ids.length > 0 && ids.length < THINGS / 2);
    assert.ok(some.length > (SEEDS * STEPS) / 4, `found ${some.length} such queries`);
  });
});

describe('a store that means something else is told from mingo', () => {
  const mistakes = {
    $gt: (text) => text.replaceAll('"$gt"', '"$gte"'),
    $lte: (text) => text.replaceAll('"$lte"', '"$lt"'),
    $ne: (text) => text.replaceAll('"$ne"', '"$eq"'),
    $nin: (text) => text.replaceAll('"$nin"', '"$in"'),
    $startsWith: (text) => text.replaceAll('"$startsWith"', '"$contains"'),
    $exists: (text) => text.replaceAll('"$exists":false', '"$exists":true'),
    'null that is missing': (text) => text.replaceAll('"$eq":null', '"$exists":false'),
    $or: (text) => text.replaceAll('"$or"', '"$and"'),
    'an order': (text) => text.replace('"orderBy":["-', '"orderBy":["'),
    'a second order': (text) => text.replace(/("orderBy":\["[^"]+","[^"]+").*\]/, '$1]'),
  };

  for (const [name, mistake] of Object.entries(mistakes)) {
    it(name, () => {
      const walk = new Walk(cores.js, (query) => JSON.parse(mistake(JSON.stringify(query))));
      const seed = Array.from({ length: SEEDS / 2 }, (_, i) => i + 1).find((one) =>
        walk.difference(one, scenario(one)),
      );
      assert.ok(seed, 'no seed shows it');
    });
  }
});
