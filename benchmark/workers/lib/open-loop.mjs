// Fixed rates over an object that holds 100,000 things: how long somebody waits who comes at his own time,
// and not when the last one has been answered.

import { join } from 'node:path';
import { load } from './measures.mjs';
import { baseline, worker } from './servers.mjs';

const THINGS = 100_000;
const NAMESPACE = 'open-loop';

/** What is sent, and how many of it a second. */
export const RATES = [
  { workload: 'create', rate: 2_500 },
  { workload: 'create', rate: 5_000 },
  { workload: 'create', rate: 15_000 },
  { workload: 'mix', rate: 5_000 },
];

/** How long after the last request's time a server that keeps up may still owe replies. */
const OWED_SECONDS = 1;

/** Whether a server kept up with the rate. */
export const isHeld = ({ rate, seconds, operations, unsent, errors }) =>
  unsent === 0 && Object.keys(errors).length === 0 && seconds - operations / rate <= OWED_SECONDS;

function contenders(scratch, url, only) {
  const hand = (name) => ({ name, make: (port) => baseline(name, port, scratch, url, undefined) });
  const store = (name, durability) => ({
    name,
    make: (port) => worker(name, port, 'js', durability, scratch, url),
  });
  return [
    hand('echo'),
    hand('memory-wal'),
    store('worker (js)', 'pipeline'),
    store('worker (js), local', 'local'),
    hand('naive-batched'),
    hand('naive'),
  ].filter(({ name }) => !only || only.includes(name));
}

/**
 * Measures each contender at each rate, rounds interleaved; calls back with every figure.
 *
 * One that did not keep up with a rate is not asked for it again, nor for a higher one: what it owes it would
 * owe to the end of the run, on the processors that the others are measured on.
 */
export async function measureOpenLoop(generator, scratch, url, { rounds, seconds, only }, add) {
  const servers = [];
  /** @type {Map<string, number>} */
  const lost = new Map();
  try {
    for (const [i, { make }] of contenders(join(scratch, 'open-loop'), url, only).entries()) {
      const server = await make(18_921 + i).start();
      servers.push(server);
      // Makes the things, and warms both ways.
      const options = { namespace: NAMESPACE, things: THINGS };
      await load(generator, server, 'mix', 'warm-up', 1, options);
      await load(generator, server, 'create', 'warm', 1, { namespace: NAMESPACE, rate: 1_000 });
    }
    for (const { workload, rate } of RATES) {
      for (let round = 0; round < rounds; round++) {
        for (const server of servers) {
          if (rate >= (lost.get(server.name) ?? Number.POSITIVE_INFINITY)) continue;
          const options = { namespace: NAMESPACE, things: THINGS, rate };
          const line = await load(generator, server, workload, round, seconds, options);
          add('open-loop', { contender: server.name, ...line });
          if (!isHeld(line)) lost.set(server.name, Math.min(rate, lost.get(server.name) ?? rate));
        }
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}
