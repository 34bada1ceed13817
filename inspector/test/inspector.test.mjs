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
const SOURCES = fileURLToPath(new URL('../src', import.meta.url));
const PRICE_SHEET = fileURLToPath(
  new URL('../../core/src/main/java/dev/unifiedstorage/cost/PriceSheet.java', import.meta.url),
);
const LIMIT_BYTES = 80_000;
const VIEWS = [
  '',
  'sample/things/Card',
  'sample/thing/card_3',
  'sample/log',
  'sample/cost',
  'sample/health',
  'sample/actions',
];
/** What comes last of a view. */
const WHOLE = {
  stores: 'td:nth-child(5):has-text("pipeline")',
  things: 'tbody tr:nth-child(29)',
  thing: '.timeline li',
  log: '.seq >> nth=4',
  cost: 'td:has-text("together")',
  health: '.panel:has-text("Checkpoints") .seq',
  actions: 'button:has-text("Crash the process")',
};
/** What a screen reader says by its name. */
const NAMED = new Set([
  'button',
  'link',
  'textbox',
  'searchbox',
  'combobox',
  'listbox',
  'slider',
  'spinbutton',
  'checkbox',
  'progressbar',
  'img',
  'navigation',
  'log',
]);

let emulator;
let browser;
let page;
/** What went wrong in the page without a test having asked for it. */
const problems = [];

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [emulator, browser] = await Promise.all([
    new Emulator(['--faults', '--roll-interval', '200']).start(),
    launch(),
  ]);
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

async function until(condition, problem) {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, problem);
    await page.waitForTimeout(20);
  }
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
  for (const file of ['index.html', 'inspector.js', 'inspector.css', 'licences.txt']) {
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

test('a browser whose language is none sees the page', async () => {
  const other = await open({ width: 390, height: 800 }, 'light');
  await other.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' }),
  );
  await other.goto(`${emulator.url}/#/sample/cost`);
  await other.locator('.chart canvas').waitFor();
  await other.context().close();
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

test('cost: dollars a day by part, at the prices of the store', async () => {
  await page.goto(`${emulator.url}/#/sample/cost`);
  await page.locator('.chart canvas').waitFor();
  for (const part of ['rows', 'Pipeline', 'requests', 'duration', 'together']) {
    await page.getByRole('cell', { name: part, exact: true }).waitFor();
  }
  // An object that is awake all day.
  await page.getByRole('row', { name: /^duration \$0\.14/ }).waitFor();
  await see('cost');
  const shown = readFileSync(join(SOURCES, 'cost.tsx'), 'utf8');
  const sheet = readFileSync(PRICE_SHEET, 'utf8');
  const names = [...shown.matchAll(/^ {2}([A-Z_]+): ([\d.]+),$/gm)];
  assert.equal(names.length, 5);
  for (const [, name, price] of names) {
    assert.equal(Number(price), Number(new RegExp(` ${name} = ([\\d.]+);`).exec(sheet)?.[1]), name);
  }
});

test('health: what was refused, what was slow, and how long writes waited', async () => {
  await ask({ type: 'nonsense' });
  // Its sample things waited for the Pipeline.
  const { slowest } = await (await fetch(`${emulator.url}/stores/sample/stats`)).json();
  assert.ok(slowest.length > 0);
  await page.goto(`${emulator.url}/#/sample/health`);
  await page.getByText('How it came up').waitFor();
  await page.getByText('refused: UNKNOWN_TYPE').waitFor();
  const slow = page.locator('.panel').filter({ hasText: 'The slowest requests of the last minutes' });
  await slow.getByRole('row').nth(slowest.length).waitFor();
  const [type, ms, , , chars] = await slow.getByRole('row').nth(1).getByRole('cell').allInnerTexts();
  assert.match(type, /^[a-z]+$/);
  assert.ok(Number(ms.replace(',', '')) > 0);
  assert.ok(Number(chars.replace(',', '')) > 0);
  await page
    .getByText(/Half within \d+ ms, 99 of a hundred/)
    .first()
    .waitFor();
  await page
    .getByLabel(/^≤ \d+ ms: \d+/)
    .first()
    .waitFor();
  await see('health');
});

test('the names of fields are completed where the next one goes', async () => {
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  const filter = page.getByLabel('Filter');
  const offered = () => page.locator('#filters option').evaluateAll((all) => all.map(({ value }) => value));
  assert.ok((await offered()).includes('{"points":'));
  for (const [begun, whole] of [
    ['{"po', '{"points":'],
    ['{"board":"now",', '{"board":"now","points":'],
    ['{"board":"now","po', '{"board":"now","points":'],
    ['{"board":"now"}', '{"board":"now","points":'],
    ['{"board":"nothing has this"}', '{"board":"nothing has this","points":'],
  ]) {
    await filter.fill(begun);
    await until(async () => (await offered()).includes(whole), `${begun} offers no ${whole}`);
  }
  await filter.press('Escape');
  assert.equal(await filter.inputValue(), '');
});

test('everything is reached and worked by keys', async () => {
  await page.goto('about:blank');
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  const focused = () =>
    page.evaluate(() => {
      const of = document.activeElement;
      return of?.labels?.[0]?.textContent.trim() || of?.textContent?.trim() || of?.tagName;
    });
  const order = [];
  while (order.at(-1) !== 'card_1' && order.length < 40) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  const views = ['Things', 'Log', 'Cost', 'Health', 'Actions'];
  assert.deepEqual(order.slice(0, 8), ['To what is shown', 'Unified Storage', 'Access token', ...views]);
  assert.match(order.slice(8, 10).join(), /^Card.*,Person/);
  assert.deepEqual(order.slice(10, 13), ['Filter', 'Order', '$id']);
  assert.equal(order.at(-1), 'card_1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'card_1' }).waitFor();
  // It is set behind what is shown.
  await page.waitForFunction((title) => document.title === title, 'card_1, sample – Unified Storage');

  // Escape takes back what was typed, and what was asked for once.
  const fields = page.getByLabel('Fields, as JSON');
  const before = await fields.inputValue();
  await fields.fill('{');
  await fields.press('Escape');
  assert.equal(await fields.inputValue(), before);
  await page.getByRole('button', { name: 'Delete' }).press('Enter');
  const sure = page.getByRole('button', { name: 'Delete it: click again' });
  await sure.press('Escape');
  await sure.waitFor({ state: 'detached' });

  // Past all that is above what is shown.
  await page.goto('about:blank');
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  const points = page.getByRole('button', { name: 'points' });
  await points.waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.match(await focused(), /^Card/);
  await points.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('columnheader', { name: 'points ▲' }).waitFor();
});

test('whatever can be worked has a name that is read out', async () => {
  const session = await page.context().newCDPSession(page);
  for (const view of VIEWS) {
    await page.goto(`${emulator.url}/#/${view}`);
    await page.locator('.panel').first().waitFor();
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const named = nodes.filter(({ ignored, role }) => !ignored && NAMED.has(role?.value));
    assert.ok(named.length > 5, `${view} shows ${named.length} controls`);
    const nameless = named.filter(({ name }) => !name?.value?.trim());
    assert.deepEqual(
      nameless.map(({ role, properties }) => [role.value, properties]),
      [],
      view,
    );
  }
});

test('a thing is deleted, and an import brings it back from an export', async () => {
  await page.goto(`${emulator.url}/#/sample/actions`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export to a file' }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), 'sample.ndjson');
  await page.getByText('33 things in sample.ndjson').waitFor();
  const file = join(PICTURES, '..', 'sample.ndjson');
  await download.saveAs(file);
  assert.match(readFileSync(file, 'utf8'), /\{"end":true,"things":33\}\s*$/);

  await page.goto(`${emulator.url}/#/sample/thing/card_5`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete it: click again' }).click();
  await page.getByText('There is no such thing now.').waitFor();
  await page.getByText('deleted', { exact: true }).first().waitFor();

  await ask({ type: 'update', $id: 'card_6', data: { title: 'not as it was' } });
  await page.goto(`${emulator.url}/#/sample/actions`);
  await page.getByLabel('File to import').setInputFiles(file);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('1 created, 0 replaced, 31 unchanged, 1 failed:').waitFor();
  await page.getByText(/CONFLICT/).waitFor();
  await page.getByLabel('Things that are there').selectOption('are replaced');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('0 created, 1 replaced, 32 unchanged').waitFor();
});

test('a store is forked, and the fork deleted by its name alone', async () => {
  await page.goto(`${emulator.url}/#/sample/actions`);
  await page.getByLabel('Name of the copy').fill('sample-copy');
  await page.getByRole('button', { name: 'Fork' }).click();
  await page.getByText('33 things are in').waitFor();
  await page.getByRole('link', { name: 'sample-copy' }).click();
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
  await page.goto(`${emulator.url}/#/sample-copy/actions`);
  const remove = page.getByRole('button', { name: 'Delete the store' });
  assert.ok(await remove.isDisabled());
  const name = page.getByLabel('Type sample-copy to be allowed');
  await name.fill('sample');
  assert.ok(await remove.isDisabled());
  await name.press('Escape');
  assert.equal(await name.inputValue(), '');
  await name.fill('sample-copy');
  await remove.click();
  await page.getByText('deleted 33').waitFor();
  await page.getByRole('link', { name: 'Things' }).click();
  await page.getByText('This store has no things yet.').waitFor();
});

test('a store is what it was a minute ago by a click, and that is taken back', async () => {
  const title = async () => (await ask({ type: 'read', $ids: ['card_7'] })).things.card_7.title;
  const before = await title();
  const moment = Date.now();
  await until(() => Date.now() > moment, 'time stands still');
  await ask({ type: 'update', $id: 'card_7', data: { title: 'a mistake' } });
  // A page whose minute has passed.
  const later = await open({ width: 1280, height: 800 }, 'light');
  await later.clock.setFixedTime(moment + 60_000);
  await later.goto(`${emulator.url}/#/sample/actions`);
  const restore = later.getByRole('button', { name: 'Restore' });
  assert.ok(await restore.isDisabled());
  await later.getByLabel('Type sample to be allowed').fill('sample');
  const done = later.getByText('33 things, as they were');
  // The archive has to have come as far.
  await until(async () => {
    await restore.click();
    await until(() => restore.isEnabled(), 'a restore is not answered');
    return (await done.count()) > 0;
  }, 'the store is not restored');
  assert.equal(await title(), before);
  const event = /right after event (\d+)/.exec(await done.textContent())[1];
  await later.getByRole('combobox', { name: 'To what it was' }).selectOption('right after event');
  await later.getByLabel('To what it was right after event').fill(event);
  await until(async () => {
    await restore.click();
    await until(() => restore.isEnabled(), 'a restore is not answered');
    return (await title()) === 'a mistake';
  }, 'the restore is not taken back');
  await see('restored', later);
  await later.context().close();
});

test('a store leaves and comes back by a click', async () => {
  await page.goto(`${emulator.url}/#/sample/actions`);
  const lines = page.getByRole('log', { name: 'States of the store' }).getByRole('listitem');
  const instance = async () => /instance (\w+)/.exec(await lines.first().textContent())?.[1];
  await lines.getByText('running').first().waitFor();
  for (const label of ['Evict the store', 'Crash the store']) {
    const before = await instance();
    await page.getByRole('button', { name: label }).click();
    await until(async () => {
      const now = await instance();
      return now !== undefined && now !== before;
    }, `no other instance comes after: ${label}`);
  }
  assert.ok((await lines.count()) >= 3);
  await page.getByRole('button', { name: 'Pipeline refuses' }).click();
  await page.getByText('Pipeline: reject, sink: ok').waitFor();
  await page.getByRole('button', { name: 'Sink stands still' }).click();
  await page.getByText('Pipeline: reject, sink: stall').waitFor();
  await see('actions');
  await page.getByRole('button', { name: 'All well' }).click();
  await page.getByText('Pipeline: ok, sink: ok').waitFor();
});

test('actions: a checkpoint, a crash by a click, and the store coming back', async () => {
  await page.goto(`${emulator.url}/#/sample/actions`);
  await page.getByRole('button', { name: 'Checkpoint now' }).click();
  await page.getByText(/trigger manual|rowsWritten/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Rebuild from the archive' }).isDisabled());
  await page.getByLabel('Type sample to be allowed').fill('sample');
  await page.getByRole('button', { name: 'Rebuild from the archive' }).click();
  await page.getByText(/source iceberg/).waitFor();
  await page.getByRole('button', { name: 'Crash the process' }).click();
  await page.getByText('not connected').waitFor();
  await page.getByText(/does not answer/).waitFor();
  await emulator.exited;
  await emulator.start();
  await page.getByText('connected', { exact: true }).waitFor();
  await page
    .getByText(/running, instance \w+: from/)
    .first()
    .waitFor();
  await page.goto(`${emulator.url}/#/sample/things/Card`);
  await page.getByRole('link', { name: 'card_1', exact: true }).waitFor();
});

test('the list reads page after page, and shows the newest first', async () => {
  for (const ns of ['a-first', 'b-second', 'c-third', 'z-fourth']) {
    await fetch(`${emulator.url}/stores/${ns}/requests`, {
      method: 'POST',
      body: JSON.stringify({ type: 'put', $type: 'T', $id: 't', data: {} }),
    });
    // It is told of behind the answer.
    await until(async () => {
      const { stores } = await (await fetch(`${emulator.url}/stores?prefix=${ns}`)).json();
      return stores.length === 1 && stores[0].createdAt < Date.now();
    }, `${ns} is not listed`);
  }
  // The same pages, but small.
  await page.route('**/stores?*', (route) =>
    route.continue({ url: route.request().url().replace('limit=1000', 'limit=2') }),
  );
  await page.goto(`${emulator.url}/#/`);
  await page.getByRole('link', { name: 'z-fourth' }).waitFor();
  const names = await page.getByRole('row').getByRole('link').allInnerTexts();
  assert.deepEqual(names, ['z-fourth', 'c-third', 'b-second', 'a-first', 'sample']);
  await page.getByRole('row', { name: /z-fourth .*running [\d,]+ \$/ }).waitFor();
  await page.getByLabel('Name begins with').fill('b-');
  await page.getByRole('link', { name: 'z-fourth' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'b-second' }).waitFor();
  await page.unroute('**/stores?*');
});

for (const [width, scheme] of [
  [390, 'light'],
  [390, 'dark'],
  [1280, 'dark'],
]) {
  test(`every view at ${width} px, ${scheme}`, async () => {
    // So that there is something to show.
    await ask({ type: 'update', $id: 'card_4', increment: { turn: 1 } });
    await fetch(`${emulator.url}/stores/sample/checkpoint`, { method: 'POST' });
    const other = await open({ width, height: 800 }, scheme);
    for (const view of VIEWS) {
      await other.goto(`${emulator.url}/#/${view}`);
      const name = view.split('/')[1] ?? 'stores';
      await other.locator(WHOLE[name]).first().waitFor();
      await see(`${name}-${width}-${scheme}`, other);
      const wide = await other.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
    }
    await other.context().close();
  });
}

test('nothing went wrong in the page unasked', () => assert.deepEqual(problems, []));
