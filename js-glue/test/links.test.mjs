// Links in the documents lead to files that there are, and to headings that those have.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { documents, root } from '../../worker/scripts/paths.mjs';

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
  for (const page of documents()) {
    const document = join(root, page);
    for (const [, link] of prose(readFileSync(document, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, heading] = link.split('#');
      const file = path ? resolve(dirname(document), path) : document;
      const there =
        existsSync(file) && (!heading || statSync(file).isDirectory() || hasHeading(file, heading));
      if (!there) dead.push(`${page}: ${link}`);
      looked++;
    }
  }
  assert.deepEqual(dead, []);
  assert.ok(looked > 150, `${looked} links`);
});

test('the index leads to every page', () => {
  const index = readFileSync(join(root, 'docs', 'README.md'), 'utf8');
  const folders = ['docs/adr', 'docs/README.md'];
  const pages = documents('docs').filter((page) => !folders.some((folder) => page.startsWith(folder)));
  const missing = pages.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`));
  assert.deepEqual(missing, []);
  assert.ok(pages.length > 40, `${pages.length} pages`);
});
