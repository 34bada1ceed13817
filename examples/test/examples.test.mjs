import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Emulator, launch } from '../../inspector/test/browser.mjs';
import { Server, Sink } from '../../js-glue/test/harness.mjs';
import { serve as serveBoard } from '../kanban/serve.mjs';
import { serve as serveLobby } from '../lobby/serve.mjs';
import { runSensors } from '../sensors/sensors.mjs';
import { serve as serveSensors } from '../sensors/serve.mjs';

const PICTURES = fileURLToPath(new URL('./target/pictures', import.meta.url));
const DEADLINE_MS = 60_000;

let emulator;
let browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [emulator, browser] = await Promise.all([new Emulator([]).start(), launch()]);
});

after(async () => {
  await browser?.close();
  await emulator?.stop();
});

async function open(server) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 700 } });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return page;
}

test('sensors: 200 of them are followed, and their counts say how many readings there were', async () => {
  const folder = new URL('../sensors/', import.meta.url);
  const server = await serveSensors({ folder, entry: 'page.ts', store: emulator.url, port: 0 });
  const stop = runSensors(`${emulator.url.replace('http', 'ws')}/stores/sensors`);
  const page = await open(server);
  await page.getByText(/200 sensors, \d+ heard lately, .* live/).waitFor();
  await page.getByText('°C').first().waitFor();
  const readings = async () => Number(/(\d+) readings/.exec(await page.getByRole('status').textContent())[1]);
  const before = await readings();
  const deadline = Date.now() + DEADLINE_MS;
  while ((await readings()) < before + 400) assert.ok(Date.now() < deadline, 'the counts stand still');
  await page.screenshot({ path: join(PICTURES, 'sensors.png') });
  stop();
  await page.context().close();
  server.close();
});

test('kanban: two browsers see each other, and edits made offline come back', async () => {
  const folder = new URL('../kanban/', import.meta.url);
  const server = await serveBoard({ folder, entry: 'src/board.tsx', store: emulator.url, port: 0 });
  const [one, two] = [await open(server), await open(server)];
  await one.getByText('online', { exact: true }).waitFor();
  for (const title of ['Write', 'Read', 'Think']) {
    await one.getByLabel('New card').fill(title);
    await one.getByLabel('New card').press('Enter');
    await two.getByText(title, { exact: true }).waitFor();
  }
  await two.getByLabel('Move Read on').click();
  const doing = (page) => page.getByRole('region', { name: 'Doing' });
  await doing(one).getByText('Read', { exact: true }).waitFor();

  await one.context().setOffline(true);
  emulator.process.kill('SIGKILL');
  await emulator.exited;
  await one.getByText(/offline/).waitFor();
  await one.getByLabel('Move Write on').click();
  await doing(one).getByText('Write', { exact: true }).waitFor();
  await one.getByText('offline, 1 to be sent').waitFor();
  await one.screenshot({ path: join(PICTURES, 'kanban-offline.png') });
  await emulator.start();
  await one.context().setOffline(false);
  await doing(two).getByText('Write', { exact: true }).waitFor();
  await one.getByText('online', { exact: true }).waitFor();
  await two.screenshot({ path: join(PICTURES, 'kanban.png') });
  await one.context().close();
  await two.context().close();
  server.close();
});

test('lobby: a name is one player, a seat is taken once, and the server decides what a move is', async () => {
  const sink = await new Sink().start();
  const worker = await new Server(sink, { config: 'examples/lobby/wrangler.toml' }).start();
  const folder = new URL('../lobby/', import.meta.url);
  const store = `http://127.0.0.1:${worker.port}`;
  const server = await serveLobby({ folder, entry: 'page.ts', store, port: 0 });
  const [one, two] = [await open(server), await open(server)];
  const enter = async (page, name) => {
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Enter' }).click();
  };
  await enter(one, 'Ada');
  await two.getByRole('region', { name: 'Players' }).getByText('Ada').waitFor();
  await enter(two, 'ADA');
  await two.getByText('The name ADA is taken.').waitFor();
  await enter(two, 'Grace');

  await one.getByRole('button', { name: 'Open a table' }).click();
  await one.getByText('Waiting for somebody').waitFor();
  await two.getByRole('button', { name: 'Join Ada' }).click();
  for (const [page, cell] of [
    [one, 1],
    [two, 5],
    [one, 2],
    [two, 9],
  ]) {
    await page.getByText('Your turn').waitFor();
    await page.getByLabel(`Cell ${cell}`).click();
  }
  await one.getByText('Your turn').waitFor();

  // A client that does not ask the page what it may do.
  const client = await worker.connect('/stores/lobby');
  const { things } = await client.ask({ type: 'query', $type: 'Table' });
  const [{ $id, $version }] = things;
  const refused = async (edits) => {
    const reply = await client.ask({ type: 'update', $id, ifVersion: $version, ...edits });
    assert.equal(reply.code, 'VALIDATION_ERROR');
    return reply.details.code;
  };
  assert.equal(await refused({ data: { cell: 3, by: 'player:grace' } }), 'NOT_YOUR_TURN');
  assert.equal(await refused({ data: { cell: 1, by: 'player:ada' } }), 'NOT_FREE');
  assert.equal(await refused({ data: { o: 'player:eve' } }), 'SEAT_TAKEN');
  assert.equal(await refused({ data: { cells: 'xxxxxxxxx' } }), 'NOT_YOUR_TURN');

  await one.getByLabel('Cell 3').click();
  await two.getByText('Ada wins').waitFor();
  await two.screenshot({ path: join(PICTURES, 'lobby.png') });
  await one.context().close();
  await two.context().close();
  server.close();
  await worker.stop();
  sink.stop();
});
