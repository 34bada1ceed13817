// What the README shows: its live query, and the session "By hand".

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Emulator, soon } from '../../js-glue/test/harness.mjs';
import { root } from '../../worker/scripts/paths.mjs';

const README = readFileSync(join(root, 'README.md'), 'utf8');
const LIVE = join(root, 'examples', 'live.mjs');
const AGAIN_MS = 100;

let emulator;

before(async () => {
  emulator = await new Emulator().start();
});

after(() => emulator.stop());

/** A socket that sends a line and gives the next that comes. */
async function wscat(path) {
  const socket = new WebSocket(emulator.url.replace('http', 'ws') + path);
  await soon(new Promise((opened) => socket.addEventListener('open', opened)), 'the socket');
  return (line) => {
    const came = new Promise((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    socket.send(line);
    return soon(came, `the reply to ${line}`);
  };
}

/** What is printed, with … for anything, and any moment for a moment. */
function printed(line) {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('…', '.*').replace(/\d{13}/g, '\\d{13}')}$`);
}

test('the session of the README goes as it is printed', async () => {
  const [, session] = /## By hand.*?```\n(.*?)```/s.exec(README);
  const lines = session.split('\n').filter(Boolean);
  let ask;
  let sent;
  let killed = 0;
  for (const line of lines) {
    const [, sign, text] = /^([$<>]) (.*)$/.exec(line);
    if (sign === '>') sent = text;
    else if (sign === '<') {
      let reply = await ask(sent);
      const isRecovering = () => JSON.parse(reply).code === 'RECOVERING';
      if (text.includes('RECOVERING') && !isRecovering()) continue; // a faster machine
      while (!text.includes('RECOVERING') && isRecovering()) {
        await new Promise((passed) => setTimeout(passed, AGAIN_MS));
        reply = await ask(sent);
      }
      assert.match(reply, printed(text));
    } else if (text.startsWith('npx wscat')) ask = await wscat(new URL(text.split(' ').at(-1)).pathname);
    else if (text.startsWith('kill -9')) {
      emulator.process.kill('SIGKILL');
      await soon(emulator.exited, 'the emulator to end');
      await emulator.start();
      killed++;
    } else assert.fail(`nobody knows ${line}`);
  }
  assert.equal(killed, 1);
});

test('the live query of the README prints what it says there', async () => {
  const program = readFileSync(LIVE, 'utf8');
  const shown = /readme:begin\n(.*?)\n\/\/ readme:end/s.exec(program)[1];
  const rest = README.slice(README.indexOf(shown) + shown.length);
  assert.ok(README.includes(shown), 'the README shows another program');
  const lines = [...rest.split('```')[2].matchAll(/^\[.*\]$/gm)].map(([line]) => line);
  const url = `${emulator.url.replace('http', 'ws')}/stores/readme`;
  const output = execFileSync(process.execPath, [LIVE, url]);
  const told = output.toString().trim().split('\n');
  // Changes that are close together may be told as one.
  const last = (list) => list.at(-1);
  assert.equal(last(told), last(lines));
  for (const line of told) assert.ok(lines.includes(line), `${line} is not in the README`);
});
