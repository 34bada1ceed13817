// docs/seed.md names a test for each sentence of the seed, in both languages, and they are there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../worker/scripts/paths.mjs';

const FILES = { c: 'components.test.mjs', w: 'components-worker.test.mjs', s: 'worker.test.mjs' };
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

/** The sources of all tests in Java, by the names of their classes. */
function javaTests() {
  const tests = new Map();
  for (const module of ['core', 'jvm-ports', 'junit5', 'benchmark']) {
    const folder = join(module, 'src', 'test', 'java');
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('Test.java')) tests.set(name.split(/[\\/]/).at(-1).slice(0, -5), read(folder, name));
    }
  }
  return tests;
}

test('every line of docs/seed.md names tests that there are', () => {
  const java = javaTests();
  const rows = read('docs', 'seed.md')
    .split('\n')
    .filter((line) => /^\| (?!---|the seed)/.test(line))
    .map((line) => line.split('|').slice(1, -1));
  assert.ok(rows.length > 70, `there are ${rows.length} lines`);
  for (const cells of rows) assert.equal(cells.length, 3, cells.join('|'));
  for (const [sentence, inJava, inJavaScript] of rows.map((cells) => cells.map((cell) => cell.trim()))) {
    const [, className, method] = /^`(\w+)\.(\w+)`$/.exec(inJava) ?? assert.fail(`${sentence}: ${inJava}`);
    assert.ok(java.get(className)?.includes(`void ${method}(`), `${sentence}: ${inJava}`);
    const [, file, title] =
      /^([cws]): (.+)$/.exec(inJavaScript) ?? assert.fail(`${sentence}: ${inJavaScript}`);
    assert.ok(read('js-glue', 'test', FILES[file]).includes(`it('${title}'`), `${sentence}: ${inJavaScript}`);
  }
});
