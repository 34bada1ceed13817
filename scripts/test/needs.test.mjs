// What a command of the Makefile says where something is missing, before it builds anything.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { root } from '../../worker/scripts/paths.mjs';

let folder;

/** A program of the machine that the test pretends to have. */
function program(name, ...lines) {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
}

const java = (version) => `echo 'openjdk version "${version}" 2026-01-20' >&2`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unified-storage-needs-'));
  for (const name of ['sh', 'sed', 'head', 'bash']) {
    const { stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(folder, name));
  }
  program('java', java('17.0.15'));
  for (const name of ['javac', 'mvn', 'npm']) program(name);
  program('node', 'echo v20.20.2');
});

afterEach(() => rmSync(folder, { recursive: true }));

function needs(args, vars = {}) {
  const env = { PATH: folder, ...vars };
  const { status, stderr } = spawnSync('sh', [join(root, 'scripts', 'needs.sh'), ...args], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status === 0, stderr === '', stderr);
  return stderr.trim();
}

const ALL = ['jdk', 'maven', 'node', 'size=20k', 'core=js'];

test('is silent where nothing is missing', () => {
  assert.equal(needs(ALL), '');
  assert.equal(needs(ALL, { MVN: 'mvn -q -o', JAVA_HOME: '' }), '');
});

test('names what is missing or too old', () => {
  program('java', java('11.0.2'));
  assert.match(needs(ALL), /^java on the PATH is version 11: /);
  program('java', java('1.8.0_402'));
  assert.match(needs(ALL), /^java on the PATH is version 1: /);
  rmSync(join(folder, 'java'));
  assert.match(needs(ALL), /^java is missing: /);

  program('java', java('21'));
  rmSync(join(folder, 'javac'));
  assert.match(needs(ALL), /^javac is missing: /);
  program('jdk/bin/java', java('11.0.2'));
  assert.match(needs(ALL, { JAVA_HOME: join(folder, 'jdk') }), /is no JDK: it has no bin\/javac$/);
  program('jdk/bin/javac');
  assert.match(needs(ALL, { JAVA_HOME: join(folder, 'jdk') }), /^JAVA_HOME .* is version 11: /);

  program('javac');
  assert.match(needs(ALL, { MVN: './mvnx -q' }), /^\.\/mvnx is missing: /);
  program('node', 'echo v18.19.0');
  assert.match(needs(ALL), /^node on the PATH is version 18: /);
  program('node', 'echo v22.23.3');
  rmSync(join(folder, 'npm'));
  assert.match(needs(ALL), /^npm is missing: /);
  rmSync(join(folder, 'node'));
  assert.match(needs(ALL), /^node is missing: /);
});

test('refuses a port that is taken, and values that there are not', async () => {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  assert.equal(
    needs([`port=${port}`]),
    `port ${port} is in use: stop what uses it, or choose another one with PORT=`,
  );
  await new Promise((closed) => server.close(closed));
  assert.equal(needs([`port=${port}`]), '');
  assert.equal(needs(['port=http']), 'PORT must be a number, got http');
  assert.equal(needs(['port=65536']), 'PORT must be at most 65535, got 65536');
  assert.equal(needs(['size=3k']), 'SIZE must be 2k, 20k or 200k, got 3k');
  assert.equal(needs(['core=java']), 'CORE must be js or wasm, got java');
});

test('stops make before it builds', () => {
  // What a make above this test has set is not for the one below.
  const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env;
  for (const [target, said] of [
    ['demo SIZE=3k', 'SIZE must be 2k'],
    ['run PORT=x', 'PORT must be a number'],
    ['workerd CORE=x', 'CORE must be js or wasm'],
  ]) {
    const { status, stdout, stderr } = spawnSync('make', ['-s', ...target.split(' ')], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(said), stderr);
  }
});
