import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const WORKERD = here('../../node_modules/.bin/workerd');
const DEADLINE_MS = 60_000;

/** Files that a test reads become part of the bundle, and `node:test` what stands in for it. */
const inWorkerd = {
  name: 'in-workerd',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:test$/ }, () => ({ path: here('workerd/node-test.mjs') }));
    bundle.onLoad({ filter: /\.test\.mjs$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8').replace(/import \{ readFileSync \} from 'node:fs';/, '');
      return { contents: `import { readFileSync } from 'test-files';\n${text}`, loader: 'js' };
    });
    bundle.onResolve({ filter: /^test-files$/ }, () => ({ path: 'test-files', namespace: 'files' }));
    bundle.onLoad({ filter: /.*/, namespace: 'files' }, () => {
      const data = readdirSync(here('data'), { recursive: true })
        .filter((path) => /\.(parquet|avro|json)$/.test(String(path)))
        .map((path) => [`test/data/${path}`, `data/${path}`]);
      const contract = 'core/src/test/resources/contract/archive.json';
      const files = [...data, [contract, `../../${contract}`]].map(([name, path]) => [
        name,
        readFileSync(here(path)).toString('base64'),
      ]);
      return {
        contents: `import { Buffer } from 'node:buffer';
          const files = new Map(${JSON.stringify(files)});
          export function readFileSync(url, encoding) {
            const path = new URL(url).pathname.slice(1);
            const bytes = Buffer.from(files.get(path), 'base64');
            return encoding ? bytes.toString(encoding) : bytes;
          }`,
      };
    });
  },
};

/** The port that the system has picked, once workerd listens on it. */
function listening(workerd) {
  return new Promise((resolve, reject) => {
    createInterface({ input: workerd.stdio[3] }).on('line', (line) => {
      const { event, port } = JSON.parse(line);
      if (event === 'listen') resolve(port);
    });
    workerd.once('exit', (code) => reject(new Error(`workerd ended with ${code}`)));
    setTimeout(() => reject(new Error('workerd does not listen')), DEADLINE_MS).unref();
  });
}

test('the tests of the reader pass in workerd too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iceberg-reader-'));
  await build({
    entryPoints: [here('workerd/worker.mjs')],
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'worker.mjs'),
    define: { 'import.meta.url': '"file:///test/any.mjs"' },
    external: ['node:*'],
    plugins: [inWorkerd],
    logLevel: 'warning',
  });
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = (
        modules = [(name = "worker", esModule = embed "worker.mjs")],
        compatibilityDate = "2026-11-17", compatibilityFlags = ["nodejs_compat"]))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);`,
  );
  const workerd = spawn(WORKERD, ['serve', join(folder, 'config.capnp'), '--control-fd=3'], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  try {
    const port = await listening(workerd);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const { ran, failures } = await answer.json();
    assert.deepEqual(failures, []);
    assert.ok(ran > 180, `${ran} tests ran`);
  } finally {
    workerd.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
