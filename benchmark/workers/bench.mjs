// Measures the store beside hand-written Durable Objects (the part "objects"), beside the libraries that
// people would pick ("peers"), and at fixed rates ("rates"), in one run:
//   bench.mjs [--quick] [--parts objects,peers,rates] [--rounds 3] [--seconds 2]
//     [--workloads create,mix,batch,hot,fan-in] [--only 'NAME;NAME'] [--no-restarts] [--no-core]
//     [--beside FOLDER]…
//     [--results FILE] [--note 'What else the machine did.'] [--report FILE]
// Rounds are interleaved, so that a machine that slows down slows everybody; medians are compared.
// Every figure is appended to a file of JSON lines, and the documents' tables and pictures are made
// from it: --report makes them anew without measuring, those of the parts that the file has. --quick
// measures little, of the objects only unless parts are named, and makes none. --beside measures the
// Worker of another checkout too, a release's for example, in which `npm run build` has been run.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../worker/scripts/paths.mjs';
import { measureCore } from './lib/core-cost.mjs';
import { Generator } from './lib/generator.mjs';
import { PipelineStandIn, checkpoint, coldStart, load, memory, prepareColdStart } from './lib/measures.mjs';
import { measureOpenLoop } from './lib/open-loop.mjs';
import { printOpenLoop } from './lib/open-loop-report.mjs';
import { measurePeers } from './lib/peers.mjs';
import { printPeers } from './lib/peers-report.mjs';
import { printTables, writeDocuments } from './lib/report.mjs';
import { baseline, emulator, worker, workerdWith } from './lib/servers.mjs';

/** What can be measured. */
const PARTS = ['objects', 'peers', 'rates'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    parts: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    workloads: { type: 'string', default: 'create,mix,batch,hot,fan-in' },
    only: { type: 'string' },
    'no-restarts': { type: 'boolean', default: false },
    'no-core': { type: 'boolean', default: false },
    beside: { type: 'string', multiple: true, default: [] },
    results: { type: 'string' },
    note: { type: 'string' },
    report: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const seconds = Number(options.seconds ?? (options.quick ? 1 : 2));
const restarts = options.quick ? 2 : 5;
const only = options.only?.split(';');
const parts = (options.parts ?? (options.quick ? 'objects' : PARTS.join(','))).split(',');
for (const part of parts) {
  if (!PARTS.includes(part)) {
    console.error(`--parts is some of ${PARTS.join(',')}, not ${part}`);
    process.exit(2);
  }
}
/** How the fixed rates are measured: long enough for a checkpoint of each. */
const openLoop = { rounds: options.quick ? 1 : 2, seconds: options.quick ? 2 : 5 };
const workloads = options.workloads.split(',');

const gitIn = (cwd, ...args) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
const git = (...args) => gitIn(root, ...args);

function resultsFile(commit) {
  if (options.results) return options.results;
  const some = parts.length < PARTS.length ? parts.map((part) => `-${part}`).join('') : '';
  const name = `${new Date().toISOString().slice(0, 10)}-${commit}${some}${options.quick ? '-quick' : ''}.jsonl`;
  return join(root, 'benchmark', 'results', name);
}

/** Appends one figure to the results and keeps it for the tables. */
class Results {
  lines = [];

  constructor(file) {
    this.file = file;
    rmSync(file, { force: true });
  }

  add(kind, line) {
    const full = { kind, at: new Date().toISOString(), ...line };
    this.lines.push(full);
    appendFileSync(this.file, `${JSON.stringify(full)}\n`);
  }
}

/** What is measured: how to start it, and which measures make sense. */
function contenders(scratch, url) {
  const hand = (name) => (port, inspector) => baseline(name, port, scratch, url, inspector);
  const store = (name, core, durability) => (port, inspector) =>
    worker(name, port, core, durability, scratch, url, inspector);
  const all = [
    { name: 'echo', make: hand('echo'), cold: true },
    { name: 'memory-wal', make: hand('memory-wal'), memory: true },
    { name: 'worker (js)', make: store('worker (js)', 'js', 'pipeline'), memory: true, cold: true },
    { name: 'worker (wasm)', make: store('worker (wasm)', 'wasm', 'pipeline'), memory: true, cold: true },
    { name: 'worker (js), local', make: store('worker (js), local', 'js', 'local') },
    { name: 'naive-batched', make: hand('naive-batched') },
    { name: 'naive', make: hand('naive'), cold: true },
    { name: 'drizzle', make: hand('drizzle') },
    { name: 'emulator', make: (port) => emulator('emulator', port, 'pipeline', scratch, url) },
  ];
  for (const folder of options.beside) all.push(...ofOther(resolve(folder), scratch, url));
  return all.filter(({ name }) => !only || only.includes(name));
}

/** The Worker of another checkout, in both forms. */
function ofOther(checkout, scratch, url) {
  const commit = gitIn(checkout, 'rev-parse', '--short', 'HEAD');
  return ['js', 'wasm'].map((core) => {
    const name = `worker (${core}), ${commit}`;
    const args = ['--pipeline-url', url, '--core', core, 'DURABILITY=pipeline'];
    return { name, make: (port) => workerdWith(name, port, scratch, args, checkout) };
  });
}

async function measureLoad(measured, generator, results) {
  const servers = [];
  try {
    for (const [i, { make }] of measured.entries()) {
      const server = make(18_801 + i);
      servers.push(server);
      await server.start();
      for (const workload of workloads) {
        await load(generator, server, workload, 'warm-up', 1);
      }
    }
    for (const workload of workloads) {
      for (let round = 0; round < rounds; round++) {
        for (const server of servers) {
          const line = await load(generator, server, workload, round, seconds);
          results.add('load', { contender: server.name, ...line });
        }
      }
      printTables(results.lines, workload);
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function measureMemory(scratch, url, generator, results) {
  for (let round = 0; round < rounds; round++) {
    // Every server starts with an empty folder and an empty heap.
    for (const { name, make } of contenders(join(scratch, `memory-${round}`), url).filter(
      (one) => one.memory,
    )) {
      const server = make(18_821, 18_831);
      try {
        await server.start();
        results.add('memory', { contender: name, round, ...(await memory(generator, server, 18_831)) });
      } finally {
        await server.stop();
      }
    }
  }
  printTables(results.lines, 'memory');
}

async function measureColdStarts(measured, generator, results) {
  const servers = [];
  try {
    for (const [i, { make }] of measured.filter((one) => one.cold).entries()) {
      const server = await make(18_841 + i).start();
      servers.push(server);
      await prepareColdStart(generator, server);
    }
    for (let round = 0; round < restarts; round++) {
      for (const server of servers) {
        results.add('cold-start', { contender: server.name, round, ...(await coldStart(server)) });
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  printTables(results.lines, 'cold-start');
}

/** Checkpoints of stores that take none by themselves. */
async function measureCheckpoints(scratch, url, generator, results) {
  const vars = ['DIRTY_COUNT_THRESHOLD=1000000', 'CHECKPOINT_INTERVAL=3600000'];
  for (const core of ['js', 'wasm']) {
    const folder = join(scratch, 'checkpoints');
    const server = worker(`worker (${core})`, 18_851, core, 'pipeline', folder, url, undefined, vars);
    try {
      await server.start();
      // The first two are warm-ups.
      for (let round = -2; round < restarts; round++) {
        const line = await checkpoint(generator, server, round);
        if (round >= 0) results.add('checkpoint', { contender: server.name, ...line });
      }
    } finally {
      await server.stop();
    }
  }
  printTables(results.lines, 'checkpoint');
}

/** A million things in the emulator, stopped and started again. */
function measureMillion(results) {
  const jar = join('benchmark', 'target', 'unified-storage-benchmark.jar');
  const args = ['-jar', jar, 'cold-start', '--things', '1000000', '--json'];
  const line = JSON.parse(execFileSync('java', args, { cwd: root, encoding: 'utf8' }));
  results.add('million', { contender: 'emulator', ...line });
}

async function measureObjects(scratch, url, generator, results) {
  const measured = contenders(scratch, url);
  await measureLoad(measured, generator, results);
  if (!options['no-restarts']) {
    await measureMemory(scratch, url, generator, results);
    await measureColdStarts(contenders(join(scratch, 'cold'), url), generator, results);
    await measureCheckpoints(scratch, url, generator, results);
    if (!options.quick) measureMillion(results);
  }
  if (!options['no-core']) {
    const add = (line) => results.add('core-cost', line);
    await measureCore(scratch, options.quick ? 2 : 7, options.quick ? 20_000 : 50_000, add);
    printTables(results.lines, 'core-cost');
  }
}

async function measure() {
  const changed = git(
    'status',
    '--porcelain',
    '--',
    'core',
    'worker',
    'js-glue',
    'emulator',
    'benchmark/workers',
  );
  const commit = git('rev-parse', '--short', 'HEAD') + (changed ? '-dirty' : '');
  mkdirSync(join(root, 'benchmark', 'results'), { recursive: true });
  const results = new Results(resultsFile(commit));
  const machine = `${availableParallelism()} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  results.add('run', {
    commit,
    machine,
    load1: loadavg()[0],
    parts,
    rounds,
    seconds,
    openLoop,
    short: options.quick,
    note: options.note,
    node: process.version,
  });
  console.log(
    `${machine}, load ${loadavg()[0].toFixed(1)}, commit ${commit}, ${parts.join(', ')}, ${rounds} rounds of ${seconds} s`,
  );
  const scratch = mkdtempSync(join(tmpdir(), 'unified-storage-bench-'));
  const pipeline = await new PipelineStandIn().start();
  const generator = new Generator();
  try {
    if (parts.includes('objects')) await measureObjects(scratch, pipeline.url, generator, results);
    if (parts.includes('peers')) {
      await measurePeers(
        generator,
        join(scratch, 'peers'),
        pipeline.url,
        { rounds, seconds, restarts: options.quick ? 2 : 3, only },
        (kind, line) => results.add(kind, line),
        (what) => printPeers(results.lines, what),
      );
    }
    if (parts.includes('rates')) {
      const add = (kind, line) => results.add(kind, line);
      await measureOpenLoop(generator, scratch, pipeline.url, { ...openLoop, only }, add);
      printOpenLoop(results.lines);
    }
  } finally {
    generator.stop();
    pipeline.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
  results.add('end', { load1: loadavg()[0] });
  return results;
}

// What was started goes with this process, however it ends short of SIGKILL.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

if (options.report) {
  const lines = readFileSync(options.report, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  writeDocuments(lines, relative(root, options.report));
} else {
  const { lines, file } = await measure();
  console.log(`\nraw figures: ${relative(process.cwd(), file)}`);
  if (!options.quick && !options.only && options.beside.length === 0)
    writeDocuments(lines, relative(root, file));
}
