// What a message costs inside the compiled core, beside hand-written JavaScript that does the same
// without keeping anything, in workerd's engine:
//   core-cost.mjs [--rounds 7] [--messages 50000] [--results FILE]
// With --node WORKLOAD it runs the JavaScript form under Node instead, for a profiler:
//   node --cpu-prof benchmark/workers/core-cost.mjs --node create [--core FILE]

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { count, fixed, median, spread } from './lib/figures.mjs';
import { bundle, isolate } from './lib/servers.mjs';
import { root } from '../../worker/scripts/paths.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    messages: { type: 'string', default: '50000' },
    results: { type: 'string' },
    node: { type: 'string' },
    core: { type: 'string' },
  },
});
const here = join(root, 'benchmark', 'workers', 'core-cost');
const messages = Number(options.messages);
const WORKLOADS = { create: 1, update: 1, read: 1, batch: 100 };

/** The two forms side by side in one isolate each, the hand-written object in the first. */
async function measure(scratch) {
  const js = await isolate('js', 18_861, join(here, 'worker.js'), scratch, 'js').start();
  const wasm = await isolate('wasm', 18_862, join(here, 'worker.js'), scratch, 'wasm').start();
  const contenders = [
    { name: 'hand-written', server: js, kind: 'hand-written' },
    { name: 'core (js)', server: js, kind: 'compiled' },
    { name: 'core (wasm)', server: wasm, kind: 'compiled' },
  ];
  try {
    console.log(`\nin the core, µs of CPU an operation${' '.repeat(10)}median    min–max   ÷ hand-written`);
    for (const [workload, operations] of Object.entries(WORKLOADS)) {
      const times = new Map(contenders.map(({ name }) => [name, []]));
      for (let round = -1; round < Number(options.rounds); round++) {
        for (const { name, server, kind } of contenders) {
          const us = await once(server, kind, workload, operations);
          if (round < 0) continue;
          times.get(name).push(us);
          const line = { kind: 'core-cost', at: new Date().toISOString(), contender: name, workload, round, us };
          if (options.results) appendFileSync(options.results, `${JSON.stringify(line)}\n`);
        }
      }
      const hand = median(times.get('hand-written'));
      for (const [name, all] of times) {
        const [least, most] = spread(all).map((us) => fixed(us, 2));
        const cells = [fixed(median(all), 2).padStart(10), `${least}–${most}`.padStart(14), fixed(median(all) / hand, 2).padStart(8)];
        console.log(`${workload.padEnd(10)}${name.padEnd(30)}${cells.join('')}`);
      }
    }
  } finally {
    await js.stop();
    await wasm.stop();
  }
}

async function once(server, kind, workload, operations) {
  const base = `http://127.0.0.1:${server.port}`;
  const requests = Math.ceil(messages / operations);
  await (await fetch(`${base}/prepare?kind=${kind}&workload=${workload}&messages=${requests}`)).text();
  const cpuBefore = server.cpuMs();
  const start = performance.now();
  await (await fetch(`${base}/run`)).text();
  const ms = cpuBefore === null ? performance.now() - start : server.cpuMs() - cpuBefore;
  return (ms * 1000) / (requests * operations);
}

/** The same under Node, both forms in turn, for a profiler. */
async function underNode(scratch, workload) {
  const file = join(scratch, 'run.mjs');
  await bundle(join(here, 'run.js'), file, resolve(options.core ?? join(root, 'js-glue', 'core', 'core.js')));
  const { prepare, run } = await import(pathToFileURL(file));
  for (const kind of ['hand-written', 'compiled']) {
    for (let round = 0; round < Number(options.rounds); round++) {
      await prepare(kind, workload, messages / WORKLOADS[workload]);
      const start = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(start);
      console.log(`${kind}: ${count(messages)} of ${workload}, ${fixed((user + system) / messages, 2)} µs each`);
    }
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'unified-storage-core-cost-'));
try {
  if (options.node) await underNode(scratch, options.node);
  else await measure(scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
