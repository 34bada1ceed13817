import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { ArchiveReader, icebergFrom } from '../src/index.js';
import { settingsFrom } from '../src/settings.js';
import { Table } from './table.mjs';

const read = (path) => new Uint8Array(readFileSync(new URL(`./data/engines/${path}`, import.meta.url)));
const json = (path) => JSON.parse(Buffer.from(read(path)).toString());

const events = json('events.json');
const ofPython = json('cases.json');
const files = [...ofPython.files, ...json('cases-arrow-rs.json').files];
const tables = [...ofPython.tables, ...json('cases-java.json').tables];
const BASE_MS = 1_769_860_800_000;
const DAY_MS = 86_400_000;

/** The event that a row of a table is to be read as. */
function expectedRow(event, { without = [], tsShift = 0 }) {
  const lacks = Object.fromEntries(without.map((name) => [name, null]));
  const { ns, life, session, sub, n, batchIndex, events, version, ts, ...rest } = { ...event, ...lacks };
  return {
    ...rest,
    life: life ?? 0,
    version: version ?? 0,
    ts: ts + tsShift,
    ...(session && { session, sub, n, batchIndex }),
    ...(events && { events }),
  };
}

const QUERIES = [
  { namespace: 'a' },
  { namespace: 'b' },
  { namespace: 'aa' },
  { namespace: 'absent' },
  { namespace: 'a', afterSeq: 9 },
  { namespace: 'a', afterSeq: 4, untilSeq: 16 },
  { namespace: 'a', afterSeq: 99 },
  { namespace: 'a', entityIds: ['thing-3'] },
];

function wanted(event, { namespace, afterSeq = 0, untilSeq = Infinity, entityIds }) {
  const { ns, seq, entityId } = event;
  if (ns !== namespace) return false;
  if (seq === 0) return true;
  return (
    seq > afterSeq && seq <= untilSeq && (!entityIds || event.events > 0 || entityIds.includes(entityId))
  );
}

const inOrder = (rows) => rows.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);

async function all(reader, query) {
  const rows = [];
  for await (const some of reader.read(query)) rows.push(...some);
  return rows;
}

/** Either reader may refuse what the other one reads. */
const isRefused = ({ refused, refusedBy = 'worker' }) => Boolean(refused) && refusedBy === 'worker';

/** Holds everything that the table can be asked for against the events it has, or what it is refused with. */
async function hold(env, one) {
  const { refused, rows } = one;
  if (isRefused(one)) {
    for (const positionsOnly of [false, true]) {
      // An error may depend on rows: those of the namespace that has them.
      await assert.rejects(all(icebergFrom(env), { namespace: 'a', positionsOnly }), (error) => {
        assert.match(error.message, new RegExp(refused, 'i'));
        return true;
      });
    }
    return;
  }
  const [lostNs, lostSeq] = one.lost ?? [];
  const there = rows === 0 ? [] : events.filter(({ ns, seq }) => ns !== lostNs || seq !== lostSeq);
  // Rows that were packed are found by their column.
  const of = one.without?.includes('events') ? there.map((event) => ({ ...event, events: null })) : there;
  for (const windowBytes of [2 << 20, 2000]) {
    const reader = new ArchiveReader(settingsFrom(env), { windowBytes });
    for (const query of QUERIES) {
      const expected = inOrder(
        of.filter((event) => wanted(event, query)).map((event) => expectedRow(event, one)),
      );
      assert.deepEqual(await all(reader, query), expected, JSON.stringify(query));
      const positions = await all(reader, { ...query, positionsOnly: true });
      const position = ({ epoch, life, seq, events }) => ({ epoch, life, seq, events });
      assert.deepEqual(positions.map(position), expected.map(position), JSON.stringify(query));
    }
  }
  const surveyed = [];
  await icebergFrom(env).survey({ after: -1, row: (...position) => surveyed.push(position.join()) });
  assert.deepEqual(
    surveyed.filter((position) => !position.startsWith(',')).sort(),
    of
      .map(({ ns, epoch, life, seq, events }) => {
        const lived = one.without?.includes('life') ? 0 : (life ?? 0);
        return [ns, epoch, lived, seq, events ?? 0].join();
      })
      .sort(),
  );
}

/** Whatever came into the table since a moment comes, whatever else does. */
async function holdSince(env) {
  for (let day = 0; day < 4; day++) {
    const rows = await all(icebergFrom(env), { namespace: 'a', sinceMs: BASE_MS + day * DAY_MS });
    const found = new Set(rows.map(({ epoch, seq }) => `${epoch}.${seq}`));
    for (const { ns, epoch, seq } of events) {
      const came = ns === 'a' && Math.floor(seq / 10) >= day;
      if (came) assert.ok(found.has(`${epoch}.${seq}`), `${epoch}.${seq} came on day ${day}`);
    }
  }
}

describe('what other engines write', () => {
  let table;

  beforeEach(() => {
    table = new Table();
    mock.method(globalThis, 'fetch', (url) => table.fetch(url));
  });

  afterEach(() => mock.restoreAll());

  for (const one of files) {
    it(`is read exactly, or refused by name: the file ${one.name}`, async () => {
      for (const field of table.metadata.schemas[0].fields) {
        field.type = one.types?.[field.name] ?? field.type;
        // The ids that the files have.
        field.id = Object.keys(events[0]).indexOf(field.name) + 1;
      }
      table.metadata['last-sequence-number'] = 1;
      const bytes = read(`files/${one.name}.parquet`);
      table.objects.set('f', bytes);
      table.manifests([{ entries: [table.entry('f', bytes.length)] }]);
      await hold(table.env, one);
    });
  }

  for (const one of tables) {
    it(`is read exactly, or refused by name: the table ${one.name}`, async () => {
      const at = (location) => `tables/${location.replace('s3://archive/', '')}`;
      table.metadata = Buffer.from(read(at(one.metadata))).toString();
      table.env.WAREHOUSE.get = async (key, { range } = {}) => {
        const bytes = read(`tables/${key}`);
        const { offset = 0, length = bytes.length } = range ?? {};
        return { arrayBuffer: async () => bytes.slice(offset, offset + length).buffer };
      };
      await hold(table.env, one);
      if (!isRefused(one)) await holdSince(table.env);
    });
  }
});
