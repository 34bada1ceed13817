// Things of before in today's form, through a class's onUpcast: docs/reference/upcasters.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, test } from 'node:test';
import { upcastOf } from '../src/verbs.js';
import { Server, Sink } from './harness.mjs';

/** A field whose name is that of a promise's function. */
const PLAIN = JSON.parse('{"then":"wait"}');

for (const core of ['js', 'wasm']) {
  describe(`a store whose things have forms, with its ${core} core`, () => {
    let sink;
    let server;
    const options = { core, config: 'js-glue/test/upcast.toml' };

    const card = (id, fields) => ({ type: 'create', $type: 'Card', data: { $id: id, ...fields } });

    before(async () => {
      sink = await new Sink().start();
      server = await new Server(sink, options).start();
      const client = await server.connect('/stores/a');
      await client.ask(card('a', { name: 'Alice', points: '3', tags: ['old'], ...PLAIN }));
      await client.ask(card('b', { name: 'Bob', points: '20' }));
      await client.ask(card('x', { name: 'X', points: 'none' }));
      await client.ask(card('p', { name: 'P', points: 'later' }));
      await server.kill('SIGKILL');
      const today = { ...options, vars: { UPCASTERS: '{"Card":2}' } };
      server = await new Server(sink, today, server.data).start();
    });

    after(async () => {
      await server?.stop();
      sink?.stop();
    });

    it('shows them in today’s form, in reads, queries and pushes', async () => {
      const client = await server.connect('/stores/a');
      const a = await client.read('a');
      const { $createdAt, $updatedAt, ...rest } = a;
      const shown = { $id: 'a', $type: 'Card', $version: 1, $form: 2, title: 'Alice', points: 3 };
      assert.deepEqual(rest, { ...shown, tags: ['old', 'seen', 'seen'], ...PLAIN });
      assert.deepEqual(
        (await client.read('a')).tags,
        ['old', 'seen', 'seen'],
        'what the function was given is a copy',
      );
      const page = await client.ask({ type: 'query', $type: 'Card', where: { points: { $gt: 10 } } });
      assert.deepEqual(
        page.things.map(({ title }) => title),
        ['Bob'],
      );
      await client.close();
    });

    it('writes them whole, in today’s form', async () => {
      const client = await server.connect('/stores/a');
      assert.equal((await client.ask({ type: 'update', $id: 'b', data: { done: true } })).$version, 2);
      const { payload } = await new Promise((resolve) => {
        const look = () => {
          const found = sink.records.find(({ entityId, version }) => entityId === 'b' && version === 2);
          if (found) resolve(found);
          else setTimeout(look, 10);
        };
        look();
      });
      assert.equal(payload.title, 'Bob');
      assert.equal(payload.points, 20);
      assert.equal(payload.$form, 2);
      assert.deepEqual(payload.$unset, ['name']);
      await client.close();
    });

    it('shows those as they are of which its function answers later', async () => {
      const client = await server.connect('/stores/a');
      assert.equal((await client.read('p')).name, 'P');
      const refused = await client.ask({ type: 'update', $id: 'p', data: { n: 1 } });
      assert.match(refused.error, /onUpcast has to return the fields, and at once$/);
      await client.close();
    });

    it('shows one that its function throws over as it is, and refuses to write on it', async () => {
      const client = await server.connect('/stores/a');
      assert.equal((await client.read('x')).name, 'X');
      const refused = await client.ask({ type: 'update', $id: 'x', data: { n: 1 } });
      assert.equal(refused.code, 'INTERNAL_ERROR');
      assert.equal(refused.error, 'the Card x cannot be brought from form 0 to 1: no points');
      assert.equal((await client.read('x')).$version, 1);
      await client.close();
    });
  });
}

test('an onUpcast may throw and return anything, and nothing is thrown on', () => {
  const answer = (onUpcast) => upcastOf(onUpcast)('Card', 0, '{}');
  const thrown = (what) =>
    answer(() => {
      throw what;
    });
  assert.deepEqual(thrown(new Error('no points')), { error: 'no points' });
  assert.deepEqual(thrown('no points'), { error: 'no points' });
  assert.deepEqual(thrown(new Error('x'.repeat(2_000_000))), { error: 'x'.repeat(1_000) });
  for (const what of [Object.create(null), Symbol('s'), undefined, { message: {} }]) {
    assert.deepEqual(thrown(what), { error: 'onUpcast threw what is no error' });
  }
  const noFields = { error: 'onUpcast has to return the fields, and at once' };
  for (const what of [undefined, null, 1, 'x', [], Promise.resolve({}), { toJSON() {} }]) {
    assert.deepEqual(
      answer(() => what),
      noFields,
    );
  }
});

test('the page shows the program that ran', () => {
  const page = readFileSync(new URL('../../docs/reference/upcasters.md', import.meta.url), 'utf8');
  const [, shown] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
  assert.equal(shown, readFileSync(new URL('upcast-board.js', import.meta.url), 'utf8'));
});
