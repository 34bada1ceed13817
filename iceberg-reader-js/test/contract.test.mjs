import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { icebergFrom } from '../src/index.js';
import { Table } from './table.mjs';

const CASES = new URL('../../core/src/test/resources/contract/archive.json', import.meta.url);

describe('the archive reader’s contract', () => {
  const { rolls, queries, event } = JSON.parse(readFileSync(CASES, 'utf8'));

  beforeEach(() => {
    const table = new Table();
    const stored = (records) => records.map((one) => ({ ...one, payload: JSON.stringify(one.payload) }));
    table.manifests([{ entries: rolls.map((roll, i) => table.file(`f${i}`, stored(roll))) }]);
    mock.method(globalThis, 'fetch', (url) => table.fetch(url));
    read = async (query) => {
      const rows = [];
      const all = { afterSeq: 0, untilSeq: Infinity, entityIds: null, positionsOnly: false };
      for await (const some of icebergFrom(table.env).read({ ...all, ...query })) rows.push(...some);
      return rows;
    };
  });

  afterEach(() => mock.restoreAll());

  let read;

  for (const { found, ...query } of queries) {
    it(`finds what the others find: ${JSON.stringify(query)}`, async () => {
      const positions = (await read(query)).map(({ epoch, seq }) => `${epoch}.${seq}`);
      assert.deepEqual(
        positions.filter((position, i) => position !== positions[i - 1]),
        found,
      );
    });
  }

  it('says how many events a packed row has', async () => {
    for (const positionsOnly of [false, true]) {
      const rows = await read({ namespace: 'p', positionsOnly });
      assert.deepEqual(
        rows.map(({ seq, events }) => ({ seq, events })),
        [
          { seq: 0, events: undefined },
          { seq: 1, events: 3 },
          { seq: 4, events: undefined },
        ],
      );
    }
  });

  it('gives an event whole', async () => {
    const rows = await read({ namespace: 'a', afterSeq: event.seq - 1, untilSeq: event.seq });
    const row = rows.at(-1);
    for (const [name, value] of Object.entries(event)) assert.equal(row[name], value, name);
  });
});
