// Objects of other libraries become stores in the databases that those have written, and go back: docs/guide/moving.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server, Sink } from '../../js-glue/test/harness.mjs';
import { root } from '../../worker/scripts/paths.mjs';

const BEFORE = { config: 'examples/moving/before.toml' };
const AFTER = { config: 'examples/moving/after.toml' };
const CARDS = 700;
const DEADLINE_MS = 60_000;
const POLL_MS = 20;
const EXAMPLE = join(root, 'examples', 'moving');
const PAGES = join(root, 'docs', 'guide', 'moving');
/** What the pages describe in a table, and show no code of. */
const DESCRIBED = ['old/readings.ts'];

let sink;
let server;
/** What each library had, as it says itself. */
const had = {};
/** When the object of the cards died with half of them moved. */
let crashed;

/** Another Worker over the same databases, as a deployment: the one before is killed. */
async function deploy(worker, vars = {}) {
  await server?.kill('SIGKILL');
  server = await new Server(sink, { ...worker, vars }, server?.data).start();
}

/** Calls a method of an object, and gives its status and its answer. */
async function call(path, ...args) {
  const answer = await server.fetch(`/${path}`, { method: 'POST', body: JSON.stringify(args) });
  const text = await answer.text();
  return { status: answer.status, answer: answer.status === 200 ? JSON.parse(text) : text };
}

async function answerOf(path, ...args) {
  const { status, answer } = await call(path, ...args);
  assert.equal(status, 200, `${path}: ${answer}`);
  return answer;
}

/** All things of a store, as it exports them. */
async function exported(store) {
  const answer = await server.fetch(`/${store}/store/export`);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line));
}

/** Their own fields, by id. */
const fields = (things) =>
  Object.fromEntries(
    things.map(({ $id, $version, $createdAt, $updatedAt, ...own }) => {
      assert.equal($version, 1, `${$id} has been written once`);
      return [$id, own];
    }),
  );

const OWN_TABLES = ['segments', 'collections', 'things'];

/** That nothing is left of an old object. */
async function isTidy(store) {
  const tables = await answerOf(`${store}/tables`);
  assert.deepEqual(
    tables.filter((name) => !name.startsWith('_cf_') && !OWN_TABLES.includes(name)),
    [],
  );
}

/** A cell as TinyBase says it: what is no text, number or truth value has a mark in front. */
const cell = (value) =>
  typeof value === 'string' && value[0] === '\uFFFD' ? JSON.parse(value.slice(1)) : value;

before(async () => {
  sink = await new Sink().start();
  await deploy(BEFORE);
  await answerOf('cards/demo/fill', CARDS);
  await answerOf('planner/demo/fill', 40);
  await answerOf('notes/demo/fill', 30);
  await answerOf('json/demo/fill', 30);
  await answerOf('readings/demo/fill', 60);
  await answerOf('cards/large/add', 1, { title: 'x'.repeat(1_100_000), done: false, labels: [] });
  for (const id of [2, 3]) await answerOf('cards/large/add', id, { title: 'small', done: false, labels: [] });
  for (const library of ['cards', 'planner', 'notes', 'json'])
    had[library] = await answerOf(`${library}/demo/all`);
  had.large = await answerOf('cards/large/all');
  // The object dies when some of the cards are saved, and then the machine does.
  await deploy(AFTER, { CRASH_AFTER: '900' });
  assert.equal((await call('cards/demo/tables')).status, 500);
  crashed = Date.now();
  await deploy(AFTER);
});

after(async () => {
  await server?.stop();
  sink?.stop();
});

test('tables written by hand are moved, some of them before a crash and the others behind it', async () => {
  const { cards, members } = had.cards;
  const moved = await exported('cards/demo');
  const before = moved.filter(({ $createdAt }) => $createdAt < crashed).length;
  assert.ok(before > 0 && before < moved.length, `${before} of ${moved.length} were saved before the crash`);
  const expected = [
    ...cards.map(({ id, title, points, done, labels }) => [
      `card:${id}`,
      {
        $type: 'Card',
        title,
        ...(points !== null && { points }),
        done: done === 1,
        labels: JSON.parse(labels),
      },
    ]),
    ...members.map(({ email, name }) => [`member:${email}`, { $type: 'Member', name }]),
  ];
  assert.equal(expected.length, 2 * CARDS);
  assert.deepEqual(fields(moved), Object.fromEntries(expected));
  await isTidy('cards/demo');
  // Each is an event, too.
  const missing = () => {
    const events = sink.records.filter(({ ns, verb }) => ns === 'demo' && verb === 'thing.created');
    const ids = new Set(events.map(({ entityId }) => entityId));
    return expected.filter(([id]) => !ids.has(id)).length;
  };
  const deadline = Date.now() + DEADLINE_MS;
  while (missing() > 0) {
    assert.ok(Date.now() < deadline, `${missing()} events have not come`);
    await new Promise((passed) => setTimeout(passed, POLL_MS));
  }
});

test('the state of an agent is moved', async () => {
  const { title, cards } = had.planner;
  const expected = cards.map(({ id, ...card }, position) => [id, { $type: 'Card', ...card, position }]);
  assert.equal(expected.length, 40);
  const board = { $type: 'Board', title };
  assert.deepEqual(fields(await exported('planner/demo')), { board, ...Object.fromEntries(expected) });
  await isTidy('planner/demo');
});

for (const mode of ['notes', 'json']) {
  test(`a store of TinyBase is moved, of binding ${mode}`, async () => {
    const [tables, values] = had[mode];
    const expected = { values: { $type: 'Values', ...values } };
    for (const [table, rows] of Object.entries(tables)) {
      for (const [id, row] of Object.entries(rows)) {
        const cells = Object.entries(row).map(([name, value]) => [name, cell(value)]);
        expected[`${table}:${id}`] = { $type: table, ...Object.fromEntries(cells) };
      }
    }
    assert.equal(Object.keys(expected).length, 1 + 29 + 30);
    assert.deepEqual(fields(await exported(`${mode}/demo`)), expected);
    await isTidy(`${mode}/demo`);
  });
}

/** What the checkpoints in before.ts come to. */
function readings() {
  const version = (id) => ({ 0: 3, 1: 9 })[id] ?? 2;
  const all = { home: { $type: 'Place', name: 'Home' }, away: { $type: 'Place', name: 'Away' } };
  for (let id = 0; id < 60; id++) all[`sensor_${id}`] = { $type: 'Reading', value: id / version(id) };
  return all;
}

test('checkpoints of the original are moved, the newest version of each thing', async () => {
  assert.deepEqual(fields(await exported('readings/demo')), readings());
  await isTidy('readings/demo');
});

test('what a store exports goes back into the old classes', async () => {
  for (const store of ['cards', 'planner', 'notes', 'readings']) {
    await exported(`${store}/demo`);
    await answerOf(`${store}/demo/back`);
  }
  for (const library of ['cards', 'planner', 'notes']) {
    assert.deepEqual(await answerOf(`old_${library}/demo/all`), had[library]);
  }
  const things = await answerOf('old_readings/demo/recover');
  assert.deepEqual(fields(things), readings());
});

test('what a store cannot take is said, and the old class goes on until it is mended', async () => {
  assert.equal((await call('cards/large/tables')).status, 500);
  await deploy(BEFORE);
  assert.deepEqual(await answerOf('cards/large/all'), had.large);
  await answerOf('cards/large/add', 1, { title: 'no longer large', done: false, labels: [] });
  await answerOf('cards/large/add', 2, { title: 'changed', done: true, labels: [] });
  await answerOf('cards/large/remove', 3);
  await deploy(AFTER);
  const titles = (await exported('cards/large')).map(({ $id, title }) => [$id, title]);
  assert.deepEqual(Object.fromEntries(titles), { 'card:1': 'no longer large', 'card:2': 'changed' });
  await isTidy('cards/large');
});

test('the pages show the files that run here, and all of them', () => {
  const shown = readdirSync(PAGES).flatMap((page) => [
    ...readFileSync(join(PAGES, page), 'utf8').matchAll(/^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$/gms),
  ]);
  const own = shown.filter(([, name]) => existsSync(join(EXAMPLE, name)));
  for (const [, name, text] of own) assert.equal(text, readFileSync(join(EXAMPLE, name), 'utf8'), name);
  const files = ['back', 'old', 'src'].flatMap((folder) =>
    readdirSync(join(EXAMPLE, folder)).map((name) => `${folder}/${name}`),
  );
  assert.deepEqual([...own.map(([, name]) => name), ...DESCRIBED].sort(), files.sort());
});
