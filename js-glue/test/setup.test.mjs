// pipeline/setup.sh, in front of an account that a program beside it plays.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { root } from '../../worker/scripts/paths.mjs';

const PIPELINE = join(root, 'js-glue', 'pipeline');

/** In the place of npx: what was made is a file each, what was asked a line of a log. The words are those of wrangler. */
const NPX = `#!/bin/sh
shift 3 # --no -- wrangler
echo "$*" >> log
case "$*" in
  --version) exit 0 ;;
  "$REFUSED"*) echo "a request to the API failed: $REFUSED [code: 10000]" >&2; exit 1 ;;
  "r2 bucket create "*) touch bucket ;;
  "r2 bucket info "*) [ -f bucket ] || { echo "The specified bucket does not exist. [code: 10006]"; exit 1; } ;;
  "r2 bucket catalog enable "*) touch catalog ;;
  "r2 bucket catalog get "*)
    if [ -f catalog ]; then
      printf 'Catalog URI:  https://catalog.cloudflarestorage.com/acc/%s\\nWarehouse:    acc_%s\\nStatus:       active\\n' "$5" "$5"
    elif [ -f bucket ]; then
      echo "Basin Catalog is not enabled for bucket '$5'."
    fi ;;
  "pipelines streams create "*) cp "$6" stream ;;
  "pipelines streams get "*)
    [ -f stream ] || { echo 'Stream "unified_storage_events" not found.'; exit 1; }
    printf '{\\n  "id": "0f1e",\\n  "name": "unified_storage_events",\\n  "schema": %s\\n}\\n' "$(cat stream)" ;;
  "pipelines sinks create "*) touch sink ;;
  "pipelines sinks get "*) [ -f sink ] || { echo 'Sink "unified_storage_sink" not found.'; exit 1; } ;;
  "pipelines create "*) touch pipeline ;;
  "pipelines get "*) [ -f pipeline ] || { echo 'Pipeline "unified_storage" not found.'; exit 1; } ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
`;

const MADE = ['bucket', 'catalog', 'stream', 'sink', 'pipeline'];

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unified-storage-setup-'));
  writeFileSync(join(folder, 'npx'), NPX);
  chmodSync(join(folder, 'npx'), 0o755);
});

afterEach(() => rmSync(folder, { recursive: true }));

function setup(vars, ...args) {
  const env = { REFUSED: 'nothing', ...vars, PATH: `${folder}:${process.env.PATH}` };
  const options = { cwd: folder, env, encoding: /** @type {const} */ ('utf8') };
  const { status, stdout, stderr } = spawnSync('sh', [join(PIPELINE, 'setup.sh'), ...args], options);
  return { status, stdout, stderr };
}

const made = () => MADE.filter((name) => existsSync(join(folder, name)));
const log = () => readFileSync(join(folder, 'log'), 'utf8').split('\n');
const creations = () => log().filter((line) => / (create|enable) /.test(line)).length;

test('makes everything, and says what to add to the configuration', () => {
  const { status, stdout, stderr } = setup({ CATALOG_TOKEN: 's3cret' }, 'archive');
  assert.equal(status, 0, stderr);
  assert.deepEqual(made(), MADE);
  assert.match(stdout, /"binding": "EVENTS", "stream": "0f1e"/);
  assert.match(stdout, /"bucket_name": "archive"/);
  assert.match(stdout, /"ICEBERG_CATALOG_URL": "https:\/\/catalog\.cloudflarestorage\.com\/acc\/archive"/);
  assert.match(stdout, /"ICEBERG_WAREHOUSE": "acc_archive"/);
  assert.ok(log().some((line) => line.includes('--catalog-token s3cret')));
  assert.ok(!stdout.includes('s3cret'));
});

test('goes on where it has stopped, and makes nothing twice', () => {
  const stopped = setup({ CATALOG_TOKEN: 's3cret', REFUSED: 'pipelines sinks create' });
  assert.equal(stopped.status, 1);
  assert.match(stopped.stderr, /failed: pipelines sinks create/);
  assert.match(stopped.stderr, /the sink unified_storage_sink was not made; run this again/);
  assert.deepEqual(made(), ['bucket', 'catalog', 'stream']);

  const { status, stdout } = setup({ CATALOG_TOKEN: 's3cret' });
  assert.equal(status, 0);
  assert.match(stdout, /stream unified_storage_events: there\nsink unified_storage_sink: made/);
  assert.deepEqual(made(), MADE);
  assert.equal(creations(), MADE.length + 1);

  // The token is the sink's.
  const again = setup({});
  assert.equal(again.status, 0, again.stderr);
  assert.equal(creations(), MADE.length + 1);
});

test('asks for the token before it makes anything', () => {
  const { status, stderr } = setup({});
  assert.equal(status, 1);
  assert.match(stderr, /^setup\.sh: CATALOG_TOKEN is not set: .*\n$/);
  assert.deepEqual(made(), []);
});

test('takes no refusal for an absence', () => {
  const { status, stderr } = setup({ CATALOG_TOKEN: 's3cret', REFUSED: 'r2 bucket info' });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /failed: r2 bucket info .*\nsetup\.sh: it could not look for the bucket unified-storage\n$/,
  );
  assert.deepEqual(made(), []);
});

test('does not go on with the stream of an earlier release', () => {
  writeFileSync(join(folder, 'stream'), '{ "fields": [{ "name": "verb" }, { "name": "store" }] }');
  const { status, stderr } = setup({ CATALOG_TOKEN: 's3cret' });
  assert.equal(status, 1);
  assert.match(stderr, /the stream unified_storage_events has no field payload/);
});

test('prints what it would run, without the token, and asks nobody', () => {
  const { status, stdout } = setup({ DRY_RUN: '1', CATALOG_TOKEN: 's3cret' });
  assert.equal(status, 0);
  assert.equal(stdout.trim().split('\n').length, MADE.length);
  assert.ok(!stdout.includes('s3cret'));
  assert.ok(!existsSync(join(folder, 'log')));
});

test('explains itself, and refuses what it does not know', () => {
  const help = setup({}, '--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /CATALOG_TOKEN/);
  assert.equal(setup({}, '--bucket').status, 2);
  assert.equal(setup({}, 'one', 'two').status, 2);
  const roll = setup({ CATALOG_TOKEN: 's3cret', ROLL_INTERVAL: '5' });
  assert.equal(roll.stderr, 'setup.sh: ROLL_INTERVAL must be 60 seconds or more, got 5\n');
  assert.equal(roll.status, 2);
});
