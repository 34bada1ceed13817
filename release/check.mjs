// Whether what would be published works for somebody who has nothing else: check.mjs
//
// Packs the npm packages into target/npm, looks at each tarball, and follows the packages' READMEs in an empty
// project in which nothing but the tarballs and the platform's own tools is installed. It needs the registry, or
// npm's cache, for those.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { launch } from '../inspector/test/browser.mjs';
import { root } from '../worker/scripts/paths.mjs';

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
    'pipeline/setup.sh',
  ],
  'client-js': [],
};

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The environment without what `npm run` has put there, which would count for the npm that is called here. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
env.PATH = `${dirname(process.execPath)}:${env.PATH}`;
env.WRANGLER_SEND_METRICS = 'false';
env.CI = 'true';

const made = [];
const begun = Date.now();

function say(text) {
  console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${text}`);
}

/** Runs a program to its end, and gives what it printed; what it printed is the error when it fails. */
function run(cwd, program, args, more = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, ...more },
  });
  if (error || status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n${stdout}${stderr}`,
    );
  }
  return stdout;
}

/** A program of the project in `cwd`. */
const tool = (cwd, name, args, more) => run(cwd, join(cwd, 'node_modules', '.bin', name), args, more);

/** Packs a package, and gives the tarball's path and the names of the files in it. */
function pack(folder) {
  const printed = run(join(root, folder), 'npm', ['pack', '--json', '--pack-destination', STAGED]);
  // What prepack prints comes first.
  const listed = JSON.parse(printed.slice(printed.search(/^[[{]/m)));
  const [{ filename, files }] = Array.isArray(listed) ? listed : Object.values(listed);
  return { path: join(STAGED, filename), files: files.map(({ path }) => path) };
}

/** Holds that a tarball has its parts, that no link leads out of it, and that its entries and types resolve. */
function look(folder, { path, files }) {
  for (const part of ['package.json', 'README.md', 'LICENSE', ...PARTS[folder]]) {
    if (!files.includes(part)) throw new Error(`${path} has no ${part}`);
  }
  const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
  for (const [, link] of readme.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (!files.includes(link)) throw new Error(`${path}: README.md leads to ${link}, which is not in it`);
  }
  tool(root, 'publint', [path, '--strict']);
  tool(root, 'attw', [path, '--profile', 'esm-only', '--no-color']);
}

/**
 * A folder outside of the repository with nothing installed but the tarballs and some tools, in the versions of this
 * repository.
 *
 * @param {string} [from] what else is in it, with a package.json of its own
 */
function project(name, tarballs, tools, from) {
  const folder = mkdtempSync(join(tmpdir(), `unified-storage-${name}-`));
  made.push(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  if (from) cpSync(join(root, from), folder, { recursive: true });
  const wanted = tools.map((tool) => `${tool}@${devDependencies[tool]}`);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  run(folder, 'npm', ['install', ...quiet, ...tarballs, ...wanted]);
  return folder;
}

/** Writes the files that a README shows, each behind a comment with its name. */
function follow(page, folder) {
  const shown = readFileSync(join(root, page), 'utf8').matchAll(/<!-- file: (\S+) -->\n```\w+\n(.*?)^```/gms);
  for (const [, name, text] of shown) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
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

/** Serves the Worker in a folder while `use` is at work with its address. */
async function serve(folder, use) {
  const child = spawn(join(folder, 'node_modules', '.bin', 'wrangler'), ['dev', '--port', '0'], {
    cwd: folder,
    env,
    // A group of its own: wrangler's children end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const listening = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        printed += `${line}\n`;
        const url = /Ready on (http:\/\/\S+)/.exec(line)?.[1];
        if (url) resolve(url.replace('localhost', '127.0.0.1'));
      });
    }
    child.once('exit', (code) => reject(new Error(`wrangler dev ended with ${code}\n${printed}`)));
  });
  try {
    await use(await soon(listening, 'wrangler dev'));
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
  const folder = project('readme', tarballs, TOOLS);
  cpSync(join(root, 'release', 'consumer'), folder, { recursive: true });
  follow('js-glue/README.md', folder);
  for (const page of ['client-js/README.md', 'iceberg-reader-js/README.md'])
    follow(page, join(folder, 'src'));
  say('installed in an empty project');

  tool(folder, 'tsc', []);
  const own = join(folder, 'tsconfig.own.json');
  tool(folder, 'wrangler', ['types', 'types.d.ts', '--include-env=false']);
  const generated = { types: ['./types.d.ts'] };
  writeFileSync(
    own,
    JSON.stringify({ extends: './tsconfig.json', compilerOptions: generated, include: ['src'] }),
  );
  tool(folder, 'tsc', ['--project', own]);
  say('type-checked, with the package of types and with what wrangler types writes');

  for (const condition of ['', 'unified-storage-wasm,']) {
    const out = join(folder, 'out');
    tool(folder, 'wrangler', ['deploy', '--dry-run', '--outdir', out], {
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
}

/** A project whose tests run in workerd. */
function vitest(tarballs) {
  const folder = project('vitest', tarballs, [], 'examples/vitest');
  tool(folder, 'tsc', []);
  tool(folder, 'vitest', ['run']);
  say('examples/vitest: crashes, outages and an archive that lags, in workerd');
}

/** The template, as it is started and with the archive that its README adds. */
async function template(tarballs) {
  const folder = project('template', tarballs, [], 'templates/worker');
  run(folder, 'npm', ['run', '--silent', 'types']);
  await serve(folder, twoBrowsers);
  say('templates/worker: two browsers see the same list');

  const config = join(folder, 'wrangler.jsonc');
  const commented = readFileSync(config, 'utf8');
  const lines = commented.replace(/^( *)\/\/ (".*",?|".*\],)$/gm, '$1$2');
  writeFileSync(config, lines);
  const printed = tool(folder, 'wrangler', ['deploy', '--dry-run']);
  for (const bound of ['env.EVENTS', 'env.WAREHOUSE', 'env.ICEBERG_CATALOG_URL', 'env.ICEBERG_WAREHOUSE']) {
    if (!printed.includes(bound))
      throw new Error(`the template with its archive binds no ${bound}\n${printed}`);
  }
  run(folder, 'npm', ['run', '--silent', 'archive'], { DRY_RUN: '1' });
  say('templates/worker with the archive: a dry run');
}

/** What one browser writes the other one shows. */
async function twoBrowsers(url) {
  const browser = await launch();
  try {
    const [one, two] = [await browser.newPage(), await browser.newPage()];
    for (const page of [one, two]) {
      page.setDefaultTimeout(DEADLINE_MS);
      await page.goto(url);
      await page.getByText('live', { exact: true }).waitFor();
    }
    await one.getByLabel('New card').fill('Write');
    await one.getByRole('button', { name: 'Add' }).click();
    await two.getByText('Write 0').waitFor();
    await two.getByLabel('One more for Write').click();
    await one.getByText('Write 1').waitFor();
    await one.getByRole('button', { name: 'Add' }).click();
    await one.getByText('a card has a title').waitFor();
    const cards = await soon(fetch(`${url}/api/demo`), '/api/demo');
    equal(await cards.json(), [{ title: 'Write', points: 1 }], 'the list by RPC');
  } finally {
    await browser.close();
  }
}

try {
  rmSync(STAGED, { recursive: true, force: true });
  mkdirSync(STAGED, { recursive: true });
  const tarballs = [];
  for (const folder of FOLDERS) {
    const tarball = pack(folder);
    look(folder, tarball);
    tarballs.push(tarball.path);
  }
  say('packed, publint and arethetypeswrong');
  await readmes(tarballs);
  const [reader, worker] = tarballs;
  vitest([reader, worker]);
  await template(tarballs);
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
} finally {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}
