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

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [worker, browser] = await Promise.all([new Worker().start({ ACCESS_TOKEN: TOKEN }), launch()]);
  page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(30_000);
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
