// Bundles what `wrangler deploy` would upload, and prints its sizes.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';

for (const core of ['js', 'wasm']) {
  const dir = await bundle(core);
  let raw = 0;
  let compressed = 0;
  for (const name of readdirSync(dir).filter((name) => /\.(js|bin)$/.test(name))) {
    const bytes = readFileSync(join(dir, name));
    raw += bytes.length;
    compressed += gzipSync(bytes, { level: 9 }).length;
  }
  const { upload } = JSON.parse(readFileSync(join(dir, 'settings.json'), 'utf8'));
  console.log(`${core} core: ${kb(raw)} raw, ${kb(compressed)} gzip; wrangler: ${upload} (${dir})`);
}

function kb(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
