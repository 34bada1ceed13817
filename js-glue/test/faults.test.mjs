import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { functions } from '../core/functions.js';
import * as js from '../core/core.js';
import { instantiate } from '../src/wasm-runtime.js';

// Node 22's optimising compiler does not come to an end with this module; workerd's does.
setFlagsFromString('--liftoff-only');
const bytes = readFileSync(new URL('../core/core.bin', import.meta.url));
const wasm = instantiate(new WebAssembly.Module(bytes, { builtins: ['js-string'] }), functions);

const fine = { error: () => null, next: () => false, rowsWritten: () => 1 };

/** A platform whose storage.sql does what it is told to. */
function hostWith(sql) {
  const undo = {};
  return {
    sqlExec: () => sql(),
    sqlTransaction(body) {
      try {
        if (!body()) throw undo;
        return null;
      } catch (e) {
        return e === undo ? null : String(e);
      }
    },
    send: (deadLetters, records, ended) => queueMicrotask(() => ended(null)),
    hasDeadLetters: () => false,
    hasArchive: () => false,
    writer: () => 'w',
    tokens: () => null,
    hasDirectory: () => false,
    hasMetrics: () => false,
    hasTracing: () => false,
    eachSocket() {},
    startTimer: () => ({}),
    stopTimer() {},
    setAlarm: () => true,
    log() {},
  };
}

for (const [name, core] of Object.entries({ js, wasm })) {
  describe(`the ${name} core on a platform that breaks`, () => {
    for (const [fault, broken, code] of [
      ['SQLite refuses', () => ({ ...fine, error: () => 'disk I/O error' }), 'UNAVAILABLE'],
      ['an exception comes out of it', () => assert.fail('broken'), 'INTERNAL_ERROR'],
      ['it gives null', () => null, 'INTERNAL_ERROR'],
      [
        'the stack overflows',
        function deeper() {
          return [deeper()];
        },
        'INTERNAL_ERROR',
      ],
    ]) {
      it(`answers ${code} when ${fault}`, () => {
        let sql = () => fine;
        const store = core.open(
          hostWith(() => sql()),
          'n',
          { DURABILITY: 'local' },
          {},
        );
        store.start((error) => assert.equal(error, null));
        sql = broken;
        const replies = [];
        const socket = {
          send: (text) => replies.push(JSON.parse(text)),
          unsentBytes: () => 0,
          id: () => 1,
          attachment: () => '',
        };
        store.message(socket, '{"type":"create","id":"a","$type":"T","data":{}}');
        store.message(socket, '{"type":"ping","id":"b"}');
        assert.deepEqual(
          replies.map(({ id, code }) => [id, code]),
          [
            ['a', code],
            ['b', undefined],
          ],
        );
      });
    }

    it('logs the steps of a life as lines that a program reads', () => {
      const lines = [];
      for (const error of [null, 'SQLITE_CORRUPT: malformed']) {
        const host = hostWith(() => ({ ...fine, error: () => error }));
        host.log = (level, line) => lines.push([level, JSON.parse(line)]);
        core.open(host, 'n', { DURABILITY: 'local' }, {}).start(() => {});
      }
      const [[level, started], [worse, failed]] = lines;
      assert.deepEqual(
        [level, worse, lines.length],
        [0, 2, 2],
        'one each, the first as information, the second as an error',
      );
      assert.ok(started.durationMs >= 0);
      assert.deepEqual(
        { ...started, durationMs: 0 },
        {
          step: 'started',
          namespace: 'n',
          epoch: 0,
          seq: 0,
          source: 'empty',
          things: 0,
          events: 0,
          durationMs: 0,
        },
      );
      assert.equal(failed.step, 'failed');
      assert.match(failed.why, /malformed/);
    });

    it('answers UNAVAILABLE when it cannot start', () => {
      const sql = () => ({ ...fine, error: () => 'SQLITE_CORRUPT: malformed' });
      const store = core.open(hostWith(sql), 'n', {}, {});
      const errors = [];
      store.start((error) => errors.push(error));
      assert.match(errors[0], /malformed/);
      const replies = [];
      const socket = {
        send: (text) => replies.push(JSON.parse(text)),
        unsentBytes: () => 0,
        id: () => 1,
        attachment: () => '',
      };
      store.message(socket, '{"type":"read","id":"a","$ids":[]}');
      assert.equal(replies[0].code, 'UNAVAILABLE');
    });
  });
}
