// Every program that a document shows is run by something, or at least says names that there are.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { documents, root } from '../../worker/scripts/paths.mjs';

const LANGUAGES = new Set(['js', 'ts', 'tsx', 'java', 'sql']);
const MOVING = 'examples/test/moving.test.mjs';
const HERE = 'js-glue/test/snippets.test.mjs';
const ARCHIVE = 'demo/src/test/java/dev/unifiedstorage/demo/ArchiveQueryTest.java';

/** What runs the programs of a page that do not say by a mark in front of them whose they are. */
const RUN_BY = {
  'README.md': 'examples/test/readme.test.mjs',
  'client/README.md': 'client/src/test/java/dev/unifiedstorage/client/ReadmeTest.java',
  'docs/guide/operating.md': ARCHIVE,
  'docs/migrating.md': HERE,
  'docs/query.md': ARCHIVE,
  'docs/reference/access.md': 'js-glue/test/access.test.mjs',
  'docs/reference/upcasters.md': 'js-glue/test/upcast.test.mjs',
  'docs/retention.md': ARCHIVE,
  'js-glue/README.md': HERE,
};

/** What follows the marks of a page. */
const FOLLOWED_BY = {
  file: (page) => (page.startsWith('docs/guide/moving/') ? MOVING : 'release/check.mjs'),
  from: () => 'js-glue/test/packages.test.mjs',
  snippet: (page, language) =>
    language === 'java'
      ? 'junit5/src/test/java/dev/unifiedstorage/junit5/GuideSnippetsTest.java'
      : 'js-glue/test/components-guide.test.mjs',
};

const read = (path) => readFileSync(join(root, path), 'utf8');

/** The programs of all documents; docs/api is no program. */
function programs() {
  return documents()
    .filter((page) => !page.startsWith('docs/api/'))
    .flatMap((page) =>
      [...read(page).matchAll(/^(?:<!-- (\w+): (\S+) -->\n)?```(\w+)\n(.*?)^```$/gms)]
        .map(([, mark, name, language, text]) => ({ page, mark, name, language, text }))
        .filter(({ language }) => LANGUAGES.has(language)),
    );
}

test('every program that a document shows is run by something', () => {
  const all = programs();
  assert.ok(all.length > 60, `${all.length} programs`);
  for (const { page, mark, language } of all) {
    const by = mark ? FOLLOWED_BY[mark]?.(page, language) : RUN_BY[page];
    assert.ok(by && existsSync(join(root, by)), `${page} shows a program that nothing runs`);
    // By a folder, where it goes through all pages of one.
    const names =
      page.startsWith('docs/guide/') && mark ? ['guide'] : [page, basename(page), page.split('/')[0]];
    assert.ok(
      names.some((name) => read(by).includes(name)),
      `${by} runs ${page}`,
    );
  }
});

test('what a shown program imports from a package of this project is there', () => {
  let looked = 0;
  for (const { page, text } of programs()) {
    for (const [, names, from] of text.matchAll(/^import \{([^}]*)\} from '@unified-storage\/([^']+)';/gm)) {
      const report = read(`docs/api/${from.replace('/', '-')}.md`);
      for (const one of names.split(',').filter((name) => name.trim() !== '')) {
        const [name] = one
          .trim()
          .replace(/^type /, '')
          .split(' as ');
        const exported = new RegExp(`^export (?:\\w+ )+${name}\\b|^export \\{.*\\b${name}\\b`, 'm');
        assert.match(report, exported, `${page} imports ${name} from ${from}`);
        looked++;
      }
    }
  }
  assert.ok(looked > 20, `${looked} imports`);
});
