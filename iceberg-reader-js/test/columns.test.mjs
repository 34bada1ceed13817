import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { COLUMNS } from '../src/types.js';

it('reads the columns that the stream has and that the SQL behind it stores', () => {
  const pipeline = (file) => readFileSync(new URL(`../../js-glue/pipeline/${file}`, import.meta.url), 'utf8');
  const stream = JSON.parse(pipeline('schema.json')).fields.map(({ name }) => name);
  const [, list] = /SELECT([\s\S]*)FROM/.exec(pipeline('events.sql'));
  const stored = list.split(',').map((name) => name.trim().replaceAll('"', ''));
  assert.deepEqual(
    stored.filter((name) => !stream.includes(name)),
    [],
  );
  assert.deepEqual(
    COLUMNS.filter((name) => !stored.includes(name)),
    [],
  );
});
