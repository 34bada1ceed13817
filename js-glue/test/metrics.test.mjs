// What checkpoints leave in Analytics Engine, and what docs/reference/metrics.md and the dashboard ask of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, test } from 'node:test';
import { Server, Sink } from './harness.mjs';

const PAGE = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
const DASHBOARD = JSON.parse(
  readFileSync(new URL('../../docs/monitoring/grafana.json', import.meta.url), 'utf8'),
);

/** Title and columns of each panel, as the page has them. */
const panels = [...PAGE.matchAll(/^\| ([^|]+) \| `([^`]* AS [^`]*)` \|$/gm)].map(([, title, columns]) => ({
  title,
  columns,
}));

/** What the page has of a query: the columns go in. */
const [frame] = /SELECT intDiv[^"]+/.exec(PAGE) ?? [];
const EXAMPLE = 'SUM(_sample_interval * double6) / 300 AS requests';

for (const core of ['js', 'wasm']) {
  describe(`a Worker with METRICS bound, with its ${core} core`, () => {
    let sink;
    let server;

    before(async () => {
      sink = await new Sink().start();
      server = await new Server(sink, { core, config: 'js-glue/test/metrics.toml' }).start();
    });

    after(async () => {
      await server?.stop();
      sink?.stop();
    });

    const checkpoint = async () =>
      (await server.fetch('/stores/a/checkpoint', { method: 'POST', body: '' })).json();
    const points = async () => (await server.fetch('/points')).json();

    it('leaves a point a checkpoint, which answers every query of the page', async () => {
      const client = await server.connect('/stores/a');
      await client.create('x', { n: 1 });
      await client.create('y', { n: 2 });
      await client.create('y', { n: 2 });
      await checkpoint();
      const [point] = await points();
      assert.equal(point.index1, 'a');
      assert.deepEqual(point.blobs, ['a', 'manual', 'local', '']);
      const values = answers(await points());
      assert.equal(values.get('Things').things, 2);
      assert.equal(values.get('Requests and refusals a second').requests, 3 / 300);
      assert.equal(values.get('Requests and refusals a second').refusals, 1 / 300);
      assert.equal(values.get('Sockets and subscriptions').sockets, 1);
      assert.equal(values.get('Checkpoints: milliseconds, and how many failed').failed, 0);
      await client.close();
    });

    it('takes its checkpoints when the platform takes no points', async () => {
      await server.fetch('/break');
      const client = await server.connect('/stores/a');
      await client.create('z', { n: 3 });
      assert.equal((await checkpoint()).entityCount, 1);
      assert.equal((await server.stats('a')).dirty, 0);
      assert.equal((await client.read('z')).n, 3);
      await client.close();
    });
  });
}

/** What each panel's query says of points, in the one SQL database at hand. */
function answers(points) {
  const database = new DatabaseSync(':memory:');
  database.function('intDiv', (a, b) => Math.trunc(a / b));
  database.function('toUInt32', (seconds) => Math.trunc(seconds));
  const numbers = (count, name) => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);
  const columns = ['timestamp', '_sample_interval', ...numbers(4, 'blob'), ...numbers(20, 'double')];
  database.exec(`CREATE TABLE unified_storage (${columns.join(', ')})`);
  const insert = database.prepare(`INSERT INTO unified_storage VALUES (${columns.map(() => '?')})`);
  for (const { timestamp, blobs, doubles } of points) {
    insert.run(timestamp, 1, ...blobs, ...doubles, ...Array(20 - doubles.length).fill(0));
  }
  return new Map(
    panels.map(({ title, columns }) => {
      const query = frame
        .replace(EXAMPLE, columns)
        .replace("NOW() - INTERVAL '1' DAY", '0')
        .replaceAll(/\bif\(/g, 'iif(');
      const rows = database.prepare(query).all();
      assert.equal(rows.length, 1, title);
      return [title, rows[0]];
    }),
  );
}

test('the dashboard asks what the page says', () => {
  assert.ok(frame?.includes(EXAMPLE), 'the page has a query to put columns in');
  const row = DASHBOARD.panels.find(({ type }) => type === 'row');
  const asked = row.panels.map(({ title, targets }) => ({ title, query: targets[0].query }));
  const said = panels.map(({ title, columns }) => ({
    title,
    query:
      `SELECT $timeSeries AS t, blob1 AS label, ${columns.replaceAll('300', '$interval')} FROM $dataset` +
      " WHERE $timeFilter AND blob1 LIKE '$stores' GROUP BY blob1, t ORDER BY t",
  }));
  assert.deepEqual(asked, said);
  assert.equal(said.length, 11);
});
