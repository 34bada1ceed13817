// Makes the bundle that `wrangler deploy` would upload: bundle.mjs [js|wasm] [wrangler.toml]

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newest, root } from './paths.mjs';

const CONDITIONS = 'workerd,worker,browser';

/**
 * Bundles a Worker with one of the compiled forms, unless its bundle is newer than all its parts.
 *
 * @returns the folder, in which settings.json has what else the Worker's configuration says
 */
export async function bundle(core, config = 'wrangler.toml') {
  const [, name] = /^name = "(.+)"$/m.exec(readFileSync(join(root, config), 'utf8'));
  const dir = join(root, 'worker', 'target', 'bundle', name, core);
  const glue = ['js-glue/src', 'js-glue/core', 'js-glue/package.json', 'iceberg-reader-js/src'];
  const parts = [...glue, config, dirname(config)];
  if (config === 'wrangler.toml') parts.pop();
  const isCurrent = () => newest(relative(root, join(dir, 'settings.json'))) > newest(...parts);
  if (isCurrent()) return dir;
  // Made aside and moved into place, because servers may be started beside one another.
  const made = `${dir}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler')), 'cli.js');
  const condition = core === 'wasm' ? 'unified-storage-wasm,' : '';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--config', join(root, config), '--outdir', made],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        WRANGLER_BUILD_CONDITIONS: condition + CONDITIONS,
        WRANGLER_SEND_METRICS: 'false',
      },
    },
  );
  if (status !== 0) {
    throw new Error(`wrangler could not bundle the Worker:\n${stdout}${stderr}`);
  }
  const { unstable_readConfig } = await import('wrangler');
  const settings = unstable_readConfig({ config: join(root, config) }, { hideWarnings: true });
  const kept = {
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags,
    vars: settings.vars,
    objects: settings.durable_objects.bindings,
    sqliteClasses: settings.migrations.flatMap((step) => step.new_sqlite_classes ?? []),
    // In wrangler's words: what it would upload.
    upload: /Total Upload: (.+)/.exec(stdout)?.[1],
  };
  writeFileSync(join(made, 'settings.json'), JSON.stringify(kept, null, 2));
  if (isCurrent()) {
    // Another process was faster, and may be reading it.
    rmSync(made, { recursive: true });
    return dir;
  }
  rmSync(dir, { recursive: true, force: true });
  renameSync(made, dir);
  return dir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await bundle(process.argv[2] ?? 'js', process.argv[3]));
}
