// Takes the documents' pictures of the page anew, of a store that sensors write to: node inspector/pictures.mjs
import { fileURLToPath } from 'node:url';
import { Emulator, launch } from './test/browser.mjs';

const FOLDER = fileURLToPath(new URL('../docs/img', import.meta.url));
const PLACES = ['boiler', 'hall', 'roof', 'cellar', 'yard'];
const SENSORS = 24;
const EVERY_MS = 100;
/** The longest a chart is waited for that has something to show. */
const WATCHED_MS = 25_000;

const emulator = await new Emulator().start();
const browser = await launch();
let turn = 0;
/** Of so many sensors one reports at a time. */
let among = 1;

async function report() {
  turn += 1;
  const numbers = Array.from({ length: SENSORS }, (_, i) => i);
  const reports = numbers
    .filter((i) => (i * 5 + turn) % among === 0)
    .map((i) => ({
      type: 'put',
      $type: 'Sensor',
      $id: `sensor-${String(i + 1).padStart(2, '0')}`,
      data: {
        place: PLACES[i % PLACES.length],
        celsius: Math.round(10 * (18 + i / 2 + 3 * Math.sin(turn / 40 + i))) / 10,
        battery: 100 - (i % 7) * 6,
        reports: turn,
      },
    }));
  await fetch(`${emulator.url}/stores/greenhouse/requests`, {
    method: 'POST',
    body: JSON.stringify(reports),
  });
}

async function picture(name, view, colorScheme, height, ready) {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height },
    colorScheme,
    // What flashes has its colour at once.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${emulator.url}/#/greenhouse/${view}`);
  await ready(page);
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
  await context.close();
}

await report();
among = 8;
const reporting = setInterval(() => report().catch(() => {}), EVERY_MS);
try {
  await picture('inspector-things', 'things/Sensor', 'light', 700, async (page) => {
    await page.getByLabel('Filter').fill('{"celsius":{"$gte":20}}');
    await page.getByRole('link', { name: 'sensor-01' }).waitFor({ state: 'detached' });
    await page.locator('tr.flash').first().waitFor();
  });
  among = 1;
  await picture('inspector-cost', 'cost', 'dark', 928, (page) =>
    page.locator('.timeline li').nth(2).waitFor({ timeout: WATCHED_MS }),
  );
} finally {
  clearInterval(reporting);
  await browser.close();
  await emulator.stop();
}
