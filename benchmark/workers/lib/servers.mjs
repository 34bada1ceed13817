// The servers that are measured, each as { name, port, start(), stop(), pid() }.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { request } from '../../../js-glue/test/request.mjs';
import { root } from '../../../worker/scripts/paths.mjs';

const require = createRequire(import.meta.url);
const WORKERS = join(root, 'benchmark', 'workers');
const DEADLINE_MS = 60_000;

/** The compiled forms of the core. */
const CORES = {
  js: join(root, 'js-glue', 'core', 'core.js'),
  wasm: join(root, 'js-glue', 'src', 'core-wasm.js'),
};

/** What has been started and has not ended; it goes with this process. */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** A child process that serves HTTP on a port, with everything it starts. */
class Server {
  #child;

  constructor(name, port, command) {
    this.name = name;
    this.port = port;
    this.command = command;
  }

  async start() {
    const [program, ...args] = await this.command(this.port);
    this.#child = spawn(program, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    const child = this.#child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    let said = '';
    this.#child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4000)));
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.gone = gone;
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await healthy(this.port))) {
      if (this.#child.exitCode !== null) throw new Error(`${this.name} ended at start:\n${said}`);
      if (Date.now() > deadline) throw new Error(`${this.name} is not healthy within a minute:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this;
  }

  async stop() {
    this.#child?.kill('SIGTERM');
    await this.gone;
  }

  /** The process that does the work: itself, or the workerd that a script has started. */
  pid() {
    return children(this.#child.pid).find((pid) => programOf(pid) === 'workerd') ?? this.#child.pid;
  }

  /** CPU that the process has used, in ms; null where /proc does not say. */
  cpuMs() {
    try {
      const fields = readFileSync(`/proc/${this.pid()}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
      return null;
    }
  }

  /** Resident memory in MB; null where /proc does not say. */
  rssMb() {
    try {
      const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid()}/status`, 'utf8'));
      return Number(kb) / 1024;
    } catch {
      return null;
    }
  }
}

async function healthy(port) {
  try {
    return (await request(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false;
  }
}

function children(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}

function programOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * An object of this folder, in workerd, with the store's stand-in for the Pipeline.
 *
 * @param name of the file without its ending, and of the server
 * @param {{ file?: string, counted?: boolean }} [how] its file where that has another name,
 *     and whether it says at GET /rows how many rows it has written
 */
export function baseline(name, port, scratch, pipelineUrl, inspector, how = {}) {
  return new Server(name, port, async () => {
    const dir = join(scratch, name.replace(/\W+/g, '-'));
    mkdirSync(join(dir, 'storage'), { recursive: true });
    const file = join(WORKERS, `${how.file ?? name}.js`);
    const alias = how.counted ? { '#counted': file } : {};
    await bundle(how.counted ? join(WORKERS, 'peers', 'counted.js') : file, join(dir, 'main.js'), alias);
    await bundle(join(root, 'worker', 'dev', 'events.js'), join(dir, 'events.js'));
    const config = join(dir, 'config.capnp');
    writeFileSync(config, configuration(port, join(dir, 'storage'), pipelineUrl));
    const inspect = inspector ? [`--inspector-addr=127.0.0.1:${inspector}`] : [];
    return [require('workerd').default, 'serve', config, ...inspect];
  });
}

/** What a file that runs outside of an object imports: a compiled core, and a stand-in for the platform's module. */
export const outside = (core) => ({
  '#core': core,
  'cloudflare:workers': join(WORKERS, 'core-cost', 'cloudflare-workers.js'),
});

/**
 * Makes one module of a file and what it imports.
 *
 * @param {Record<string, string>} [alias] the files that stand for names of imports
 */
export async function bundle(from, to, alias = {}) {
  const esbuild = createRequire(require.resolve('wrangler'))('esbuild');
  await esbuild.build({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    format: 'esm',
    external: alias['cloudflare:workers'] ? [] : ['cloudflare:*', 'node:*'],
    alias,
    conditions: ['workerd', 'worker'],
    nodePaths: [join(root, 'benchmark', 'node_modules')],
    plugins: [
      { name: 'bytes', setup: keepBytes },
      { name: 'node', setup: nodeByItsPrefix },
      { name: 'mail', setup: noMail },
    ],
    logLevel: 'error',
  });
}

/** Finds modules of Node that are asked for without `node:`, also by `require`, as wrangler does. */
function nodeByItsPrefix(build) {
  build.onResolve({ filter: /^[a-z]+$/ }, ({ path }) =>
    builtinModules.includes(path) ? { path, namespace: 'node' } : undefined,
  );
  build.onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({
    contents: `export * from 'node:${path}'; export { default } from 'node:${path}';`,
  }));
}

/** Bare workerd has no mail, which a library may import; nothing here sends any. */
function noMail(build) {
  build.onResolve({ filter: /^cloudflare:email$/ }, ({ path }) => ({ path, namespace: 'mail' }));
  build.onLoad({ filter: /.*/, namespace: 'mail' }, () => ({ contents: 'export class EmailMessage {}' }));
}

/** Leaves the WebAssembly's bytes a module of their own. */
function keepBytes(build) {
  build.onResolve({ filter: /core\.bin$/ }, () => ({ path: './core.bin', external: true }));
}

function configuration(port, storage, pipelineUrl) {
  const settings = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const [, date] = /^compatibility_date = "(.+)"$/m.exec(settings);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "events", worker = .events),
    (name = "storage", disk = (path = ${JSON.stringify(storage)}, writable = true)),
    (name = "internet", network = (allow = ["local", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")],
  compatibilityDate = "${date}",
  bindings = [
    (name = "STORES", durableObjectNamespace = "Store"),
    (name = "EVENTS", service = (name = "events", entrypoint = "Events")),
  ],
  durableObjectNamespaces = [(className = "Store", uniqueKey = "store", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
const events :Workerd.Worker = (
  modules = [(name = "events.js", esModule = embed "events.js")],
  compatibilityDate = "${date}",
  bindings = [(name = "PIPELINE_URL", text = ${JSON.stringify(pipelineUrl)})],
);
`;
}

/**
 * The store in workerd, with what its script is told.
 *
 * @param {string} [checkout] the folder of this project that is run: another commit's, built there
 */
export function workerdWith(name, port, scratch, args, checkout = root) {
  return new Server(name, port, () => [
    process.execPath,
    join(checkout, 'worker', 'scripts', 'workerd.mjs'),
    ...['--port', String(port)],
    ...['--data', join(scratch, name.replace(/\W+/g, '-'))],
    ...args,
  ]);
}

/** The store in workerd, one of its compiled forms. */
export function worker(name, port, core, durability, scratch, pipelineUrl, inspector, vars = []) {
  return workerdWith(name, port, scratch, [
    ...['--pipeline-url', pipelineUrl],
    ...['--core', core],
    ...(inspector ? ['--inspector', String(inspector)] : []),
    `DURABILITY=${durability}`,
    // What is measured is how fast it is, and not when it is full.
    'MAX_STORE_BYTES=1000000000000',
    ...vars,
  ]);
}

/** The store on the JVM. */
export function emulator(name, port, durability, scratch, pipelineUrl) {
  return new Server(name, port, () => [
    'java',
    ...['-jar', join('emulator', 'target', 'unified-storage-emulator.jar')],
    ...['--port', String(port)],
    ...['--data', join(scratch, 'emulator')],
    ...['--pipeline-url', pipelineUrl],
    ...['--set', `DURABILITY=${durability}`],
    ...['--set', 'MAX_STORE_BYTES=1000000000000'],
  ]);
}

/** A Worker without an object, with a compiled core inside. */
export function isolate(name, port, file, scratch, core) {
  return new Server(name, port, async () => {
    const dir = join(scratch, name);
    mkdirSync(join(dir, 'storage'), { recursive: true });
    await bundle(file, join(dir, 'main.js'), outside(CORES[core]));
    const settings = readFileSync(join(root, 'wrangler.toml'), 'utf8');
    const [, date] = /^compatibility_date = "(.+)"$/m.exec(settings);
    const config = join(dir, 'config.capnp');
    const data = core === 'wasm' ? '(name = "./core.bin", data = embed "core.bin"),' : '';
    if (core === 'wasm') copyFileSync(join(root, 'js-glue', 'core', 'core.bin'), join(dir, 'core.bin'));
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js"), ${data}],
  compatibilityDate = "${date}",
);
`,
    );
    return [require('workerd').default, 'serve', config];
  });
}
