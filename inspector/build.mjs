// Builds the page to where the emulator's jar and the Worker's assets take it from.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The licences of what is bundled: they ask to go with every copy. */
function licences() {
  const { dependencies } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
  return Object.entries(dependencies).map(([name, version]) => {
    const licence = readFileSync(here(`../node_modules/${name}/LICENSE`), 'utf8');
    return `inspector.js contains ${name} ${version}:\n\n${licence.trim()}\n`;
  });
}

/** @param {string} folder where the files go */
export async function buildInspector(folder) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: { inspector: here('src/app.tsx') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: folder,
    logLevel: 'warning',
  });
  copyFileSync(here('src/index.html'), `${folder}/index.html`);
  writeFileSync(`${folder}/licences.txt`, licences().join('\n\n'));
}

export const PAGE = here('page/inspector');

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildInspector(PAGE);
