import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emulator } from '../../inspector/test/browser.mjs';
import { Server, Sink } from '../../js-glue/test/harness.mjs';
import { connect, type Platform } from '../src/index.ts';
import { hostPlatform } from '../src/platform.ts';
import { randomOf } from './fake.ts';
import { type Phase, WeatherProxy } from './proxy.ts';
import weather from './weather.json' with { type: 'json' };

type Types = { Card: { points: number } };

const NAMESPACE = 'weather';

interface Target {
  port: number;
  /** SIGKILL, and another process over the same data. */
  restart(): Promise<void>;
  /** The object leaves the memory as in hibernation, and its sockets stay. */
  evict(): Promise<void>;
  stop(): Promise<void>;
}

const TARGETS: Record<string, () => Promise<Target>> = {
  async emulator() {
    const vars = Object.entries(weather.vars).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const emulator = await new Emulator(['--faults', ...vars]).start();
    return {
      get port() {
        return emulator.port;
      },
      async restart() {
        emulator.process?.kill('SIGKILL');
        await emulator.exited;
        await emulator.start();
      },
      async evict() {
        const body = JSON.stringify({ evict: NAMESPACE });
        const evicted = await fetch(`${emulator.url}/faults`, { method: 'PUT', body });
        assert.equal(evicted.status, 200);
      },
      stop: () => emulator.stop(),
    };
  },
  async workerd() {
    const sink = await new Sink().start();
    const config = 'js-glue/test/chaos.toml';
    const server = await new Server(sink, { config, vars: weather.vars }).start();
    return {
      get port() {
        return Number(server.port);
      },
      async restart() {
        await server.kill('SIGKILL');
        await server.start();
      },
      async evict() {
        const evicted = await server.fetch(`/chaos/${NAMESPACE}/evict`, { method: 'POST' });
        assert.equal(await evicted.text(), 'ended');
      },
      async stop() {
        await server.stop();
        sink.stop();
      },
    };
  },
};

/** The clients' time runs faster than the network's, so that their pauses do not make the test long. */
const hurried: Platform = {
  ...hostPlatform,
  now: () => Date.now() * weather.clientSpeed,
  after: (ms, run) => hostPlatform.after(ms / weather.clientSpeed, run),
};

for (const [name, start] of Object.entries(TARGETS)) {
  test(`${weather.writes} writes in bad weather are each carried out once, in order (${name})`, async () => {
    const target = await start();
    const proxy = new WeatherProxy(() => target.port, randomOf(5));
    const url = `ws://127.0.0.1:${await proxy.listen()}/stores/${NAMESPACE}`;
    const options = { url, heartbeatMs: weather.heartbeatMs, platform: hurried };
    const writer = connect<Types>(options);
    const reader = connect<Types>(options);
    const live = reader.live({ $type: 'Card' });
    const writes: Promise<unknown>[] = [];
    try {
      for (const phase of weather.phases) {
        if (phase.kill) {
          await target.restart();
          continue;
        }
        if (phase.evict) {
          await target.evict();
          continue;
        }
        proxy.phase = phase as Phase;
        for (let burst = 0; burst < (phase.bursts ?? 0); burst++) {
          for (let i = 0; i < weather.burst; i++) {
            const write = writer.put('Card', `c${writes.length % weather.things}`, { points: writes.length });
            // A test that fails elsewhere says why.
            write.catch(() => {});
            writes.push(write);
          }
          await writes[Math.max(0, writes.length - 3 * weather.burst)];
        }
      }
      await Promise.all(writes);
      assert.equal(writes.length, weather.writes);
      const cards = await writer.read(Array.from({ length: weather.things }, (_, i) => `c${i}`));
      for (let i = 0; i < weather.things; i++) {
        const card = cards.get(`c${i}`);
        assert.equal(card?.$version, weather.writes / weather.things, `c${i}: as many versions as writes`);
        assert.equal(card?.points, weather.writes - weather.things + i, `c${i}: the last write is the last`);
      }
      await writer.put('Card', 'last', { points: 0 });
      await new Promise<void>((resolve) => {
        const whole = () => live.state === 'changes' && live.things.has('last');
        if (whole()) resolve();
        else live.subscribe(() => whole() && resolve());
      });
      cards.set('last', (await writer.get('last')) as never);
      assert.deepEqual([...live.things].sort(), [...cards].sort());
    } finally {
      writer.close();
      reader.close();
      proxy.close();
      await target.stop();
    }
  });
}
