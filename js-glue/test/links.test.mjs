// Links in the documents lead to files that there are, and to headings that those have.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { root } from '../../worker/scripts/paths.mjs';

const NOT_OURS = /^(node_modules|target|dist|\..*)$/;

function documents(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The text without its code, in which brackets mean something else. */
const prose = (text) => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** The heading's anchor, as GitHub makes it. */
const anchor = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function hasHeading(file, name) {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)];
  return headings.some(([, heading]) => anchor(heading) === name);
}

test('no link in a document is dead', () => {
  const dead = [];
  let looked = 0;
  for (const document of documents(root)) {
    for (const [, link] of prose(readFileSync(document, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, heading] = link.split('#');
      const file = path ? resolve(dirname(document), path) : document;
      const there =
        existsSync(file) && (!heading || statSync(file).isDirectory() || hasHeading(file, heading));
      if (!there) dead.push(`${relative(root, document)}: ${link}`);
      looked++;
    }
  }
  assert.deepEqual(dead, []);
  assert.ok(looked > 150, `${looked} links`);
});
