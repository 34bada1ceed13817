// Where figures go in documents: between <!-- NAME:begin --> and <!-- NAME:end -->.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../../worker/scripts/paths.mjs';
import { spread } from './figures.mjs';

/** Replaces what stands between a document's markers. */
export function replaceBetween(path, name, text) {
  const file = join(root, path);
  const old = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end} in ${path}`);
  writeFileSync(file, `${old.slice(0, from + begin.length)}\n${text.trim()}\n${old.slice(to)}`);
}

/** Writes a picture. */
export function writePicture(path, svg) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, svg);
}

/** What a table says of the run that it is of: commit, day, machine, how busy it was. */
export function runOf(lines) {
  const [run] = lines;
  const end = lines.find(({ kind }) => kind === 'end');
  const loads = [run.load1, ...lines.filter(({ load1 }) => load1).map(({ load1 }) => load1)];
  const [calm, busy] = spread(loads);
  const loaded = `load average ${calm.toFixed(1)} to ${busy.toFixed(1)} while it ran${end ? '' : ' (broken off)'}`;
  const short = run.short ? ' **A short run**, which shows the order of things and no more.' : '';
  const note = run.note ? ` ${run.note}` : '';
  return `Commit \`${run.commit}\`, ${run.at.slice(0, 10)}, ${run.machine}; ${loaded}.${short}${note}`;
}

/** The same, with what was done and where the figures are, for a page of docs. */
export const heading = (lines, file, rounds, seconds) =>
  `${runOf(lines)}
\`make bench\`: ${rounds === 1 ? 'one round' : `${rounds} rounds`} of ${seconds} s each, interleaved. Raw figures: [${file}](../${file}).`;

/**
 * A table in Markdown: text to the left, numbers to the right.
 *
 * @param {number[]} [texts] the columns that are text
 */
export function table(head, rows, texts = [0]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (texts.includes(i) ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
