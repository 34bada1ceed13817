import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildInspector, PAGE } from '../build.mjs';
import { Emulator, launch } from './browser.mjs';

const PICTURES = fileURLToPath(new URL('../target/pictures', import.meta.url));
const LIMIT_BYTES = 80_000;

let emulator;
let browser;
let page;
/** What went wrong in the page without a test having asked for it. */
const problems = [];

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [emulator, browser] = await Promise.all([new Emulator().start(), launch()]);
  page = await open({ width: 1280, height: 800 }, 'light');
});

after(async () => {
  await browser?.close();
  await emulator?.stop();
});

async function open(viewport, colorScheme) {
  const context = await browser.newContext({ locale: 'en-GB', viewport, colorScheme });
  const opened = await context.newPage();
  opened.setDefaultTimeout(30_000);
  opened.on('pageerror', (error) => problems.push(error.message));
  opened.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  return opened;
}

const see = (name, of = page) => of.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });

async function ask(request) {
  const answer = await fetch(`${emulator.url}/stores/sample/requests`, {
    method: 'POST',
    body: JSON.stringify(request),
  });
  return answer.json();
}

/** A set is followed from when its first content has come, which nothing on the page says. */
async function untilShown(what, problem, change) {
  const deadline = Date.now() + 30_000;
  while ((await what.count()) === 0) {
    assert.ok(Date.now() < deadline, problem);
    await change();
    await page.waitForTimeout(100);
  }
}

test('what is in the jar is what its sources make', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inspector-'));
  await buildInspector(folder);
  for (const file of ['index.html', 'inspector.js', 'inspector.css']) {
    const message = `${file} is not of these sources: npm run build --workspace unified-storage-inspector`;
    assert.ok(readFileSync(join(folder, file)).equals(readFileSync(join(PAGE, file))), message);
  }
  rmSync(folder, { recursive: true });
  const bytes = ['index.html', 'inspector.js', 'inspector.css']
    .map((file) => gzipSync(readFileSync(join(PAGE, file)), { level: 9 }).length)
    .reduce((sum, each) => sum + each, 0);
  assert.ok(bytes <= LIMIT_BYTES, `${bytes} bytes gzip, more than ${LIMIT_BYTES}`);
});

test('a first visit says what to type, and a button writes sample things', async () => {
  await page.goto(`${emulator.url}/`);
  await page.getByText(/write to it|begins with its first write/).waitFor();
  await see('first-visit');
  await page.getByRole('button', { name: 'Write sample things' }).click();
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  await see('things');
});

test('things: a filter, an order, a change from elsewhere', async () => {
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  await page.getByLabel('Filter').fill('{"board":"now","points":{"$gte":10}}');
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor({ state: 'detached' });
  assert.ok((await page.getByRole('row').count()) < 15);
  await page.getByLabel('Filter').fill('{"nothing":');
  await page.getByText('no JSON object yet').waitFor();
  await page.getByLabel('Filter').fill('');
  await page.getByRole('button', { name: 'points' }).click();
  await page.getByRole('columnheader', { name: 'points ▲' }).waitFor();
  await page.getByText('connected', { exact: true }).waitFor();
  const flash = page.locator('tr.flash').filter({ hasText: 'changed elsewhere' });
  await untilShown(flash, 'no row flashes', () =>
    ask({ type: 'update', $id: 'card_3', data: { title: 'changed elsewhere' } }),
  );
});

test('a thing: its fields, its history, its past', async () => {
  await page.goto(`${emulator.url}/#/sample/thing/card_3`);
  const fields = page.getByLabel('Fields, as JSON');
  await fields.waitFor();
  const own = JSON.parse(await fields.inputValue());
  const { $version } = (await ask({ type: 'read', $ids: ['card_3'] })).things.card_3;
  await fields.fill(JSON.stringify({ ...own, points: 99 }));
  await page.getByRole('button', { name: 'Save' }).click();
  const saved = page.getByText(`version ${$version + 1}`);
  await saved.first().waitFor();
  await page.getByText('changed elsewhere').first().waitFor();
  // The archive has it when the sink has rolled.
  await page.reload();
  const slider = page.getByRole('slider');
  await slider.waitFor();
  await slider.fill('0');
  await page.getByText('"title": "Card number 3"').waitFor();
  await see('thing');
});

test('the log shows what becomes durable', async () => {
  await page.goto(`${emulator.url}/#/sample/log`);
  await page.getByText('Nothing has changed since').waitFor();
  await page.getByText('connected', { exact: true }).waitFor();
  let turn = 0;
  await untilShown(page.getByRole('cell', { name: 'card_4', exact: true }), 'no event shows', () =>
    ask({ type: 'update', $id: 'card_4', data: { turn: turn++ } }),
  );
  await page.getByLabel(/^durable: event \d+/).waitFor();
  await see('log');
});

test('cost and health', async () => {
  await page.goto(`${emulator.url}/#/sample/cost`);
  await page.getByText('rows a day at this rate').waitFor();
  await page.locator('.chart canvas').waitFor();
  await see('cost');
  await page.goto(`${emulator.url}/#/sample/health`);
  await page.getByText('How it came up').waitFor();
  await page.getByText('pipeline', { exact: true }).first().waitFor();
  await see('health');
});

test('actions: a checkpoint, a crash by a click, and the store coming back', async () => {
  await page.goto(`${emulator.url}/#/sample/actions`);
  await page.getByRole('button', { name: 'Checkpoint now' }).click();
  await page.getByText(/trigger manual|rowsWritten/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Rebuild from the archive' }).isDisabled());
  await page.getByLabel(/Type sample to be allowed/).fill('sample');
  await page.getByRole('button', { name: 'Rebuild from the archive' }).click();
  await page.getByText(/source iceberg/).waitFor();
  await see('actions');
  await page.getByRole('button', { name: 'Crash the process' }).click();
  await page.getByText('not connected').waitFor();
  await emulator.exited;
  await emulator.start();
  await page.getByText('connected', { exact: true }).waitFor();
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
});

for (const [width, scheme] of [
  [390, 'light'],
  [390, 'dark'],
  [1280, 'dark'],
]) {
  test(`every view at ${width} px, ${scheme}`, async () => {
    const other = await open({ width, height: 800 }, scheme);
    for (const view of [
      '',
      'sample/things/Card',
      'sample/thing/card_3',
      'sample/log',
      'sample/cost',
      'sample/health',
      'sample/actions',
    ]) {
      await other.goto(`${emulator.url}/#/${view}`);
      await other.locator('.panel').first().waitFor();
      await other.waitForLoadState('networkidle').catch(() => {});
      const name = view.split('/')[1] ?? 'stores';
      await see(`${name}-${width}-${scheme}`, other);
      const wide = await other.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
    }
    await other.context().close();
  });
}

test('nothing went wrong in the page unasked', () => assert.deepEqual(problems, []));
