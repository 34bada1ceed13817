// Runs the Worker's bundle in workerd, in the foreground:
//   workerd.mjs [--port 8788] [--data DIR] [--pipeline-url URL] [--core js|wasm]
//     [--config wrangler.toml] [--inspector PORT] [--heap-mb N] [--access-header NAME]
//     [--vars-file PATH] [NAME=value …]
// In the header of that name a request says itself what Cloudflare Access has found out of it:
//   {"app_aud":"<audience>","jwt_claims":{…}}, of which the second is its identity.
// A heap that is limited ends workerd where the platform would end the object.
// A file of variables is a JSON object; a member that is no text is the variable as JSON.
// SIGTERM and SIGINT stop it at once; if this process is killed, workerd is killed too.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { lock } from './lock.mjs';
import { root } from './paths.mjs';

const USAGE = `usage: workerd.mjs [--port 8788] [--data DIR] [--pipeline-url URL] [--core js|wasm]
  [--config wrangler.toml] [--inspector PORT] [--heap-mb N] [--access-header NAME]
  [--vars-file PATH] [NAME=value …]`;

function fail(message, code) {
  console.error(message);
  process.exit(code);
}

function readVars(path) {
  const object = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new Error(`expected a JSON object in ${path}`);
  }
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value),
    ]),
  );
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8788' },
      data: { type: 'string', default: '.data/workerd' },
      'pipeline-url': { type: 'string', default: 'http://127.0.0.1:8787/pipelines/events' },
      core: { type: 'string', default: 'js' },
      config: { type: 'string', default: 'wrangler.toml' },
      inspector: { type: 'string' },
      'heap-mb': { type: 'string' },
      'access-header': { type: 'string' },
      'vars-file': { type: 'string' },
    },
  });
  if (values.core !== 'js' && values.core !== 'wasm') {
    throw new Error(`expected a core that is js or wasm, got '${values.core}'`);
  }
  if (values['heap-mb'] !== undefined && !/^[1-9]\d*$/.test(values['heap-mb'])) {
    throw new Error(`expected a --heap-mb that is a whole number from 1, got '${values['heap-mb']}'`);
  }
  const vars = positionals
    .flatMap((text) => text.split(/\s+/))
    .filter(Boolean)
    .map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Error(`expected NAME=value, got '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)];
    });
  const fromFile = values['vars-file'] ? readVars(values['vars-file']) : {};
  return { options: values, given: { ...fromFile, ...Object.fromEntries(vars) } };
}

let options;
let given;
try {
  ({ options, given } = readArguments());
} catch (e) {
  fail(`${e.message}\n${USAGE}`, 2);
}

/** The stand-ins of the Pipeline, of Cloudflare Access and of static assets. */
const EVENTS = join(root, 'worker', 'dev', 'events.js');
const ACCESS = join(root, 'worker', 'dev', 'access.js');
const ASSETS = join(root, 'worker', 'dev', 'assets.js');
const PAGE = join(root, 'inspector', 'page', 'inspector');

/** A text in Cap'n Proto's syntax. */
const quote = (text) => JSON.stringify(String(text));

/**
 * Refuses variables that nothing reads.
 *
 * @param {string[]} configured what the Worker's configuration sets, of its own perhaps
 */
async function checkNames(configured) {
  const core = pathToFileURL(join(root, 'js-glue', 'core', 'core.js'));
  /** @type {import('../../js-glue/src/core.js').Core} */
  const { varProblem } = await import(core.href);
  for (const name of Object.keys(given)) {
    const problem = configured.includes(name) ? null : varProblem(name);
    if (problem) fail(problem, 2);
  }
}

/** Writes workerd's configuration beside copies of the bundle's modules, and returns its arguments. */
async function configure() {
  const from = await bundle(options.core, options.config);
  const settings = JSON.parse(readFileSync(join(from, 'settings.json'), 'utf8'));
  await checkNames(Object.keys(settings.vars));
  const data = resolve(options.data);
  const storage = join(data, 'storage');
  const dir = join(data, 'config');
  mkdirSync(storage, { recursive: true });
  mkdirSync(dir, { recursive: true });
  const modules = readdirSync(from).filter((name) => /\.(js|bin)$/.test(name));
  // The main module is the JavaScript one: workerd takes the first.
  modules.sort((a, b) => Number(b.endsWith('.js')) - Number(a.endsWith('.js')));
  for (const name of modules) copyFileSync(join(from, name), join(dir, name));
  copyFileSync(EVENTS, join(dir, 'events.js'));
  copyFileSync(ACCESS, join(dir, 'access.js'));
  copyFileSync(ASSETS, join(dir, 'assets.js'));
  const page = readdirSync(PAGE);
  for (const name of page) copyFileSync(join(PAGE, name), join(dir, name));
  const pageList = page.map((name) => `(name = ${quote(name)}, text = embed ${quote(name)})`).join(',\n    ');
  const open = given.ACCESS_TOKEN ? {} : { PUBLIC: 'true' };
  const vars = { ...settings.vars, ...open, ...given };
  const moduleList = modules
    .map(
      (name) =>
        `(name = ${quote(name)}, ${name.endsWith('.js') ? 'esModule' : 'data'} = embed ${quote(name)})`,
    )
    .join(',\n    ');
  const varList = Object.entries(vars)
    .map(([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`)
    .concat(
      settings.objects.map(
        ({ name, class_name }) => `(name = ${quote(name)}, durableObjectNamespace = ${quote(class_name)})`,
      ),
      '(name = "EVENTS", service = (name = "events", entrypoint = "Events"))',
      '(name = "ASSETS", service = "assets")',
    )
    .join(',\n    ');
  const objectList = settings.objects
    .map(
      ({ class_name }) =>
        `(className = ${quote(class_name)}, uniqueKey = ${quote(class_name)}, enableSql = ${settings.sqliteClasses.includes(class_name)})`,
    )
    .join(',\n    ');
  const date = quote(settings.compatibilityDate);
  const flags = settings.compatibilityFlags.map(quote).join(', ');
  const heap = options['heap-mb'] ? quote(`--max-old-space-size=${options['heap-mb']}`) : '';
  const header = options['access-header'];
  const access = header ? `\n  accessBlobHeader = ${quote(header)},\n  accessBindingService = "access",` : '';
  const path = join(dir, 'config.capnp');
  writeFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "events", worker = .events),
    (name = "access", worker = .access),
    (name = "assets", worker = .assets),
    (name = "storage", disk = (path = ${quote(storage)}, writable = true)),
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = ${quote(`127.0.0.1:${options.port}`)}, http = (), service = "main")],
  v8Flags = [${heap}],
);

const main :Workerd.Worker = (
  modules = [
    ${moduleList}
  ],
  compatibilityDate = ${date},
  compatibilityFlags = [${flags}],
  bindings = [
    ${varList}
  ],
  durableObjectNamespaces = [
    ${objectList}
  ],
  durableObjectStorage = (localDisk = "storage"),${access}
);

const events :Workerd.Worker = (
  modules = [(name = "events.js", esModule = embed "events.js")],
  compatibilityDate = ${date},
  bindings = [(name = "PIPELINE_URL", text = ${quote(options['pipeline-url'])})],
);

const access :Workerd.Worker = (
  modules = [(name = "access.js", esModule = embed "access.js")],
  compatibilityDate = ${date},
);

const assets :Workerd.Worker = (
  modules = [(name = "assets.js", esModule = embed "assets.js")],
  compatibilityDate = ${date},
  bindings = [
    ${pageList}
  ],
);
`,
  );
  // Only a test's Worker has what workerd wants confirmed.
  const experimental = header || settings.compatibilityFlags.includes('experimental');
  return experimental ? [path, '--experimental'] : [path];
}

/** Kills workerd when this process has gone, however it went: its end closes the pipe. */
function watch(pid) {
  const script = 'cat >/dev/null; kill -KILL "$0" 2>/dev/null';
  spawn('/bin/sh', ['-c', script, String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

mkdirSync(options.data, { recursive: true });
await lock(options.data).catch((e) => fail(e.message, 1));
const args = await configure();
const binary = createRequire(import.meta.url)('workerd').default;
const inspect = options.inspector ? [`--inspector-addr=127.0.0.1:${options.inspector}`] : [];
const workerd = spawn(binary, ['serve', ...args, '--control-fd=3', ...inspect], {
  stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
});
watch(workerd.pid);
workerd.stdio[3].on('data', (chunk) => {
  for (const line of String(chunk).split('\n').filter(Boolean)) {
    const message = JSON.parse(line);
    if (message.event === 'listen' && message.socket === 'http') {
      console.log(`workerd (${options.core} core) listens on http://127.0.0.1:${message.port}`);
    }
  }
});
let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    stopping = true;
    workerd.kill('SIGKILL');
  });
}
workerd.on('exit', (code, signal) => {
  if (!stopping) console.error(`workerd ended: ${signal ?? `exit code ${code}`}`);
  process.exit(stopping ? 0 : (code ?? 1));
});
