import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../worker/scripts/bundle.mjs';

// Just above what was reached: a change that needs more says so here. Compressors differ by some
// bytes. Of the JavaScript form 74 KB are the store and its archive reader, 4 the named states and
// checks of one turn, 28 the forms of writing, frames and queries, 1 what an object asks of its own store,
// 3 lives, 9 schemas, 3 things that expire, 10 what follows them, 15 who may and how much (6 of these are jose),
// 5 sessions, 3 the requests in process and by RPC, 8 exports and imports, 3 the directory of stores, 11 the path of lives, deletion, restore and fork,
// 3 databases of another namespace and what branches wrote, 1 recoveries that look at the last minutes of the
// archive, 2 records of several events, 1 more metrics and what sleeping sockets remember of sessions, 2 things that leave for packed
// rows, 2 figures of requests and waits, and ports with names,
// 1 the figures of a checkpoint as a data point (700 bytes) and 1 spans (800), 2 upcasters (300 bytes of them what forms are to imports, patches and queries), 3 what the archive lacks, 2 a cron's look at it, 7 snapshots: making them, rebuilds and reads of the past that begin at one,
// 1 writes that wait for one another, and a bound on the queries of a frame, and 300 bytes an honest count of
// wide characters and a limit for what has outgrown its memory, 1 errors that say which value must be what, and
// what it is, 0.3 the way to the inspector's page, 2.4 health, the lines of a life and figures by type, 0.5 what access and
// expiry do at a socket's beginning, 0.5 the slowest requests,
// 0.6 what tells a follower that goes on by the rows that are newer,
// 0.8 indexes that are sorted a step at a time,
// 0.3 checkpoints of a few rows,
// 0.2 indexes that would not fit.
const MOST_BYTES = { js: 215_900, wasm: 352_600 };

for (const [core, most] of Object.entries(MOST_BYTES)) {
  test(`what is deployed with the ${core} core is small`, async () => {
    const dir = await bundle(core);
    const modules = readdirSync(dir).filter((name) => /\.(js|bin)$/.test(name));
    const bytes = modules
      .map((name) => gzipSync(readFileSync(join(dir, name)), { level: 9 }).length)
      .reduce((sum, length) => sum + length);
    assert.ok(bytes <= most, `expected ${most} bytes gzip at most, there are ${bytes}`);
  });
}
