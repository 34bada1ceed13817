// Builds the page to where the emulator's jar and the Worker's assets take it from.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @param {string} folder where the three files go */
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
}

export const PAGE = here('page/inspector');

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildInspector(PAGE);
