import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT_BYTES = 12_000;

test('a page loads a small client', async (t) => {
  const { outputFiles } = await build({
    entryPoints: [new URL('../src/index.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  t.diagnostic(`${bytes} bytes gzip`);
  assert.ok(bytes <= LIMIT_BYTES, `${bytes} bytes gzip, more than ${LIMIT_BYTES}`);
});
