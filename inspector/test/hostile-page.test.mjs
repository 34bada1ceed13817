import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Emulator, launch } from './browser.mjs';

// Pages that their visitor did not mean to let at the stores of the own machine, in a real browser. What they try is also
// tried where it is allowed, so that an attempt that could never work counts for nothing.

/** What the page tries, each with what it is told of it; run in the page. */
const ATTEMPTS = {
  async read(base) {
    const answer = await fetch(`${base}/stores/victim/things/canary`);
    return `${answer.status} ${await answer.text()}`;
  },
  async write(base, put) {
    const answer = await fetch(`${base}/stores/victim/requests`, { method: 'POST', body: put('fetch') });
    return `${answer.status} ${await answer.text()}`;
  },
  async writeAsJson(base, put) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${base}/stores/victim/requests`, {
      method: 'POST',
      headers,
      body: put('json'),
    });
    return `${answer.status} ${await answer.text()}`;
  },
  /** Without being told what comes of it. */
  async writeBlindly(base, put) {
    await fetch(`${base}/stores/victim/requests`, { method: 'POST', mode: 'no-cors', body: put('blind') });
    return 'sent';
  },
  /** It goes by itself, and says nothing when it has come. */
  async beacon(base, put) {
    const sent = navigator.sendBeacon(`${base}/stores/victim/requests`, put('beacon'));
    return sent ? 'sent' : 'not taken';
  },
  async form(base, put) {
    const [before, behind] = put('form').split('=');
    const frame = Object.assign(document.createElement('iframe'), { name: 'answer' });
    const form = Object.assign(document.createElement('form'), {
      action: `${base}/stores/victim/requests`,
      method: 'post',
      enctype: 'text/plain',
      target: 'answer',
    });
    form.append(Object.assign(document.createElement('input'), { name: before, value: behind }));
    document.body.append(frame, form);
    const answered = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    form.submit();
    await answered;
    return 'sent';
  },
  socket(base, put) {
    const url = new URL('/stores/victim', base || location.origin);
    url.protocol = 'ws:';
    const socket = new WebSocket(url);
    return new Promise((resolve) => {
      socket.onopen = () => socket.send(put('socket'));
      socket.onmessage = ({ data }) => resolve(`told ${data}`);
      socket.onclose = ({ code }) => resolve(`closed ${code}`);
    });
  },
  /** An element says no more than whether what it loaded was of its kind: it makes the server work all the same. */
  async elements(base) {
    for (const [name, at] of [
      ['img', 'src'],
      ['script', 'src'],
      ['link', 'href'],
      ['iframe', 'src'],
    ]) {
      const element = document.createElement(name);
      const over = new Promise((resolve) => {
        element.onload = element.onerror = resolve;
      });
      element.rel = 'stylesheet';
      element[at] = `${base}/stores/of-an-element-${name}/stats`;
      document.body.append(element);
      await over;
    }
    return 'sent';
  },
  async faults(base) {
    const answer = await fetch(`${base}/faults`, { method: 'PUT', body: '{"pipeline":{"mode":"reject"}}' });
    return `${answer.status}`;
  },
  async remove(base) {
    const answer = await fetch(`${base}/stores/victim`, { method: 'DELETE' });
    return `${answer.status}`;
  },
};

/** All but what would leave nothing to look at; no origin is allowed to ask for a PUT. */
const HARMLESS = Object.keys(ATTEMPTS).filter((name) => !['faults', 'remove'].includes(name));

let browser;
let guarded;
let open;
let site;

before(async () => {
  site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>hostile</title><body>');
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  [guarded, open, browser] = await Promise.all([
    new Emulator(['--faults']).start(),
    new Emulator(['--faults', '--set', 'ALLOWED_ORIGINS=*']).start(),
    launch(['--host-resolver-rules=MAP evil.test 127.0.0.1, MAP inside 127.0.0.1']),
  ]);
  for (const emulator of [guarded, open]) {
    emulator.log = '';
    emulator.process.stderr.on('data', (text) => {
      emulator.log += text;
    });
    const { url } = emulator;
    const put = { type: 'put', $type: 'Card', $id: 'canary', data: { by: 'owner' } };
    await fetch(`${url}/stores/victim/requests`, { method: 'POST', body: JSON.stringify(put) });
  }
});

after(async () => {
  await browser?.close();
  await guarded?.stop();
  await open?.stop();
  site?.close();
});

/** What a page is told by its attempts. */
async function attempt(page, base, names) {
  const told = {};
  for (const name of names) {
    told[name] = await page.evaluate(
      async ([of, at, which]) => {
        const put = (by) =>
          JSON.stringify({ type: 'put', $type: 'Card', $id: by, data: { by: 'page=' }, id: 1 });
        const all = new Function(`return {${of}}`)();
        try {
          return await all[which](at, put);
        } catch (error) {
          return `${error.name}: ${error.message}`;
        }
      },
      [
        Object.values(ATTEMPTS)
          .map((attempted) => attempted.toString())
          .join(',\n'),
        base,
        name,
      ],
    );
  }
  return told;
}

/** What there is in an emulator, as its owner sees it. */
async function held({ url }) {
  const ask = async (path, init) => (await fetch(url + path, init)).json();
  const body = JSON.stringify({ type: 'query', $type: 'Card' });
  const { things } = await ask('/stores/victim/requests', { method: 'POST', body });
  return {
    things: things.map(({ $id, by }) => `${$id} by ${by}`).sort(),
    faults: (await ask('/faults', { method: 'PUT', body: '{}' })).pipeline.mode,
  };
}

const UNTOUCHED = { things: ['canary by owner'], faults: 'ok' };
const WRITTEN = ['beacon', 'blind', 'fetch', 'form', 'json', 'socket'].map((by) => `${by} by page=`);
/** Told by an answer that a page may read. */
const LET_IN = {
  read: /^200 .*"by":"owner"/,
  write: /^200 .*"ack"/,
  writeAsJson: /^200 .*"ack"/,
  writeBlindly: /^sent$/,
  beacon: /^sent$/,
  form: /^sent$/,
  socket: /^told .*"ack"/,
  elements: /^sent$/,
};

/** The stores that the emulator says it has started. */
const started = ({ log }) => [
  ...new Set([...log.matchAll(/\[(\S+)\] info: .* started from/g)].map(([, ns]) => ns)),
];

async function until(condition, problem) {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, problem);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function assertTold(told, expected) {
  assert.deepEqual(Object.keys(told), Object.keys(expected));
  for (const [name, text] of Object.entries(told)) assert.match(text, expected[name], name);
}

test('a page of another origin changes nothing and reads nothing', async () => {
  const page = await browser.newPage();
  await page.goto(`http://evil.test:${site.address().port}/`);
  const told = await attempt(page, guarded.url, Object.keys(ATTEMPTS));
  const unread = /^TypeError: Failed to fetch$/;
  assertTold(told, {
    ...LET_IN,
    read: unread,
    write: unread,
    writeAsJson: unread,
    socket: /^closed 1006$/,
    faults: unread,
    remove: unread,
  });
  assert.deepEqual(await held(guarded), UNTOUCHED);
  assert.deepEqual(started(guarded), ['victim']);
  await page.close();
});

test('a page whose name was pointed at this machine changes nothing and reads nothing', async () => {
  const page = await browser.newPage();
  // What is refused is a document of that origin too, and what runs in it asks its own origin.
  const document = await page.goto(`http://evil.test:${guarded.port}/`);
  assert.equal(document.status(), 403);
  const told = await attempt(page, '', Object.keys(ATTEMPTS));
  const refused = /^403 .*expected a host of this machine/;
  assertTold(told, {
    ...LET_IN,
    read: refused,
    write: refused,
    writeAsJson: refused,
    socket: /^closed 1006$/,
    faults: /^403$/,
    remove: /^403$/,
  });
  assert.deepEqual(await held(guarded), UNTOUCHED);
  assert.deepEqual(started(guarded), ['victim']);
  await page.close();
});

for (const [where, url] of [
  ['of an origin that is allowed', () => `http://evil.test:${site.address().port}/`],
  ['under a name of this machine', () => `http://inside:${open.port}/health`],
]) {
  test(`the same attempts ${where} work`, async () => {
    const page = await browser.newPage();
    await page.goto(url());
    const base = where.startsWith('of') ? open.url : '';
    assertTold(await attempt(page, base, HARMLESS), LET_IN);
    await until(async () => (await held(open)).things.length > WRITTEN.length, 'a beacon never comes');
    assert.deepEqual((await held(open)).things, [...WRITTEN, 'canary by owner'].sort());
    await until(() => started(open).length === 5, 'an element wakes no store');
    for (const by of WRITTEN) {
      const $id = by.split(' ')[0];
      const body = JSON.stringify({ type: 'delete', $id });
      await fetch(`${open.url}/stores/victim/requests`, { method: 'POST', body });
    }
    await page.close();
  });
}
