// A version that may not break anything has all that the newest tag's docs/api had.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../worker/scripts/paths.mjs';
import { broken, mayBreak, newestRelease, ofRelease } from '../compatibility.mjs';

const API = join(root, 'docs', 'api');
const report = (name) => readFileSync(join(API, name), 'utf8');
const java = report('java.md');
const worker = report('worker.md');

/** A report with one line more behind another one. */
const with_ = (text, behind, line) => text.replace(`\n${behind}\n`, (found) => `${found}${line}\n`);

test('what the newest release promised is there', (context) => {
  const released = newestRelease(root);
  const { version } = JSON.parse(readFileSync(join(root, 'js-glue', 'package.json'), 'utf8'));
  if (released === null) return context.skip('there is no release yet');
  if (mayBreak(released, version)) return context.skip(`${version} may break what ${released} promised`);
  for (const name of readdirSync(API)) {
    const before = ofRelease(root, released, `docs/api/${name}`);
    if (before !== null) assert.deepEqual(broken(before, report(name)), [], `${name}, since ${released}`);
  }
});

test('nothing that is said goes unseen when it goes', () => {
  for (const text of [java, worker]) {
    assert.deepEqual(broken(text, text), []);
    const lines = text.split('\n');
    const all = lines.flatMap((line, at) => (/^ +\w|^(public|export) /.test(line) ? [at] : []));
    assert.ok(all.length > 200, `${all.length} lines`);
    for (const at of all) {
      const without = lines.filter((_, other) => other !== at).join('\n');
      assert.notDeepEqual(broken(text, without), [], lines[at]);
    }
  }
});

test('names the type of what has changed, and takes an addition', () => {
  const changed = java.replace('  double nowMs()', '  long nowMs()');
  assert.deepEqual(broken(java, changed), [
    'dev.unifiedstorage.port interface Clock: double nowMs() is gone',
    'dev.unifiedstorage.port interface Clock: long nowMs() is new, without a default',
  ]);
  const renamed = java.replace('public final class LazyCheckpointer\n', 'public class LazyCheckpointer\n');
  assert.deepEqual(broken(java, renamed), [
    'dev.unifiedstorage.checkpoint: public final class LazyCheckpointer is gone',
  ]);
  assert.deepEqual(broken(java, with_(java, 'public interface Clock', '  default double ticks()')), []);
  assert.deepEqual(
    broken(java, with_(java, 'public final class LazyCheckpointer', '  public int more()')),
    [],
  );
  assert.deepEqual(broken(java, java.replace('```\n\n## ', 'public record New(int n)\n```\n\n## ')), []);
  assert.deepEqual(broken('# x\n\nexport { A, C } from "y";\n', '# x\n\nexport { A, B, C } from "y";\n'), []);
  assert.deepEqual(broken('# x\n\nexport { A, C } from "y";\n', '# x\n\nexport { A } from "y";\n'), [
    ': export { C } from "y"; is gone',
  ]);
});

test('a second number may break before 1.0, the first from then on', () => {
  assert.equal(mayBreak('0.2.0', '0.2.7'), false);
  assert.equal(mayBreak('0.2.0', '0.3.0'), true);
  assert.equal(mayBreak('0.9.1', '1.0.0'), true);
  assert.equal(mayBreak('1.0.0', '1.4.2'), false);
  assert.equal(mayBreak('1.9.0', '2.0.0'), true);
});

test('the newest tag of a release is the one before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unified-storage-tags-'));
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: folder });
  try {
    assert.equal(newestRelease(folder), null);
    git('init', '-q');
    mkdirSync(join(folder, 'docs'));
    for (const [tag, text] of [
      ['v0.2.0', 'one'],
      ['v0.2.1', 'two'],
      ['other', 'three'],
    ]) {
      writeFileSync(join(folder, 'docs', 'page.md'), text);
      git('add', '.');
      git('commit', '-qm', text);
      git('tag', tag);
    }
    assert.equal(newestRelease(folder), '0.2.1');
    assert.equal(ofRelease(folder, '0.2.1', 'docs/page.md'), 'two');
    assert.equal(ofRelease(folder, '0.2.1', 'docs/none.md'), null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
