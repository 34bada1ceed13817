// What the npm packages say of themselves; `make release-check` looks at their tarballs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { documents, root } from '../../worker/scripts/paths.mjs';

const FOLDERS = ['js-glue', 'client-js', 'iceberg-reader-js'];

/** Projects that have only what is published. */
const OUTSIDE = ['examples/vitest', 'templates/worker'];

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const described = (folder) => JSON.parse(read(folder, 'package.json'));

for (const folder of FOLDERS) {
  test(`${folder} has the licence of the repository`, () => {
    assert.equal(read(folder, 'LICENSE'), read('LICENSE'));
  });

  test(`no link in ${folder}'s README leads out of the package`, () => {
    for (const [, link] of read(folder, 'README.md').matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = relative(folder, join(folder, link.split('#')[0]));
      assert.ok(/^https:/.test(link) || !path.startsWith('..'), link);
    }
  });
}

test("what the Worker's README shows of the example of tests is that example", () => {
  const pieces = [...read('js-glue', 'README.md').matchAll(/<!-- from: (\S+) -->\n```\w+\n(.*?)^```/gms)];
  assert.equal(pieces.length, 2);
  for (const [, file, text] of pieces) assert.equal(text, read(file), file);
});

test('all of npm has one version, and what is of this repository is wanted in it', () => {
  const { workspaces } = JSON.parse(read('package.json'));
  const { version } = described('js-glue');
  for (const folder of [...workspaces, ...OUTSIDE]) {
    const { version: own, dependencies = {}, devDependencies = {} } = described(folder);
    if (!folder.startsWith('templates/')) assert.equal(own, version, folder);
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (name.startsWith('@unified-storage/')) assert.equal(wanted, version, `${name} in ${folder}`);
    }
  }
});

test('Maven has that version too, until a release with SNAPSHOT, and so have the pages', () => {
  const [, revision] = /<revision>(.*)<\/revision>/.exec(read('pom.xml'));
  const { version } = described('js-glue');
  assert.equal(revision.replace('-SNAPSHOT', ''), version);
  assert.ok(read('examples', 'junit', 'pom.xml').includes(`<unified-storage.version>${revision}<`));
  const named = documents().flatMap((page) => {
    const text = read(page);
    const artifacts = text.matchAll(
      /<artifactId>unified-storage-.*<\/artifactId>\s+<version>(.*)<\/version>/g,
    );
    const tarballs = text.matchAll(/unified-storage-[a-z-]+-(\d.*?)\.tgz/g);
    return [...artifacts, ...tarballs].map(([found, wanted]) => ({ page, found, wanted }));
  });
  assert.ok(named.length >= 6, `${named.length} places`);
  for (const { page, found, wanted } of named) {
    assert.equal(wanted, found.endsWith('.tgz') ? version : revision, `${page}: ${found}`);
  }
});

test('projects outside have the tools of this repository', () => {
  const { devDependencies: tools } = JSON.parse(read('package.json'));
  for (const folder of OUTSIDE) {
    for (const [name, wanted] of Object.entries(described(folder).devDependencies)) {
      if (name in tools) assert.equal(wanted, tools[name], `${name} in ${folder}`);
    }
  }
});

test('what the template tells the deploy button of is in its configuration', () => {
  const { cloudflare, scripts } = described('templates/worker');
  const configured = read('templates', 'worker', 'wrangler.jsonc').replace(/^ *\/\/.*$/gm, '');
  const { durable_objects: objects, vars } = JSON.parse(configured);
  const names = [...objects.bindings.map(({ name }) => name), ...Object.keys(vars)];
  assert.deepEqual(Object.keys(cloudflare.bindings).sort(), names.sort());
  assert.equal(scripts.deploy, 'wrangler deploy');
});
