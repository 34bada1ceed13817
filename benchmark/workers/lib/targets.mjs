// What the store is meant to reach beside the baselines of the same run, and whether it does.

import { table } from './documents.mjs';
import { byContender, fixed, middle, ratio } from './figures.mjs';

/** The targets as a table, each met or missed by both compiled forms. */
export function targets(lines) {
  const rows = [];
  for (const store of ['worker (js)', 'worker (wasm)']) {
    const row = (target, value, met, unit = '') => {
      const verdict = Number.isFinite(value) ? (met ? 'met' : '**missed**') : 'not measured';
      rows.push([target, store, `${fixed(value, 2)}${unit}`, verdict]);
    };
    const beside = (workload, other, field) => {
      const all = byContender(lines, 'load', workload);
      return ratio(all.get(store), all.get(other), field);
    };
    for (const workload of ['create', 'mix']) {
      const speed = beside(workload, 'memory-wal', 'opsPerSecond');
      row(`${workload}: ≥ 0.95 of memory-wal`, speed, speed >= 0.95);
      const naive = beside(workload, 'naive', 'opsPerSecond');
      row(`${workload}: ≥ 10 × naive`, naive, naive >= 10);
      const p99 = beside(workload, 'memory-wal', 'p99Ms');
      row(`${workload}: p99 ≤ 1.2 × memory-wal's`, p99, p99 <= 1.2);
    }
    const batch = beside('batch', 'memory-wal', 'opsPerSecond');
    row('batch: ≥ 0.8 of memory-wal', batch, batch >= 0.8);
    const cold = byContender(lines, 'cold-start');
    const above = middle(cold.get(store), 'firstReplyMs') - middle(cold.get('echo'), 'firstReplyMs');
    row('cold start of 100,000 things: ≤ 150 ms above echo', above, above <= 150, ' ms');
    const memory = byContender(lines, 'memory');
    const share = (field) => middle(memory.get(store), field) / middle(memory.get('memory-wal'), field);
    row("RSS at 100,000 things: ≤ 1.1 of memory-wal's", share('rssMb'), share('rssMb') <= 1.1);
    row("heap at 100,000 things: ≤ 1.1 of memory-wal's", share('heapMb'), share('heapMb') <= 1.1);
  }
  for (const store of ['worker (js)', 'worker (wasm)']) {
    const ms = middle(byContender(lines, 'checkpoint').get(store), 'ms');
    rows.push([
      'checkpoint of 10,000 dirty things: ≤ 30 ms',
      store,
      `${fixed(ms, 1)} ms`,
      ms <= 30 ? 'met' : '**missed**',
    ]);
  }
  for (const core of ['core (js)', 'core (wasm)']) {
    for (const workload of ['create', 'update', 'read', 'batch']) {
      const measured = byContender(lines, 'core-cost', workload);
      const beside = ratio(measured.get(core), measured.get('hand-written'), 'us');
      rows.push([
        `a message of ${workload} in the core: ≤ 1.3 of hand-written`,
        core,
        fixed(beside, 2),
        beside <= 1.3 ? 'met' : '**missed**',
      ]);
    }
  }
  const million = lines.find(({ kind }) => kind === 'million');
  if (million) {
    const ms = million.connectMs + million.firstReadMs;
    rows.push([
      'cold start of 1,000,000 things: ≤ 2 s',
      'emulator',
      `${Math.round(ms)} ms`,
      ms <= 2000 ? 'met' : '**missed**',
    ]);
  }
  return table(['target', 'of', 'measured', ''], rows);
}
