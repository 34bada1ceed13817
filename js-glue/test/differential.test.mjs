import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { cores, MemorySql, opened } from './cores.mjs';
import { Server, Sink } from './harness.mjs';
import { difference } from './replay.js';

const FILE = new URL('../../jvm-ports/target/differential/traces.jsonl', import.meta.url);
const IN_WORKERD = 60;

describe('the compiled core does what the core on the JVM does', { concurrency: true }, () => {
  let traces;

  before(() => {
    assert.ok(existsSync(FILE), 'the tests of jvm-ports write the traces: mvn verify');
    traces = readFileSync(FILE, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  });

  for (const [name, core] of Object.entries(cores)) {
    it(`${name}, in Node`, () => {
      for (const trace of traces) {
        const sql = new MemorySql();
        assert.equal(difference(core, trace, sql.methods()), null);
        sql.close();
      }
    });

    it(`${name}, in workerd`, async () => {
      const sink = await new Sink().start();
      const server = await new Server(sink, { core: name, config: 'js-glue/test/differential.toml' }).start();
      try {
        const replayed = traces.slice(0, IN_WORKERD).map(async (trace) => {
          const answer = await server.fetch('/', { method: 'POST', body: JSON.stringify(trace) });
          assert.equal(await answer.text(), 'same');
        });
        await Promise.all(replayed);
      } finally {
        await server.stop();
        sink.stop();
      }
    });
  }
});

describe('what one compiled form wrote the other reads', () => {
  // Around the pieces in which a long text is hashed, in one of them a pair that is cut in two.
  const texts = [
    'x'.repeat(100_000),
    `${'x'.repeat(40_000)}ß${'x'.repeat(40_000)}`,
    '😀'.repeat(20_000),
    `x${'😀'.repeat(20_000)}`,
  ];

  for (const [writer, reader] of [
    ['js', 'wasm'],
    ['wasm', 'js'],
  ]) {
    it(`${writer} to ${reader}`, () => {
      const sql = new MemorySql();
      const written = opened(cores[writer], sql);
      texts.forEach((text, i) => {
        const message = { type: 'create', id: i, $type: `T${i}`, data: { $id: `${i}`, text } };
        assert.equal(written.ask(message).status, 'ack');
      });
      assert.match(written.post('checkpoint'), /^200 /);
      const { things } = opened(cores[reader], sql).ask({
        type: 'read',
        id: 1,
        $ids: texts.map((_, i) => `${i}`),
      });
      texts.forEach((text, i) => assert.ok(things[i].text === text, `text ${i}`));
      sql.close();
    });
  }
});
