// Puts the figures of `make cost` into docs/cost.md, README.md and docs/img/cost.svg:
//   cost-report.mjs [FILE]

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../worker/scripts/paths.mjs';
import { barChart } from './lib/chart.mjs';
import { replaceBetween, table, writePicture } from './lib/documents.mjs';
import { count, fixed } from './lib/figures.mjs';

const FILE = 'benchmark/results/cost.jsonl';
const NAIVE = 'naive';

const text = readFileSync(process.argv[2] ?? join(root, FILE), 'utf8');
const lines = text
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const days = Map.groupBy(
  lines.filter(({ kind }) => kind === 'day'),
  ({ workload }) => workload,
);

const dollars = (number) => `$${number >= 0.1 ? number.toFixed(2) : number.toFixed(5)}`;
const settingName = (setting) =>
  setting === NAIVE
    ? 'one row a write'
    : `this store, \`${setting.split(',')[0]}\`${setting.replace(/^[^,]*/, '')}`;

function costPage() {
  const tables = [...days].map(([workload, settings]) => {
    const [naive] = settings;
    const rows = settings.map((one) => [
      settingName(one.setting),
      count(one.rows),
      count(one.alarms),
      count(one.requests),
      count(one.gbSeconds),
      fixed(one.pipelineGb, 3),
      dollars(one.dollars),
      `${fixed((100 * one.dollars) / naive.dollars, 1)}%`,
      dollars(one.framedDollars),
    ]);
    const head = [
      '',
      'rows',
      'of them alarms',
      'requests',
      'GB-s',
      'Pipeline, GB',
      'dollars',
      'of naive',
      'in frames of 10',
    ];
    return `**${workload}**\n\n${table(head, rows)}`;
  });
  const factor = Math.max(...lines.map((line) => line.factor ?? 1));
  const proof = lines.find(({ kind }) => kind === 'scaling');
  const targets = lines
    .filter(({ kind }) => kind === 'target')
    .map(({ target, measured, met }) => [target, measured, met ? 'met' : '**missed**']);
  return `
Of a steady day (the first three) ${fixed(1440 / factor, 0)} minutes are simulated after a minute's warm-up, and multiplied by ${count(factor)}; the other two are
simulated from midnight to midnight. How far the multiplying can be trusted: ${proof.workload}, simulated three times as long, has
${count(proof.threefoldRows)} rows a day in place of ${count(proof.rows)}, and ${dollars(proof.threefoldDollars)} in place of ${dollars(proof.dollars)}: packed rows are cleaned up now and then, and numbers grow longer as a day goes on. The last column is the dollars
where a client sends ten requests as one message, or as many as come within a second; *packed* is \`RECORDS=packed\`.

${tables.join('\n\n')}

### Targets

In \`pipeline\` durability where nothing else is said. Rows that are no checkpoint's are alarms, and rows that say *open* after a checkpoint has said *clean*, and in
\`local\` the groups of writes.

${table(['target', 'counted', ''], targets)}
`;
}

function readmePart() {
  const rows = [...days].map(([workload, settings]) => {
    const [naive, store, packed] = settings;
    return [
      workload,
      count(naive.rows),
      count(store.rows),
      dollars(naive.dollars),
      `**${dollars(store.dollars)}**`,
      dollars(packed.dollars),
      dollars(packed.framedDollars),
    ];
  });
  return table(
    [
      'a day of',
      'rows, one a write',
      'rows, this store',
      'cost, one a write',
      'cost, this store',
      'with `RECORDS=packed`',
      'and 10 requests a frame',
    ],
    rows,
  );
}

function picture() {
  const groups = [...days].map(([workload, settings]) => ({
    name: workload,
    bars: settings.map(({ setting, dollars: value }) => ({
      name: setting === NAIVE ? 'one row a write' : setting,
      value,
      label: dollars(value),
      ours: setting !== NAIVE,
    })),
  }));
  const note = 'make cost: rows, requests, duration and Pipeline at list price; each group has its own scale';
  return barChart('What a day costs', note, groups);
}

replaceBetween('docs/cost.md', 'cost', costPage());
replaceBetween('README.md', 'cost', readmePart());
writePicture('docs/img/cost.svg', picture());
