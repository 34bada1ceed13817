import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, Worker } from './browser.mjs';

const PICTURES = fileURLToPath(new URL('../target/pictures', import.meta.url));
const TOKEN = 'a-token-of-a-test';

let worker;
let browser;
let page;
/** What went wrong in the page without a test having asked for it. */
const problems = [];

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [worker, browser] = await Promise.all([new Worker().start({ ACCESS_TOKEN: TOKEN }), launch()]);
  page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
});

after(async () => {
  await browser?.close();
  worker?.stop();
});

test('the page is a static asset with the headers of the Worker', async () => {
  for (const [path, type] of [
    ['/inspector', /html/],
    ['/inspector/inspector.js', /javascript/],
    ['/inspector/inspector.css', /css/],
  ]) {
    const file = await fetch(worker.url + path);
    assert.equal(file.status, 200, path);
    assert.match(file.headers.get('content-type'), type);
    assert.match(file.headers.get('content-security-policy'), /frame-ancestors 'none'/);
    await file.arrayBuffer();
  }
  // What is no file of the page is for the store to answer, which asks for a token first.
  assert.equal((await fetch(`${worker.url}/inspector/unknown.js`)).status, 401);
});

test('what the page shows takes a token', async () => {
  await page.goto(`${worker.url}/inspector`);
  await page.getByText('The stores cannot be listed').waitFor();
  await page.getByLabel('Access token').fill(TOKEN);
  await page.getByLabel('Access token').press('Enter');
  await page.getByText('No store has been written to yet').waitFor();
  await page.getByRole('button', { name: 'Write sample things' }).click();
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  await page.screenshot({ path: join(PICTURES, 'worker-things.png'), fullPage: true });
});

test("a store in workerd is looked into as the emulator's is", async () => {
  const go = (view) => page.goto(`${worker.url}/inspector#/sample/${view}`);
  await go('things/Card');
  await page.getByRole('button', { name: 'points' }).click();
  await page.getByRole('columnheader', { name: 'points ▲' }).waitFor();
  await page.getByLabel('Filter').fill('{"board":"now","points":{"$gte":10}}');
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor({ state: 'detached' });
  await go('thing/card_3');
  const fields = page.getByLabel('Fields, as JSON');
  await fields.fill((await fields.inputValue()).replace('Card number 3', 'changed here'));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Card, version 2').waitFor();
  // Without an archive there is no history, and the page says so.
  await page.getByRole('alert').waitFor();
  await go('log');
  await page.getByLabel(/^durable: event 34/).waitFor();
  await go('cost');
  await page.getByRole('cell', { name: 'together' }).waitFor();
  await go('health');
  await page.getByText('Half within').first().waitFor();
  await page.screenshot({ path: join(PICTURES, 'worker-health.png'), fullPage: true });
});

test('a store in workerd is kept, copied, brought in and deleted', async () => {
  await page.goto(`${worker.url}/inspector#/sample/actions`);
  await page.getByRole('button', { name: 'Checkpoint now' }).click();
  await page.getByText('trigger manual').waitFor();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export to a file' }).click();
  const file = join(PICTURES, '..', 'worker.ndjson');
  await (await downloading).saveAs(file);
  await page.getByText('33 things in sample.ndjson').waitFor();
  await page.getByLabel('Name of the copy').fill('sample-copy');
  await page.getByRole('button', { name: 'Fork' }).click();
  await page.getByText('33 things are in').waitFor();
  await page.goto(`${worker.url}/inspector#/sample-copy/actions`);
  await page.getByLabel('Type sample-copy to be allowed').fill('sample-copy');
  await page.getByRole('button', { name: 'Delete the store' }).click();
  await page.getByText('deleted 33').waitFor();
  await page.getByLabel('File to import').setInputFiles(file);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('33 created, 0 replaced, 0 unchanged').waitFor();
  await page.screenshot({ path: join(PICTURES, 'worker-actions.png'), fullPage: true });
});

test('nothing went wrong in the page unasked', () => assert.deepEqual(problems, []));
