// From lines of raw figures to medians, spreads and ratios.

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const spread = (numbers) => [Math.min(...numbers), Math.max(...numbers)];

/** What was measured of each contender in one workload, in the order it was first measured. */
export function byContender(lines, kind, workload) {
  const found = new Map();
  for (const line of lines) {
    if (line.kind !== kind || (workload && line.workload !== workload)) continue;
    if (!found.has(line.contender)) found.set(line.contender, []);
    found.get(line.contender).push(line);
  }
  return found;
}

/** The workloads in a run. */
export const workloadsOf = (lines) => [
  ...new Set(lines.filter(({ kind }) => kind === 'load').map(({ workload }) => workload)),
];

/** The median of one figure; NaN when nothing was measured. */
export const middle = (lines, field) => (lines?.length ? median(lines.map((line) => line[field])) : NaN);

/**
 * How two contenders compare: the median of the ratios within each round, because what disturbs a
 * round disturbs both.
 */
export function ratio(lines, others, field) {
  if (!lines || !others) return NaN;
  const pairs = lines
    .map((line) => [line, others.find(({ round }) => round === line.round)])
    .filter(([, other]) => other);
  return pairs.length ? median(pairs.map(([line, other]) => line[field] / other[field])) : NaN;
}

export const count = (number) => (Number.isFinite(number) ? Math.round(number).toLocaleString('en-US') : '–');

export const fixed = (number, digits) => (Number.isFinite(number) ? number.toFixed(digits) : '–');
