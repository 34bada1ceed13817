// The tables of the fixed rates.

import { heading, table } from './documents.mjs';
import { byContender, count, fixed, middle } from './figures.mjs';
import { RATES, isHeld } from './open-loop.mjs';

const COLUMNS = {
  'p50, ms': 'p50Ms',
  'p99, ms': 'p99Ms',
  'p99.9, ms': 'p999Ms',
  'longest, ms': 'maxMs',
  'stall, ms': 'stallMs',
  'CPU, µs': 'serverCpuUs',
  'sent late, p99, ms': 'lateP99Ms',
};

const measuredAt = (lines, { workload, rate }) =>
  byContender(
    lines.filter((line) => line.rate === rate),
    'open-loop',
    workload,
  );

/** What a contender did at a rate, as cells; a note in their place where it did not keep up. */
function cells(rounds) {
  if (!rounds) return ['not asked', ...Array(Object.keys(COLUMNS).length - 1).fill('')];
  const missed = rounds.filter((line) => !isHeld(line));
  if (missed.length > 0) {
    const reached = `not held: ${count(Math.min(...missed.map(({ opsPerSecond }) => opsPerSecond)))}/s`;
    return [reached, ...Array(Object.keys(COLUMNS).length - 1).fill('')];
  }
  return Object.values(COLUMNS).map((field) =>
    fixed(figureOf(rounds, field), field === 'serverCpuUs' ? 0 : 1),
  );
}

/** The median of the rounds, or of what is a worst case the worst. */
function figureOf(rounds, field) {
  const worst = field === 'stallMs' || field === 'maxMs';
  return worst ? Math.max(...rounds.map((line) => line[field])) : middle(rounds, field);
}

/** What this store is meant to keep to at 5,000 creates a second, in either durability. */
const TARGET_RATE = { workload: 'create', rate: 5_000 };
const TARGETS = [
  { title: 'CPU of a create', field: 'serverCpuUs', most: 60, unit: 'µs' },
  { title: 'p99', field: 'p99Ms', most: 15, unit: 'ms' },
  { title: 'longest stall', field: 'stallMs', most: 30, unit: 'ms' },
];

function targets(lines) {
  const measured = measuredAt(lines, TARGET_RATE);
  const rows = ['worker (js)', 'worker (js), local'].flatMap((name) => {
    const rounds = measured.get(name);
    return TARGETS.map(({ title, field, most, unit }) => {
      const value = rounds ? figureOf(rounds, field) : Number.NaN;
      const verdict = Number.isFinite(value) ? (value <= most ? 'met' : '**missed**') : 'not measured';
      return [`${title}: ≤ ${most} ${unit}`, name, `${fixed(value, 1)} ${unit}`, verdict];
    });
  });
  return table(['target', 'of', 'measured', ''], rows);
}

/** What has been measured at fixed rates, as text for a terminal. */
export function printOpenLoop(lines) {
  for (const { workload, rate } of RATES) {
    console.log(`\n${count(rate)} of ${workload} a second: ${Object.keys(COLUMNS).join(' / ')}`);
    for (const [name, rounds] of measuredAt(lines, { workload, rate })) {
      console.log(`${name.padEnd(20)}${cells(rounds).join(' / ')}`);
    }
  }
}

/** docs/benchmarks.md's part. */
export function openLoopPage(lines, file) {
  const [{ openLoop }] = lines;
  const names = [...byContender(lines, 'open-loop').keys()];
  const parts = RATES.map(({ workload, rate }) => {
    const measured = measuredAt(lines, { workload, rate });
    const what = workload === 'create' ? 'creates' : 'updates and reads, half and half,';
    return `${count(rate)} ${what} a second:\n\n${table(
      ['', ...Object.keys(COLUMNS)],
      names.map((name) => [name, ...cells(measured.get(name))]),
    )}`;
  });
  return `
${heading(lines, file, openLoop.rounds, openLoop.seconds)}

${parts.join('\n\n')}

What is meant at ${count(TARGET_RATE.rate)} creates a second:

${targets(lines)}
`;
}
