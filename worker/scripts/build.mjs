// Compiles the core, and puts both forms where js-glue imports them, and the inspector's page beside them.
// With CORE_BUILT=1 in the environment it takes what Maven has left in worker/target; MVN there is another Maven.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { instantiate } from '../../js-glue/src/wasm-runtime.js';
import { newest, root } from './paths.mjs';

const SOURCES = ['pom.xml', 'core/pom.xml', 'core/src/main', 'worker/pom.xml', 'worker/src/main'];
/** Maven and its options, as the Makefile has them. */
const [MAVEN, ...OPTIONS] = (process.env.MVN ?? (process.platform === 'win32' ? 'mvn.cmd' : 'mvn')).split(
  ' ',
);
const target = join(root, 'worker', 'target');
const core = join(root, 'js-glue', 'core');

/**
 * Ends the build with one line.
 *
 * @returns {never}
 */
function fail(line) {
  console.error(`the core is not built: ${line}`);
  process.exit(1);
}

/** What the build needs and this machine does not have, in words; null when all is there. */
function lacking() {
  const { status, stdout, error } = spawnSync(MAVEN, ['-v'], { cwd: root, encoding: 'utf8' });
  if (error) return `Maven 3.8 or newer is missing (${MAVEN})`;
  const [, java, home] = /^Java version: (\d+).*runtime: (.+)$/m.exec(stdout) ?? [];
  if (status !== 0 || java === undefined) return 'a JDK, 17 or newer, is missing (JAVA_HOME, or java)';
  if (Number(java) < 17) return `Maven runs on Java ${java}, and a JDK 17 or newer is needed (JAVA_HOME)`;
  if (!existsSync(join(home.trim(), 'bin', process.platform === 'win32' ? 'javac.exe' : 'javac'))) {
    return `${home.trim()} is no JDK: it has no javac (JAVA_HOME)`;
  }
  return null;
}

/** Compiles, unless what is there is newer than all of its sources. */
function compile() {
  if (newest('worker/target/wasm/core.wasm') > newest(...SOURCES)) return;
  const args = [...OPTIONS, '-q', '-DskipTests', '-pl', 'worker', '-am', 'package'];
  if (spawnSync(MAVEN, args, { cwd: root, stdio: 'inherit' }).status === 0) return;
  fail(lacking() ?? `${MAVEN} ${args.join(' ')} failed, see above`);
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

// Imported here, because what it imports itself is missing before `npm ci`.
const { shrink } = await import('./shrink.mjs').catch((e) => fail(`npm ci has not been run (${e.message})`));
if (!process.env.CORE_BUILT) compile();
mkdirSync(core, { recursive: true });
write('core.js', shrink(readFileSync(join(target, 'js', 'core.js'), 'utf8')));
write('components.js', shrink(readFileSync(join(target, 'components', 'components.js'), 'utf8')));
const bytes = readFileSync(join(target, 'wasm', 'core.wasm'));
write('core.bin', bytes);
writeFunctions(bytes);
// What TeaVM's licence asks to go with every copy of what is compiled in.
write('licences.txt', readFileSync(join(root, 'worker', 'teavm-licence.txt')));
// The page's files are static assets of a Worker that has the package.
cpSync(join(root, 'inspector', 'page', 'inspector'), join(root, 'js-glue', 'inspector'), { recursive: true });
