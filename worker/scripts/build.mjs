// Compiles the core, and puts both forms where js-glue imports them.
// With CORE_BUILT=1 in the environment it takes what Maven has left in worker/target.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { instantiate } from '../../js-glue/src/wasm-runtime.js';
import { newest, root } from './paths.mjs';
import { shrink } from './shrink.mjs';

const SOURCES = ['pom.xml', 'core/pom.xml', 'core/src/main', 'worker/pom.xml', 'worker/src/main'];
const target = join(root, 'worker', 'target');
const core = join(root, 'js-glue', 'core');

/** Compiles, unless what is there is newer than all of its sources. */
function compile() {
  if (newest('worker/target/wasm/core.wasm') > newest(...SOURCES)) return;
  const maven = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  const args = ['-q', '-DskipTests', '-pl', 'worker', '-am', 'package'];
  const { status, error } = spawnSync(maven, args, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) {
    throw new Error(`${maven} ${args.join(' ')} failed; it needs JDK 17 and Maven 3.8`, { cause: error });
  }
}

/** Writes a file unless it is so already: what was bundled from it is not out of date then. */
function write(name, content) {
  const path = join(core, name);
  const bytes = Buffer.from(content);
  if (!existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes);
}

/**
 * Writes the functions that the WebAssembly form makes from text when it starts, as functions.
 *
 * It is started once here, with a stand-in for each of them, only to see what it asks for.
 */
function writeFunctions(bytes) {
  // Node 22's optimising compiler does not come to an end with this module; later ones do.
  setFlagsFromString('--liftoff-only');
  const asked = new Set();
  const get = (_, key) => {
    asked.add(key);
    return () => () => null;
  };
  const recorder = new Proxy({}, { get });
  instantiate(new WebAssembly.Module(bytes, { builtins: ['js-string'] }), recorder);
  const entries = [...asked].sort().map((key) => {
    const at = key.indexOf('|');
    const params = key.slice(0, at);
    return `  ${JSON.stringify(key)}: (wrapCallFromJavaToJs) => function (${params}) {\n    ${key.slice(at + 1)}\n  },\n`;
  });
  const text = `// @ts-nocheck\n// Made by worker/scripts/build.mjs.\nexport const functions = {\n${entries.join('')}};\n`;
  write('functions.js', text);
}

if (!process.env.CORE_BUILT) compile();
mkdirSync(core, { recursive: true });
write('core.js', shrink(readFileSync(join(target, 'js', 'core.js'), 'utf8')));
write('components.js', shrink(readFileSync(join(target, 'components', 'components.js'), 'utf8')));
const bytes = readFileSync(join(target, 'wasm', 'core.wasm'));
write('core.bin', bytes);
writeFunctions(bytes);
