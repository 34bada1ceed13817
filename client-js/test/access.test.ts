import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emulator } from '../../inspector/test/browser.mjs';
import { Server, Sink } from '../../js-glue/test/harness.mjs';
import { connect } from '../src/index.ts';

const TOKEN = 'sesame';

const TARGETS: Record<string, () => Promise<{ port: number; stop(): Promise<void> }>> = {
  async emulator() {
    const emulator = await new Emulator(['--set', `ACCESS_TOKEN=${TOKEN}`]).start();
    return { port: emulator.port, stop: () => emulator.stop() };
  },
  async workerd() {
    const sink = await new Sink().start();
    const server = await new Server(sink, { vars: { ACCESS_TOKEN: TOKEN } }).start();
    const stop = async () => {
      await server.stop();
      sink.stop();
    };
    return { port: Number(server.port), stop };
  },
};

for (const [name, start] of Object.entries(TARGETS)) {
  test(`a client with the access token is let in, and one with another is told (${name})`, async () => {
    const target = await start();
    const url = `ws://127.0.0.1:${target.port}/stores/a`;
    const store = connect<{ Card: { points: number } }>({ url, token: TOKEN });
    const refused = connect({ url, token: 'wrong' });
    try {
      assert.equal((await store.create('Card', { points: 1 })).$version, 1);
      await new Promise<void>((resolve) => {
        const told = () => refused.status.error?.code === 'FORBIDDEN' && resolve();
        refused.onStatus(told);
        told();
      });
    } finally {
      store.close();
      refused.close();
      await target.stop();
    }
  });
}
