// A message's cost inside the compiled cores, beside the hand-written object without its platform.

import { join } from 'node:path';
import { request } from '../../../js-glue/test/request.mjs';
import { root } from '../../../worker/scripts/paths.mjs';
import { isolate } from './servers.mjs';

/** Workloads of the core's cost, by the operations of one message. */
export const CORE_WORKLOADS = { create: 1, update: 1, read: 1, batch: 100 };

const ENTRY = join(root, 'benchmark', 'workers', 'core-cost', 'worker.js');

/** Measures each contender in each workload, rounds interleaved; calls back with every figure. */
export async function measureCore(scratch, rounds, messages, add) {
  const js = await isolate('js', 18_861, ENTRY, scratch, 'js').start();
  const wasm = await isolate('wasm', 18_862, ENTRY, scratch, 'wasm').start();
  const contenders = [
    { contender: 'hand-written', server: js, form: 'hand-written' },
    { contender: 'core (js)', server: js, form: 'compiled' },
    { contender: 'core (wasm)', server: wasm, form: 'compiled' },
  ];
  try {
    for (const [workload, operations] of Object.entries(CORE_WORKLOADS)) {
      // The first one is a warm-up.
      for (let round = -1; round < rounds; round++) {
        for (const { contender, server, form } of contenders) {
          const us = await once(server, form, workload, operations, messages);
          if (round >= 0) add({ contender, workload, round, us });
        }
      }
    }
  } finally {
    await js.stop();
    await wasm.stop();
  }
}

/** µs of CPU an operation, or of time where the system does not tell CPU. */
async function once(server, form, workload, operations, messages) {
  const base = `http://127.0.0.1:${server.port}`;
  const requests = Math.ceil(messages / operations);
  await ask(`${base}/prepare?kind=${form}&workload=${workload}&messages=${requests}`);
  const cpuBefore = server.cpuMs();
  const start = performance.now();
  await ask(`${base}/run`);
  const ms = cpuBefore === null ? performance.now() - start : server.cpuMs() - cpuBefore;
  return (ms * 1000) / (requests * operations);
}

async function ask(url) {
  const response = await request(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
}
