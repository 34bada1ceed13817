// Whether what would be published works for somebody who has nothing else: check.mjs
//
// Packs the npm packages into target/npm, looks at each tarball, and follows the packages' READMEs in an empty
// project in which nothing but the tarballs and the platform's own tools is installed. It needs the registry, or
// npm's cache, for those. Beside each tarball it leaves a list of what is inside (sbom.mjs).

import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { launch } from '../inspector/test/browser.mjs';
import { root } from '../worker/scripts/paths.mjs';
import { namesOf, sbomOf } from './sbom.mjs';

const STAGED = join(root, 'target', 'npm');
const FOLDERS = ['iceberg-reader-js', 'js-glue', 'client-js'];
const TOOLS = ['wrangler', 'typescript', '@cloudflare/workers-types'];
const DEADLINE_MS = 60_000;

/** What a tarball must have, beside what its package.json names. */
const PARTS = {
  'iceberg-reader-js': [],
  'js-glue': [
    'core/core.js',
    'core/core.bin',
    'core/functions.js',
    'core/components.js',
    'core/licences.txt',
    'inspector/index.html',
    'inspector/inspector.js',
    'inspector/inspector.css',
    'inspector/licences.txt',
    'pipeline/setup.sh',
  ],
  'client-js': [],
};

const developed = (folder) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).devDependencies;
const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
/** The versions of tools that are tested with. */
const versions = { ...developed('examples/moving'), ...developed('client-js'), ...developed('.') };

/** The environment without what `npm run` has put there, which would count for the npm that is called here. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
env.PATH = `${dirname(process.execPath)}:${env.PATH}`;
env.WRANGLER_SEND_METRICS = 'false';
env.CI = 'true';

const made = [];
const begun = Date.now();

function say(what) {
  console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${what}`);
}

/** Runs a program to its end, and gives what it printed; what it printed is the error when it fails. */
async function run(cwd, program, args, more = {}) {
  const child = spawn(program, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** A program of the project in `cwd`. */
const tool = (cwd, name, args, more) => run(cwd, join(cwd, 'node_modules', '.bin', name), args, more);

/** Packs a package, and gives the tarball's path and the names of the files in it. */
async function pack(folder) {
  const args = ['pack', '--json', '--pack-destination', STAGED];
  const printed = stripVTControlCharacters(await run(join(root, folder), 'npm', args));
  // What prepack prints comes first: Maven ends its own with a colour, without a line's end.
  const at = printed.search(/^[[{]/m);
  if (at < 0) throw new Error(`npm pack of ${folder}: expected a list of its files, got ${printed}`);
  const listed = JSON.parse(printed.slice(at));
  const [{ filename, files }] = Array.isArray(listed) ? listed : Object.values(listed);
  return { path: join(STAGED, filename), files: files.map(({ path }) => path) };
}

/** Holds that a tarball has its parts, that no link leads out of it, and that its entries and types resolve. */
async function look(folder, { path, files }) {
  for (const part of ['package.json', 'README.md', 'LICENSE', ...PARTS[folder]]) {
    if (!files.includes(part)) throw new Error(`${path} has no ${part}`);
  }
  const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
  for (const [, link] of readme.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (!files.includes(link)) throw new Error(`${path}: README.md leads to ${link}, which is not in it`);
  }
  await tool(root, 'publint', [path, '--strict']);
  await tool(root, 'attw', [path, '--profile', 'esm-only', '--no-color']);
}

/** Leaves a list of what is inside beside each tarball, and holds that it names all of it. */
async function sboms(tarballs) {
  for (const [folder, path] of tarballs) {
    const empty = temporary('sbom');
    const npm = (args) => run(empty, 'npm', [...QUIET, ...args]);
    const sbom = await sbomOf(folder, empty, tarballs, npm);
    const names = sbom.components.map(({ name }) => name).sort();
    equal(names, namesOf(folder), `what the list of ${folder} names`);
    writeFileSync(path.replace(/\.tgz$/, '.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
  }
  say('a list of what is inside beside each tarball');
}

/** A folder outside of the repository. */
function temporary(name) {
  const folder = mkdtempSync(join(tmpdir(), `unified-storage-${name}-`));
  made.push(folder);
  return folder;
}

/**
 * Such a folder with nothing installed but the tarballs and some tools, in the versions of this repository.
 *
 * @param {string} [from] what else is in it, with a package.json of its own
 */
async function project(name, tarballs, tools, from) {
  const folder = temporary(name);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  if (from) cpSync(join(root, from), folder, { recursive: true });
  const wanted = tools.map((tool) => `${tool}@${versions[tool]}`);
  await run(folder, 'npm', ['install', ...QUIET, ...tarballs, ...wanted]);
  return folder;
}

/** Writes the files that a page shows, each behind a comment with its name. */
function follow(page, folder) {
  const shown = page.matchAll(/<!-- file: (\S+) -->\n```\w+\n(.*?)^```/gms);
  for (const [, name, content] of shown) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Waits for what takes as long as a machine needs. */
function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Serves the Worker in a folder while `use` is at work with its address.
 *
 * The system picks both ports: wrangler would look for a free one for its inspector before it binds it, and two
 * that start together find the same one.
 */
const serve = (folder, use) => {
  const ports = ['--port', '0', '--inspector-port', '0'];
  return serveBy(folder, join(folder, 'node_modules', '.bin', 'wrangler'), ['dev', ...ports], use);
};

/** Runs what serves something while `use` is at work with the address that it prints. */
async function serveBy(folder, program, args, use, more = {}) {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...env, ...more },
    // A group of its own: its children end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const listening = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        printed += `${line}\n`;
        const url = /(?:Ready on|(?:page|board) is) (http:\/\/\S+)/.exec(line)?.[1];
        if (url) resolve(url.replace('localhost', '127.0.0.1'));
      });
    }
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}\n${printed}`)));
  });
  try {
    await use(await soon(listening, program));
  } catch (e) {
    throw new Error(`${e.message}\n${printed}`, { cause: e });
  } finally {
    process.kill(-child.pid, 'SIGKILL');
  }
}

function equal(found, expected, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, found ${a}`);
}

/** The Worker and the client as the READMEs have them. */
async function readmes(tarballs) {
  const folder = await project('readme', tarballs, [...TOOLS, 'esbuild', '@tanstack/db', 'agents']);
  cpSync(join(root, 'release', 'consumer'), folder, { recursive: true });
  const readme = (of) => readFileSync(join(root, of, 'README.md'), 'utf8');
  follow(readme('js-glue'), folder);
  follow(readme('iceberg-reader-js'), join(folder, 'src'));
  follow(readme('client-js'), join(folder, 'page'));
  say('installed in an empty project');

  await tool(folder, 'tsc', []);
  await tool(folder, 'tsc', ['--project', 'page']);
  const own = join(folder, 'tsconfig.own.json');
  await tool(folder, 'wrangler', ['types', 'types.d.ts', '--include-env=false']);
  const generated = { types: ['./types.d.ts'] };
  writeFileSync(
    own,
    JSON.stringify({ extends: './tsconfig.json', compilerOptions: generated, include: ['src'] }),
  );
  await tool(folder, 'tsc', ['--project', own]);
  say('type-checked, with the package of types and with what wrangler types writes');

  for (const condition of ['', 'unified-storage-wasm,']) {
    const out = join(folder, 'out');
    await tool(folder, 'wrangler', ['deploy', '--dry-run', '--outdir', out], {
      WRANGLER_BUILD_CONDITIONS: `${condition}workerd,worker,browser`,
    });
    const hasBytes = readdirSync(out).some((name) => name.endsWith('.bin'));
    equal(hasBytes, condition !== '', 'the core of a dry run is WebAssembly');
    rmSync(out, { recursive: true });
  }
  say('wrangler deploy --dry-run, of both forms');

  await serve(folder, async (url) => {
    const cards = await soon(fetch(`${url}/cards`, { method: 'POST', body: 'Write' }), '/cards');
    equal(await cards.json(), [{ title: 'Write', points: 2 }], 'a write and a read by RPC');
    const entry = join(folder, 'node_modules', '@unified-storage', 'client', 'dist', 'index.js');
    const { connect } = await import(pathToFileURL(entry).href);
    const store = connect({ url: `${url.replace('http', 'ws')}/stores/demo` });
    const doing = store.live({ $type: 'Card', where: { column: 'Doing' }, orderBy: ['-points'] });
    await soon(doing.ready, 'the live list');
    await soon(store.put('Card', 'c2', { title: 'Read', column: 'Doing', points: 5 }), 'a write');
    const whole = new Promise((resolve) => {
      const look = () => doing.items.length === 2 && resolve(undefined);
      doing.subscribe(look);
      look();
    });
    await soon(whole, 'a change of the live list');
    equal(
      doing.items.map(({ title }) => title),
      ['Read', 'Write'],
      'the live list',
    );
    store.close();
  });
  say('run in workerd: RPC, and a live list over a socket');
  return folder;
}

/**
 * The path of docs/start.md, step by step: a Worker, then a page.
 *
 * @param {string} installed a folder in which what the page installs is installed
 */
async function start(installed) {
  const folder = temporary('start');
  symlinkSync(join(installed, 'node_modules'), join(folder, 'node_modules'));
  const page = 'docs/start.md';
  const shown = readFileSync(join(root, page), 'utf8');
  const second = shown.indexOf('## A page with a live list');
  follow(shown.slice(0, second), folder);
  await tool(folder, 'tsc', []);
  await tool(folder, 'wrangler', ['deploy', '--dry-run']);
  await serve(folder, (url) => curl(url, page, shown, 1));
  follow(shown.slice(second), folder);
  await serve(folder, (url) =>
    inTwoBrowsers(url, async (one, two) => {
      await one.getByText('Write 0').waitFor();
      await one.getByLabel('New card').fill('Read');
      await one.getByRole('button', { name: 'Add' }).click();
      await two.getByText('Read 0').click();
      await one.getByText('Read 1').waitFor();
    }),
  );
  say(`${page}: a Worker, and a page`);
}

/** Asks what a page asks with curl, so many times, and holds what it shows against the answers. */
async function curl(url, page, shown, times) {
  const asked = [...shown.matchAll(/^\$ curl (?:-d (\w+) )?(http:\S+)\n(.*)$/gm)];
  equal(asked.length, times, `what ${page} asks with curl`);
  for (const [, body, address, answer] of asked) {
    const { pathname } = new URL(address);
    const found = await soon(fetch(url + pathname, body && { method: 'POST', body }), pathname);
    equal(await found.json(), JSON.parse(answer), `what ${page} shows`);
  }
}

/**
 * An agent whose state moves into a store, as docs/guide/moving/agents.md has it.
 *
 * @param {string} installed a folder in which what the page installs is installed
 */
async function moving(installed) {
  const folder = temporary('moving');
  symlinkSync(join(installed, 'node_modules'), join(folder, 'node_modules'));
  const page = 'docs/guide/moving/agents.md';
  const shown = readFileSync(join(root, page), 'utf8');
  const [before, rest] = shown.split('## As it is');
  const [since, back] = rest.split('## Back');
  const run = (part, times) => {
    follow(part, folder);
    return serve(folder, (url) => curl(url, page, part, times));
  };
  await run(before, 2);
  follow(readFileSync(join(root, 'docs/guide/moving/README.md'), 'utf8'), folder);
  await run(since, 2);
  await run(back, 1);
  say(`${page}: an agent, the store that its state moved into, and back`);
}

/** The path of the guide to tests on the JVM, over the artifacts that Maven has staged. */
async function junit() {
  const folder = temporary('junit');
  const page = 'docs/guide/testing-on-the-jvm.md';
  follow(readFileSync(join(root, page), 'utf8'), folder);
  const pom = join(folder, 'pom.xml');
  const staged = pathToFileURL(join(root, 'target', 'maven-repository')).href;
  // What an earlier check has left in Maven's own folder is of the same version.
  const anew = '<snapshots><updatePolicy>always</updatePolicy></snapshots>';
  const repository = `<repository><id>staged</id><url>${staged}</url>${anew}</repository>`;
  const added = `<repositories>${repository}</repositories></project>`;
  writeFileSync(pom, readFileSync(pom, 'utf8').replace('</project>', added));
  const [maven, ...options] = (env.MVN ?? 'mvn').split(' ').filter((part) => part !== '-q');
  const printed = await run(folder, maven, [...options, '-B', '-Dstyle.color=never', 'test']);
  if (!/Tests run: [1-9]/.test(printed)) throw new Error(`${page}: expected a test to run\n${printed}`);
  say(`${page}: a store that crashes in a test`);
}

/** A project whose tests run in workerd. */
async function vitest(tarballs) {
  const folder = await project('vitest', tarballs, [], 'examples/vitest');
  await tool(folder, 'tsc', []);
  await tool(folder, 'vitest', ['run']);
  say('examples/vitest: crashes, outages and an archive that lags, in workerd');
}

/** The template, as it is started and with the archive that its README adds. */
async function template(tarballs) {
  const folder = await project('template', tarballs, [], 'templates/worker');
  await run(folder, 'npm', ['run', '--silent', 'types']);
  await serve(folder, (url) =>
    inTwoBrowsers(url, async (one, two) => {
      for (const page of [one, two]) await page.getByText('live', { exact: true }).waitFor();
      await one.getByLabel('New card').fill('Write');
      await one.getByRole('button', { name: 'Add' }).click();
      await two.getByText('Write 0').waitFor();
      await two.getByLabel('One more for Write').click();
      await one.getByText('Write 1').waitFor();
      await one.getByRole('button', { name: 'Add' }).click();
      await one.getByText('a card has a title').waitFor();
      const cards = await soon(fetch(`${url}/api/demo`), '/api/demo');
      equal(await cards.json(), [{ title: 'Write', points: 1 }], 'the list by RPC');
      await two.goto(`${url}/inspector#/demo/things/Card`);
      await two.getByRole('cell', { name: 'Write' }).waitFor();
    }),
  );
  say('templates/worker: two browsers see the same list');

  const config = join(folder, 'wrangler.jsonc');
  const commented = readFileSync(config, 'utf8');
  const lines = commented.replace(/^( *)\/\/ (".*",?|".*\],)$/gm, '$1$2');
  writeFileSync(config, lines);
  const printed = await tool(folder, 'wrangler', ['deploy', '--dry-run']);
  for (const bound of ['env.EVENTS', 'env.WAREHOUSE', 'env.ICEBERG_CATALOG_URL', 'env.ICEBERG_WAREHOUSE']) {
    if (!printed.includes(bound))
      throw new Error(`the template with its archive binds no ${bound}\n${printed}`);
  }
  await run(folder, 'npm', ['run', '--silent', 'archive'], { DRY_RUN: '1' });
  say('templates/worker with the archive: a dry run');
}

/** The examples that need no more than a store, in a clone in which nothing is built. */
async function examples() {
  const clone = temporary('clone');
  await run(root, 'git', ['checkout-index', '--all', `--prefix=${clone}/`]);
  for (const name of ['sensors', 'kanban']) {
    const folder = join(clone, 'examples', name);
    await run(folder, 'npm', ['install', ...QUIET]);
    const use = async (url) => equal((await fetch(url)).status, 200, name);
    await serveBy(folder, 'npm', ['start'], use, { PORT: '0', STORE: 'http://127.0.0.1:1' });
  }
  say('examples start in a clone in which nothing is built');
}

/** Opens an address in two browsers. */
async function inTwoBrowsers(url, use) {
  const browser = await launch();
  try {
    const pages = [await browser.newPage(), await browser.newPage()];
    for (const page of pages) {
      page.setDefaultTimeout(DEADLINE_MS);
      await page.goto(url);
    }
    await use(...pages);
  } finally {
    await browser.close();
  }
}

try {
  rmSync(STAGED, { recursive: true, force: true });
  mkdirSync(STAGED, { recursive: true });
  const packed = new Map();
  for (const folder of FOLDERS) {
    const tarball = await pack(folder);
    await look(folder, tarball);
    packed.set(folder, tarball.path);
  }
  say('packed, publint and arethetypeswrong');
  await sboms(packed);
  const tarballs = [...packed.values()];
  const [reader, worker] = tarballs;
  // Two at a time: each waits much.
  const lanes = await Promise.allSettled([
    readmes(tarballs).then((installed) => start(installed).then(() => moving(installed))),
    vitest([reader, worker])
      .then(() => template(tarballs))
      .then(junit)
      .then(examples),
  ]);
  const errors = lanes.flatMap((lane) => (lane.status === 'rejected' ? [lane.reason.message] : []));
  if (errors.length > 0) throw new Error(errors.join('\n'));
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
} finally {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}
