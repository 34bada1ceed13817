import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Host } from '../src/host.js';
import { wrongClock, wrongJson } from './contract.js';
import { cores } from './cores.mjs';
import { Server, Sink } from './harness.mjs';

const FOLDER = new URL('../../core/src/test/resources/contract/', import.meta.url);
const cases = (port) => JSON.parse(readFileSync(new URL(`${port}.json`, FOLDER), 'utf8'));

for (const [name, core] of Object.entries(cores)) {
  describe(`the ports' contracts, ${name} core`, () => {
    it('json, in Node', () => assert.deepEqual(wrongJson(core, cases('json')), []));

    it('clock, in Node', () => assert.deepEqual(wrongClock(core, cases('clock')), []));

    it('json, clock and sql, in workerd', async () => {
      const sink = await new Sink().start();
      const server = await new Server(sink, { core: name, config: 'js-glue/test/contract.toml' }).start();
      try {
        for (const port of ['json', 'clock', 'sql']) {
          const init = { method: 'POST', body: JSON.stringify(cases(port)) };
          assert.deepEqual(await (await server.fetch(`/${port}`, init)).json(), [], port);
        }
      } finally {
        await server.stop();
        sink.stop();
      }
    });
  });
}

describe('the Pipeline’s contract, on the glue', () => {
  const records = [{ seq: 1, payload: { $id: 'é' } }, { seq: 2 }];

  /** What a send ends with. */
  const sent = (binding, deadLetters = false, needed = true) =>
    new Promise((resolve) => {
      const host = new Host({ id: 'test' }, deadLetters ? { deadLetters: binding } : { pipeline: binding });
      let answers = 0;
      const ended = (error) => {
        assert.equal(++answers, 1, 'one answer a send');
        setImmediate(() => resolve(error));
      };
      host.send(deadLetters, records, ended, needed);
      assert.equal(answers, 0, 'not within the call');
    });

  it('hands records over in order and succeeds when the binding does', async () => {
    for (const deadLetters of [false, true]) {
      const stored = [];
      assert.equal(await sent({ send: async (all) => void stored.push(...all) }, deadLetters), null);
      assert.deepEqual(stored, records);
    }
  });

  it('fails with a sentence, however the binding fails', async () => {
    const thrower = () => {
      throw new Error('at once');
    };
    for (const [binding, text] of [
      [{ send: () => Promise.reject(new Error('503 later')) }, /503 later/],
      [{ send: () => Promise.reject(undefined) }, /undefined/],
      [{ send: () => Promise.reject('text') }, /text/],
      [{ send: thrower }, /at once/],
      [{}, /./],
      [undefined, /EVENTS/],
    ]) {
      assert.match(await sent(binding), text);
    }
  });

  it('succeeds with nothing bound where nothing is needed', async () => {
    assert.equal(await sent(undefined, false, false), null);
  });
});

describe('the timers’ contract, on the glue', () => {
  const host = new Host({ id: 'test' }, {});
  let ran;

  beforeEach(() => {
    ran = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });

  afterEach(() => mock.timers.reset());

  const arm = (name, delayMs) => host.startTimer(delayMs, () => ran.push(name));

  it('runs a task once and not before its time', () => {
    arm('a', 100);
    mock.timers.tick(99);
    assert.deepEqual(ran, []);
    mock.timers.tick(10_000);
    assert.deepEqual(ran, ['a']);
  });

  it('runs tasks in the order of their times', () => {
    arm('late', 300);
    arm('early', 100);
    arm('now', 0);
    assert.deepEqual(ran, []);
    mock.timers.tick(300);
    assert.deepEqual(ran, ['now', 'early', 'late']);
  });

  it('does not run what was cancelled, and cancels twice or late without harm', () => {
    const [a, b] = [arm('a', 100), arm('b', 100)];
    host.stopTimer(a);
    host.stopTimer(a);
    mock.timers.tick(1000);
    host.stopTimer(b);
    assert.deepEqual(ran, ['b']);
  });
});
