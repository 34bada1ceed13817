// What the tail of a crash costs by the age of the table: requests and time of the Worker’s reader, in
// Node, over tables of that many files, a day of them at a time, all namespaces in each:
//   age.mjs [--files 50,500,5000] [--namespaces 1000] [--tail 1000] [--rounds 5]
// Objects are in memory, so what a request takes on a network is not in the time.

import { parseArgs } from 'node:util';
import { ArchiveReader } from '../src/index.js';
import { settingsFrom } from '../src/settings.js';
import { Table, int, long, text } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '50,500,5000' },
    namespaces: { type: 'string', default: '1000' },
    tail: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
  },
});
const namespaces = Number(options.namespaces);
const tail = Number(options.tail);
const DAY_MS = 86_400_000;
const FILES_A_DAY = 50;
const FIRST_DAY = 20_000;
const SLACK_MS = 900_000;

const row = (ns, seq) => ({
  ns,
  epoch: 1,
  seq,
  verb: 'thing.updated',
  entityId: `c${seq % 97}`,
  entityType: 'Customer',
  version: seq,
  ts: 0,
  payload: `{"$id":"c${seq % 97}","$version":${seq},"name":"${'x'.repeat(100)}"}`,
  life: 1,
});

/** A table whose last file has the tail of one namespace, and every file a row of each namespace. */
function tableOf(files) {
  const table = new Table();
  table.metadata.schemas[0].fields.push({ id: 99, name: '__ingest_ts', type: 'timestamptz' });
  table.metadata['partition-specs'].push({
    'spec-id': 7,
    fields: [{ 'source-id': 99, transform: 'day' }],
  });
  const nameOf = (i) => `tenant-${String(i).padStart(4, '0')}`;
  const manifests = [];
  let cameMs = 0;
  for (let i = 0; i < files; i++) {
    const day = FIRST_DAY + Math.floor(i / FILES_A_DAY);
    cameMs = day * DAY_MS + ((i % FILES_A_DAY) * DAY_MS) / FILES_A_DAY;
    const rows = Array.from({ length: namespaces }, (_, n) => row(nameOf(n), i + 1));
    if (i === files - 1) for (let n = 1; n <= tail; n++) rows.push(row(nameOf(500 % namespaces), files + n));
    const entry = {
      lower_bounds: [
        { key: 1, value: text(nameOf(0)) },
        // Fences of some namespace, and another one that has written more.
        { key: 3, value: long(0) },
      ],
      upper_bounds: [
        { key: 1, value: text(nameOf(namespaces - 1)) },
        { key: 3, value: long(1e9) },
        { key: 99, value: long(cameMs * 1000) },
      ],
    };
    if (i % FILES_A_DAY === 0) {
      const partition = { contains_null: false, lower_bound: int(day), upper_bound: int(day) };
      manifests.push({ entries: [], partition_spec_id: 7, partitions: [partition] });
    }
    manifests.at(-1).entries.push(table.file(`file-${i}`, rows, { entry }));
  }
  table.manifests(manifests);
  return { table, lastMs: cameMs };
}

async function measure({ table }, afterSeq, sinceMs) {
  globalThis.fetch = (url) => table.fetch(url);
  const reader = new ArchiveReader(settingsFrom(table.env));
  const times = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    table.gets = [];
    const start = performance.now();
    let rows = 0;
    for (const positionsOnly of [true, false]) {
      const query = { namespace: 'tenant-0500', afterSeq, sinceMs, positionsOnly };
      for await (const some of reader.read(query)) rows += some.length;
    }
    times.push(performance.now() - start);
    if (rows !== 2 * tail) throw new Error(`expected ${2 * tail} rows, got ${rows}`);
  }
  times.sort((a, b) => a - b);
  return { gets: table.gets.length, ms: times[Math.floor(times.length / 2)] };
}

console.log('| files | requests, narrow | ms, narrow | requests, whole table | ms, whole table |');
console.log('| --- | --- | --- | --- | --- |');
for (const files of options.files.split(',').map(Number)) {
  const made = tableOf(files);
  const narrow = await measure(made, files, made.lastMs - SLACK_MS);
  const whole = await measure(made, files, 0);
  const fixed = (n) => n.toFixed(1);
  console.log(`| ${files} | ${narrow.gets} | ${fixed(narrow.ms)} | ${whole.gets} | ${fixed(whole.ms)} |`);
}
