// The spans of a store, with a fake of the platform's tracing; platform.test.mjs looks at the real one.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { UnifiedStoreDO } from '@unified-storage/worker/components';
import { NodeSql } from './node-sql.mjs';

const PREFIX = 'unified_storage.';

/** Keeps spans that have ended, and refuses what the platform would not have. */
class Tracing {
  ended = [];

  startSpan(name) {
    const span = { name: name.replace(PREFIX, ''), attributes: {}, status: undefined, over: false };
    const { ended } = this;
    return {
      setAttribute(key, value) {
        assert.ok(!span.over, `${name} has ended`);
        span.attributes[key.replace(PREFIX, '')] = value;
        return this;
      },
      setStatus(status) {
        span.status = status;
        return this;
      },
      end() {
        assert.ok(!span.over, `${name} has ended`);
        span.over = true;
        ended.push(span);
      },
    };
  }

  of(name) {
    return this.ended.filter((span) => span.name === name);
  }
}

async function settled() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('a store with tracing', () => {
  let pending;
  const EVENTS = { send: () => new Promise((resolve, reject) => pending.push({ resolve, reject })) };

  const open = async (tracing) => {
    const state = /** @type {any} */ ({ id: { name: 'a' }, storage: { sql: new NodeSql() } });
    const store = new UnifiedStoreDO(state, { EVENTS, DURABILITY: 'pipeline' }, { tracing });
    await store.onStart();
    return store;
  };

  beforeEach(() => {
    pending = [];
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Date.parse('2026-01-31T12:00:00.000Z') });
  });

  afterEach(() => mock.timers.reset());

  it('has spans of its start, of sends, of checkpoints and of requests that take long', async () => {
    const tracing = new Tracing();
    const store = await open(tracing);
    assert.equal(tracing.of('recovery')[0].attributes.source, 'empty');

    const slow = store.put('C', 'x', { n: 1 });
    await settled();
    assert.deepEqual(tracing.of('send'), []);
    mock.timers.tick(150);
    pending.shift().resolve();
    await slow;
    const [send] = tracing.of('send');
    // The fence of the life, and the event.
    assert.deepEqual(send.attributes, { namespace: 'a', records: 2, duration_ms: 150 });
    const [request] = tracing.of('request');
    assert.deepEqual(request.attributes, { namespace: 'a', type: 'put', duration_ms: 150 });

    const quick = store.put('C', 'x', { n: 2 });
    await settled();
    mock.timers.tick(99);
    pending.shift().resolve();
    await quick;
    assert.equal(tracing.of('request').length, 1);

    await store.checkpoint();
    const checkpoint = tracing.of('checkpoint').at(-1);
    assert.equal(checkpoint.attributes.things, 1);
    assert.equal(checkpoint.attributes.trigger, 'manual');
    assert.equal(checkpoint.status, undefined);
  });

  it('says in the span of a send why it failed', async () => {
    const tracing = new Tracing();
    const store = await open(tracing);
    const write = store.put('C', 'x', { n: 1 });
    await settled();
    pending.shift().reject(new Error('the stream is full'));
    await settled();
    assert.deepEqual(tracing.of('send')[0].status, { code: 'error', message: 'the stream is full' });
    // It is sent again after a moment, and is in SQLite meanwhile.
    mock.timers.tick(5_000);
    await settled();
    pending.shift().resolve();
    assert.equal((await write).$version, 1);
    await settled();
    assert.equal(tracing.of('send').at(-1).status, undefined);
  });

  it('ends a span of which the platform does not take the status', async () => {
    const ended = [];
    const store = await open({
      startSpan: (name) => ({
        setAttribute: () => {},
        setStatus: () => assert.fail('no status'),
        end: () => ended.push(name),
      }),
    });
    const write = store.put('C', 'x', { n: 1 });
    await settled();
    pending.shift().reject(new Error('the stream is full'));
    await settled();
    assert.deepEqual(ended, [`${PREFIX}recovery`, `${PREFIX}send`]);
    mock.timers.tick(5_000);
    await settled();
    pending.shift().resolve();
    await write;
  });

  for (const [what, broken] of [
    ['begins no span', { startSpan: () => assert.fail('no more spans') }],
    [
      'takes nothing of a span',
      {
        startSpan: () => ({
          setAttribute: () => assert.fail('no more attributes'),
          end: () => assert.fail('no more ends'),
        }),
      },
    ],
  ]) {
    it(`goes on when the platform ${what}`, async () => {
      const store = await open(broken);
      const write = store.put('C', 'x', { n: 1 });
      await settled();
      mock.timers.tick(150);
      pending.shift().resolve();
      assert.equal((await write).$version, 1);
      assert.equal((await store.checkpoint()).entityCount, 1);
    });
  }
});
