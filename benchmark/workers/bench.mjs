// Runs the store in real workerd beside a hand-written Durable Object, in one run:
//   bench.mjs [--rounds 5] [--seconds 6] [--workloads create,mix,batch] [--json FILE]
// Rounds are interleaved, so that a machine that slows down slows everybody; medians are compared.

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    workloads: { type: 'string', default: 'create,mix,batch' },
    json: { type: 'string' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'unified-storage-bench-'));
const children = [];
const PIPELINE = 'http://127.0.0.1:18787/pipelines/events';

function launch(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
}

async function healthy(port) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/health`)).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing healthy on port ${port} within a minute`);
}

/** The hand-written object, with the same Pipeline stand-in behind the same kind of binding. */
function launchMemoryWal(port) {
  const dir = join(scratch, 'memory-wal');
  mkdirSync(join(dir, 'storage'), { recursive: true });
  copyFileSync(join(here, 'memory-wal.js'), join(dir, 'memory-wal.js'));
  copyFileSync(join(root, 'worker', 'dev', 'events.js'), join(dir, 'events.js'));
  const config = join(dir, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "events", worker = .events),
    (name = "storage", disk = (path = ${JSON.stringify(join(dir, 'storage'))}, writable = true)),
    (name = "internet", network = (allow = ["local", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "memory-wal.js", esModule = embed "memory-wal.js")],
  compatibilityDate = "2026-11-17",
  bindings = [
    (name = "STORES", durableObjectNamespace = "Store"),
    (name = "EVENTS", service = (name = "events", entrypoint = "Events")),
  ],
  durableObjectNamespaces = [(className = "Store", uniqueKey = "store", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
const events :Workerd.Worker = (
  modules = [(name = "events.js", esModule = embed "events.js")],
  compatibilityDate = "2026-11-17",
  bindings = [(name = "PIPELINE_URL", text = ${JSON.stringify(PIPELINE)})],
);
`,
  );
  launch(createRequire(import.meta.url)('workerd').default, ['serve', config]);
}

function launchStore(port, core) {
  launch(process.execPath, [
    join('worker', 'scripts', 'workerd.mjs'),
    '--port', String(port),
    '--data', join(scratch, core),
    '--pipeline-url', PIPELINE,
    '--core', core,
    'DURABILITY=pipeline',
  ]);
}

function load(port, workload, round) {
  const out = execFileSync(
    'java',
    [
      '-jar', join('benchmark', 'target', 'unified-storage-benchmark.jar'), 'load',
      '--url', `http://127.0.0.1:${port}`, '--namespace', `bench-${workload}-${round}`,
      '--workload', workload, '--seconds', options.seconds, '--json',
    ],
    { cwd: root },
  );
  return JSON.parse(out);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const contenders = [
  { name: 'memory-wal', port: 18788, start: (port) => launchMemoryWal(port) },
  { name: 'worker (js)', port: 18789, start: (port) => launchStore(port, 'js') },
  { name: 'worker (wasm)', port: 18790, start: (port) => launchStore(port, 'wasm') },
];

try {
  const emulator = join('emulator', 'target', 'unified-storage-emulator.jar');
  launch('java', ['-jar', emulator, '--port', '18787', '--data', join(scratch, 'emulator')]);
  await healthy(18787);
  for (const { port, start } of contenders) {
    start(port);
    await healthy(port);
    load(port, 'create', 'warm-up');
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  console.log(`${availableParallelism()} × ${cpus()[0].model}, commit ${commit}, ${options.rounds} rounds of ${options.seconds} s`);
  for (const workload of options.workloads.split(',')) {
    const results = new Map(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const { name, port } of contenders) {
        const result = load(port, workload, round);
        results.get(name).push(result);
        const line = { at: new Date().toISOString(), commit, contender: name, round, load: loadavg()[0], ...result };
        if (options.json) appendFileSync(options.json, `${JSON.stringify(line)}\n`);
      }
    }
    console.log(`\n${workload.padEnd(16)}${'ops/s'.padStart(10)}${'min–max'.padStart(18)}${'ratio'.padStart(8)}${'p99 ms'.padStart(10)}`);
    const ceiling = median(results.get('memory-wal').map((one) => one.opsPerSecond));
    for (const [name, rounds] of results) {
      const speeds = rounds.map((one) => one.opsPerSecond);
      const spread = `${Math.min(...speeds)}–${Math.max(...speeds)}`;
      const p99 = median(rounds.map((one) => one.p99Ms)).toFixed(1);
      console.log(
        name.padEnd(16) + String(median(speeds)).padStart(10) + spread.padStart(18) +
          (median(speeds) / ceiling).toFixed(2).padStart(8) + p99.padStart(10),
      );
    }
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(scratch, { recursive: true, force: true });
}
