// What a message costs inside the compiled core, beside hand-written JavaScript that does the same
// without keeping anything, in workerd's engine:
//   core-cost.mjs [--rounds 7] [--messages 50000]
// With --node WORKLOAD it runs the JavaScript form under Node instead, for a profiler:
//   node --cpu-prof benchmark/workers/core-cost.mjs --node create [--core FILE]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { root } from '../../worker/scripts/paths.mjs';
import { CORE_WORKLOADS, measureCore } from './lib/core-cost.mjs';
import { count, fixed } from './lib/figures.mjs';
import { printTables } from './lib/report.mjs';
import { bundle, outside } from './lib/servers.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    messages: { type: 'string', default: '50000' },
    node: { type: 'string' },
    core: { type: 'string' },
  },
});
const messages = Number(options.messages);

/** The same under Node, both forms in turn, for a profiler. */
async function underNode(scratch, workload) {
  const file = join(scratch, 'run.mjs');
  await bundle(
    join(root, 'benchmark', 'workers', 'core-cost', 'run.js'),
    file,
    outside(resolve(options.core ?? join(root, 'js-glue', 'core', 'core.js'))),
  );
  const { prepare, run } = await import(pathToFileURL(file).href);
  for (const kind of ['hand-written', 'compiled']) {
    for (let round = 0; round < Number(options.rounds); round++) {
      await prepare(kind, workload, messages / CORE_WORKLOADS[workload]);
      const start = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(start);
      console.log(
        `${kind}: ${count(messages)} of ${workload}, ${fixed((user + system) / messages, 2)} µs each`,
      );
    }
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'unified-storage-core-cost-'));
try {
  if (options.node) {
    await underNode(scratch, options.node);
  } else {
    const lines = [];
    const add = (line) => lines.push({ kind: 'core-cost', ...line });
    await measureCore(scratch, Number(options.rounds), messages, add);
    printTables(lines, 'core-cost');
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
