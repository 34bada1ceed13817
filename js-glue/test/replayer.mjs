// Replays on both compiled cores the traces that come on stdin, one a line, and says where they
// differ from the JVM; `make differential` starts it.

import { createInterface } from 'node:readline';
import { cores, MemorySql } from './cores.mjs';
import { difference } from './replay.js';

const MOST = 10;
let traces = 0;
let lines = 0;
let steps = 0;
const different = [];

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const trace = JSON.parse(line);
  traces++;
  steps += trace.steps.length;
  lines += trace.expected.length;
  for (const [name, core] of Object.entries(cores)) {
    const sql = new MemorySql();
    const found = difference(core, trace, sql.methods());
    sql.close();
    if (found) {
      different.push(found);
      if (different.length <= MOST) {
        console.log(`${name}: ${found}\n  repeat with make differential TRACES=1 SEED=${trace.seed}`);
      }
    }
  }
  if (traces % 10_000 === 0) console.error(`${traces} traces, ${different.length} differences`);
}
console.log(
  JSON.stringify({
    soak: 'differential',
    traces,
    steps,
    lines,
    cores: Object.keys(cores),
    differences: different.length,
  }),
);
process.exitCode = different.length > 0 ? 1 : 0;
