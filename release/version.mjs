// Sets the version everywhere: node release/version.mjs 0.2.0, or 0.3.0-SNAPSHOT
//
// Maven's versions say SNAPSHOT until a release, npm's do not. `js-glue/test/packages.test.mjs` holds that all are one.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents, root } from '../worker/scripts/paths.mjs';

const [version = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-SNAPSHOT)?$/.test(version)) {
  console.error(`expected a version like 0.2.0 or 0.3.0-SNAPSHOT, got ${version || 'nothing'}`);
  process.exit(2);
}
const npm = version.replace('-SNAPSHOT', '');

function edit(path, ...changes) {
  const before = readFileSync(join(root, path), 'utf8');
  const after = changes.reduce((text, [pattern, by]) => text.replace(pattern, by), before);
  if (after !== before) writeFileSync(join(root, path), after);
}

edit('pom.xml', [/(?<=<revision>)[^<]+/, version]);
edit('examples/junit/pom.xml', [/(?<=<unified-storage\.version>)[^<]+/, version]);
for (const page of documents()) {
  edit(
    page,
    [/(?<=<artifactId>unified-storage-[\w-]+<\/artifactId>\s+<version>)[^<]+/g, version],
    [/(?<=unified-storage-[a-z-]+-)\d+\.\d+\.\d+(?=\.tgz)/g, npm],
  );
}

const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const folder of [...workspaces, 'examples/vitest', 'templates/worker']) {
  const own = folder.startsWith('templates/') ? [] : [[/(?<=^ {2}"version": ")[^"]+/m, npm]];
  edit(join(folder, 'package.json'), ...own, [/(?<="@unified-storage\/[\w-]+": ")\d[^"]*/g, npm]);
}
const { status } = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--silent'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
