// Where figures go in documents: between <!-- NAME:begin --> and <!-- NAME:end -->.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../../worker/scripts/paths.mjs';

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

/** A table in Markdown; the first column to the left, numbers to the right. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
