import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { cores, MemorySql } from './cores.mjs';
import { Server, Sink } from './harness.mjs';
import { difference } from './replay.js';

const FILE = new URL('../../emulator/target/differential/traces.jsonl', import.meta.url);
const IN_WORKERD = 60;

describe('the compiled core does what the core on the JVM does', { concurrency: true }, () => {
  let traces;

  before(() => {
    assert.ok(existsSync(FILE), 'the emulator’s tests write the traces: mvn verify');
    traces = readFileSync(FILE, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
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
