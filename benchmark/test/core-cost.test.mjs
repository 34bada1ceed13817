import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CORE_WORKLOADS } from '../workers/lib/core-cost.mjs';
import { root } from '../../worker/scripts/paths.mjs';

const run = promisify(execFile);

for (const workload of Object.keys(CORE_WORKLOADS)) {
  test(`make core-cost measures what the core answers to ${workload}, and no refusal`, async () => {
    const script = join(root, 'benchmark', 'workers', 'core-cost.mjs');
    const { stdout } = await run(process.execPath, [
      script,
      '--node',
      workload,
      '--rounds',
      '1',
      '--messages',
      '200',
    ]);
    assert.match(stdout, /^hand-written: 200 of .+\ncompiled: 200 of /);
  });
}
