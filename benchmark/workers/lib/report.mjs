// The tables and pictures of a run, on the terminal and in the documents.

import { barChart } from './chart.mjs';
import { heading, replaceBetween, table, writePicture } from './documents.mjs';
import { byContender, count, fixed, middle, ratio, spread, workloadsOf } from './figures.mjs';
import { openLoopPage } from './open-loop-report.mjs';
import { peersPage, peersPicture, peersReadme } from './peers-report.mjs';
import { targets } from './targets.mjs';

/** What a generator may use of its one thread before it, and not the server, may be the limit. */
const BUSY_GENERATOR = 0.9;

/** What is printed of the measures that are no workload: title and figures by field. */
const MEASURES = {
  memory: ['memory of 100,000 things', { rssMb: 'MB resident', heapMb: 'MB heap' }],
  'cold-start': ['cold start of 100,000 things', { firstReplyMs: 'ms' }],
  checkpoint: ['checkpoint of 10,000 dirty things', { ms: 'ms', rowsWritten: 'rows' }],
};

/** Prints what was measured of one workload, or one of the other measures. */
export function printTables(lines, what) {
  if (what === 'core-cost') {
    printCoreCost(lines);
  } else if (MEASURES[what]) {
    const [title, fields] = MEASURES[what];
    console.log(`\n${title}`);
    for (const [name, measured] of byContender(lines, what)) {
      const cells = Object.entries(fields).map(
        ([field, unit]) => `${minMax(measured, field).padStart(24)} ${unit}`,
      );
      console.log(name.padEnd(20) + cells.join(''));
    }
  } else {
    printLoad(lines, what);
  }
}

function printCoreCost(lines) {
  console.log('\nin the core, µs of CPU an operation');
  for (const [workload, cells] of coreCost(lines)) {
    console.log(workload.padEnd(10) + cells.map(([name, text]) => `${name}: ${text}`.padEnd(46)).join(''));
  }
}

/** Of each workload, each contender's name and its figures as text. */
function coreCost(lines) {
  const workloads = [
    ...new Set(lines.filter(({ kind }) => kind === 'core-cost').map(({ workload }) => workload)),
  ];
  return workloads.map((workload) => {
    const measured = byContender(lines, 'core-cost', workload);
    const cells = [...measured].map(([name, rounds]) => {
      const beside = fixed(ratio(rounds, measured.get('hand-written'), 'us'), 2);
      return [name, `${minMax(rounds, 'us')}, × ${beside}`];
    });
    return [workload, cells];
  });
}

function printLoad(lines, what) {
  const head = ['ops/s', 'min–max', '÷ memory-wal', '÷ naive', 'p50 ms', 'p99 ms', 'CPU µs/op', 'generator'];
  console.log(`\n${what.padEnd(20)}${head.map((one) => one.padStart(14)).join('')}`);
  const measured = byContender(lines, 'load', what);
  for (const [name, rounds] of measured) {
    const [least, most] = spread(rounds.map(({ opsPerSecond }) => opsPerSecond));
    const cells = [
      count(middle(rounds, 'opsPerSecond')),
      `${least}–${most}`,
      fixed(ratio(rounds, measured.get('memory-wal'), 'opsPerSecond'), 2),
      fixed(ratio(rounds, measured.get('naive'), 'opsPerSecond'), 2),
      fixed(middle(rounds, 'p50Ms'), 1),
      fixed(middle(rounds, 'p99Ms'), 1),
      fixed(middle(rounds, 'serverCpuUs'), 1),
      generatorShare(rounds),
    ];
    console.log(name.padEnd(20) + cells.map((cell) => cell.padStart(14)).join(''));
    const errors = rounds.flatMap((round) => Object.entries(round.errors));
    if (errors.length > 0) console.log(`  errors: ${JSON.stringify(errors)}`);
  }
}

function generatorShare(rounds) {
  const share = middle(rounds, 'clientCpuShare');
  return `${Math.round(share * 100)}%${share > BUSY_GENERATOR ? ' !' : ''}`;
}

/** Writes the documents' parts and the pictures, of what was measured in the run. */
export function writeDocuments(lines, file) {
  const has = (kind) => lines.some((line) => line.kind === kind);
  if (has('load')) {
    replaceBetween('docs/benchmarks.md', 'bench', benchmarksPage(lines, file));
    replaceBetween('README.md', 'bench', readmePart(lines));
    writePicture('docs/img/bench.svg', picture(lines));
  }
  if (has('peer-load')) {
    replaceBetween('docs/benchmarks.md', 'bench-peers', peersPage(lines, file));
    replaceBetween('README.md', 'bench-peers', peersReadme(lines));
    writePicture('docs/img/bench-peers.svg', peersPicture(lines));
  }
  if (has('open-loop')) replaceBetween('docs/benchmarks.md', 'bench-rates', openLoopPage(lines, file));
}

function benchmarksPage(lines, file) {
  const [{ rounds, seconds }] = lines;
  return `
${heading(lines, file, rounds, seconds)}

### Operations a second

Median (min–max). Entities a second for batches.

${perWorkload(lines, (rounds) => {
  const [least, most] = spread(rounds.map(({ opsPerSecond }) => opsPerSecond));
  const flag = middle(rounds, 'clientCpuShare') > BUSY_GENERATOR ? ' †' : '';
  return `${count(middle(rounds, 'opsPerSecond'))}${flag} (${count(least)}–${count(most)})`;
})}

† The generator used more than ${BUSY_GENERATOR * 100}% of a core: the server may be able to do more.

### Beside memory-wal

Median of the ratios within each round.

${perWorkload(lines, (rounds, all) => fixed(ratio(rounds, all.get('memory-wal'), 'opsPerSecond'), 2))}

### Latency of a reply, p50 / p99 in ms

A closed loop is always full: this is the time in the queue more than the time of the work.

${perWorkload(lines, (rounds) => `${fixed(middle(rounds, 'p50Ms'), 1)} / ${fixed(middle(rounds, 'p99Ms'), 1)}`)}

### CPU of the server for one operation, in µs

All threads of its process, the Pipeline's stand-in of a Worker included. The steadiest of these figures on a shared machine.

${perWorkload(lines, (rounds) => fixed(middle(rounds, 'serverCpuUs'), 1))}

### CPU of the load generator, share of one core

${perWorkload(lines, generatorShare)}

### 100,000 things: memory and cold start

${hundredThousand(lines)}

### A checkpoint of 10,000 dirty things

From asking to the answer, in ms; nothing else is answered meanwhile.

${table(
  ['', 'ms', 'rows'],
  [...byContender(lines, 'checkpoint')].map(([name, measured]) => [
    name,
    minMax(measured, 'ms'),
    minMax(measured, 'rowsWritten'),
  ]),
)}

### Inside the core

µs of CPU an operation: median (min–max), and the median of the ratios to hand-written JavaScript. No sockets, no SQLite, a Pipeline that
takes what it is given; workerd's engine. Hand-written is memory-wal.

${coreTable(lines)}

### Targets

${targets(lines)}
`;
}

function coreTable(lines) {
  const rows = coreCost(lines).map(([workload, cells]) => [workload, ...cells.map(([, text]) => text)]);
  return table(['', 'hand-written', 'core (js)', 'core (wasm)'], rows);
}

function perWorkload(lines, cell) {
  const workloads = workloadsOf(lines);
  const measured = workloads.map((workload) => byContender(lines, 'load', workload));
  const rows = [...measured[0].keys()].map((name) => [
    name,
    ...measured.map((all) => (all.has(name) ? cell(all.get(name), all) : '–')),
  ]);
  return table(['', ...workloads], rows);
}

function hundredThousand(lines) {
  const memory = byContender(lines, 'memory');
  const cold = byContender(lines, 'cold-start');
  const rows = [...new Set([...cold.keys(), ...memory.keys()])].map((name) => [
    name,
    ...['rssMb', 'heapMb'].map((field) => minMax(memory.get(name), field)),
    minMax(cold.get(name), 'firstReplyMs'),
  ]);
  return table(['', 'RSS, MB', 'heap, MB', 'first reply, ms'], rows);
}

function minMax(lines, field) {
  if (!lines) return '–';
  const [least, most] = spread(lines.map((line) => line[field]));
  return `${fixed(middle(lines, field), 1)} (${fixed(least, 1)}–${fixed(most, 1)})`;
}

const README_CONTENDERS = ['worker (js)', 'memory-wal', 'naive-batched', 'naive', 'drizzle'];
const README_WORKLOADS = ['create', 'mix', 'batch', 'hot', 'fan-in'];

function readmePart(lines) {
  const rows = README_CONTENDERS.map((name) => [
    name.startsWith('worker') ? `**this store** (${name})` : name,
    ...README_WORKLOADS.map((workload) =>
      count(middle(byContender(lines, 'load', workload).get(name), 'opsPerSecond')),
    ),
  ]);
  return table(['operations a second', ...README_WORKLOADS], rows);
}

function picture(lines) {
  const groups = ['create', 'mix', 'batch'].map((workload) => ({
    name: { create: 'creates', mix: 'updates and reads, half and half', batch: 'creates in batches of 100' }[
      workload
    ],
    bars: [...byContender(lines, 'load', workload)].map(([name, rounds]) => ({
      name,
      value: middle(rounds, 'opsPerSecond'),
      label: count(middle(rounds, 'opsPerSecond')),
      ours: name.startsWith('worker') || name === 'emulator',
    })),
  }));
  const [run] = lines;
  const note = `make bench, commit ${run.commit}, ${run.at.slice(0, 10)}, ${run.machine}; longer is better`;
  return barChart('Operations a second in real workerd', note, groups);
}
