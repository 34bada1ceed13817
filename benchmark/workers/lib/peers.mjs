// The libraries that people would pick for an object's storage, each an object written the way its own
// documentation says, beside the store in the same run.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../worker/scripts/paths.mjs';
import { NAMESPACE, ask, checkpointed, coldStart, fill, load, memory, rowsWritten } from './measures.mjs';
import { baseline, worker } from './servers.mjs';

/** The size of a thing that is larger than the batches which fill an object. */
const LARGE = 100_000;

/** How long to fill an object up to a size before it counts as too slow. */
const FILL_SECONDS = 15;

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} [durability] of the store
 * @property {string} [file] of another object
 * @property {string} [package] of a library that is not the platform's
 * @property {string} [gives]
 * @property {string} [lacks]
 * @property {number} things how many it holds for memory and cold starts
 * @property {number} mix how many the mix is over
 * @property {number[]} sizes how many are there when its creates are measured
 * @property {Record<string, unknown>} generator options of the load
 */

/** What an object that takes any load is measured with. */
const MANY = { things: 100_000, mix: 10_000, sizes: [0, 10_000, 100_000], generator: {} };

/** What an object is measured with that gets slower with each thing: fewer things, fewer requests in flight. */
const FEW = {
  things: 5_000,
  mix: 1_000,
  sizes: [0, 1_000, 2_000, 4_000, 8_000, 10_000],
  generator: { outstanding: 8 },
};

/**
 * What stands beside the libraries: the store twice, and a row a write by hand.
 *
 * @type {Contender[]}
 */
const BESIDE = [
  { name: 'worker (js)', durability: 'pipeline', ...MANY },
  { name: 'worker (js), local', durability: 'local', ...MANY },
  { name: 'naive', file: 'naive', ...MANY },
];

/**
 * The libraries: the package and the file that uses it, and what each gives that the store does not and what
 * the store gives that it does not, beside what all of them lack: see the page.
 *
 * @type {Contender[]}
 */
export const LIBRARIES = [
  {
    name: 'agents, this.sql',
    package: 'agents',
    file: 'peers/agents-sql',
    gives:
      'SQL over tables of your own, React hooks, callable methods, schedules, queues, workflows, mail, MCP',
    lacks: 'versions of things, and refusals of conflicts; a format of messages',
    ...MANY,
  },
  {
    name: 'agents, setState',
    package: 'agents',
    file: 'peers/agents-state',
    gives: 'the same, and one state that every client has, with a React hook, without a protocol of yours',
    lacks: 'more than one row of things; a change that costs the same however many there are',
    ...FEW,
  },
  {
    name: 'partyserver',
    package: 'partyserver',
    file: 'peers/partyserver',
    gives:
      'SQL over tables of your own, rooms, broadcasts, a life cycle of connections, React hooks (partysocket)',
    lacks: 'any storage of its own; a format of messages',
    ...MANY,
  },
  {
    name: 'actors, Storage',
    package: '@cloudflare/actors',
    file: 'peers/actors-storage',
    gives: 'SQL over tables of your own, migrations of them, several alarms, retries, lists of objects',
    lacks: 'a release that is no beta; versions of things; a format of messages',
    ...MANY,
  },
  {
    name: 'storage.kv',
    file: 'peers/storage-kv',
    gives: 'nothing to install; dates, maps and bytes as values',
    lacks: 'queries, versions of things; a format of messages',
    ...MANY,
  },
  {
    name: 'TinyBase',
    package: 'tinybase',
    file: 'peers/tinybase',
    gives: 'clients that go on offline and merge afterwards, bindings for React, Solid and Svelte, undo',
    lacks: 'a change that costs the same however many things there are; a refusal of what is not saved',
    ...FEW,
  },
];

/** All contenders, the store first: how to start each, and what it is measured with. */
function contenders(scratch, url, only) {
  return [...BESIDE, ...LIBRARIES]
    .filter(({ name }) => !only || only.includes(name))
    .map((one) => ({
      ...one,
      /**
       * @param {number} port
       * @param {{ inspector?: number, counted?: boolean }} [how]
       */
      make: (port, { inspector, counted } = {}) =>
        one.durability
          ? worker(one.name, port, 'js', one.durability, scratch, url, inspector)
          : baseline(one.name, port, scratch, url, inspector, { file: one.file, counted }),
    }));
}

/** Measures all of it; calls back with every figure, and with a section's name when it has been measured. */
export async function measurePeers(generator, scratch, url, options, add, done) {
  for (const { name, package: library } of LIBRARIES) {
    add('peer', { contender: name, library, version: versionOf(library) });
  }
  await measureLoad(generator, contenders(join(scratch, 'load'), url, options.only), options, add);
  done('peer-load');
  for (const one of contenders(join(scratch, 'growth'), url, options.only)) {
    await measureGrowth(generator, one, options, (line) => add('growth', { contender: one.name, ...line }));
  }
  done('growth');
  await measureStarts(generator, contenders(join(scratch, 'starts'), url, options.only), options, add);
  done('peer-memory');
  done('peer-cold-start');
}

/** The version of a library that is installed; of the platform's own, of what runs it here. */
function versionOf(library) {
  const folder = library ? ['benchmark', 'node_modules', library] : ['node_modules', 'workerd'];
  const { version } = JSON.parse(readFileSync(join(root, ...folder, 'package.json'), 'utf8'));
  return version;
}

async function measureLoad(generator, measured, { rounds, seconds }, add) {
  const servers = [];
  try {
    for (const [i, { make, mix, generator: more }] of measured.entries()) {
      const server = await make(18_871 + i).start();
      servers.push(server);
      for (const workload of ['create', 'mix']) {
        await load(generator, server, workload, 'warm-up', 1, { ...more, things: mix });
      }
    }
    for (const workload of ['create', 'mix']) {
      for (let round = 0; round < rounds; round++) {
        for (const [i, { name, mix, generator: more }] of measured.entries()) {
          const line = await load(generator, servers[i], workload, round, seconds, { ...more, things: mix });
          add('peer-load', { contender: name, things: mix, ...line });
        }
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** How fast creates are, and how many rows they take, with so many things there; and where it ends. */
async function measureGrowth(generator, one, { seconds }, add) {
  const server = one.make(18_891, { counted: true });
  let things = 0;
  try {
    await server.start();
    // Its tables are made once, and are no cost of a thing.
    await ask(server, { type: 'read', id: 'woken', $ids: ['absent'] });
    for (const size of one.sizes) {
      if (size > things) {
        const filled = await fill(generator, server, size - things, FILL_SECONDS);
        things += filled.operations;
        if (Object.keys(filled.errors).length > 0) {
          add({ size, things, end: await problemOf(server) });
          return;
        }
        if (things < size) {
          add({ size, things, end: 'too slow' });
          return;
        }
      }
      const before = await rowsWritten(server);
      const options = { ...one.generator, namespace: NAMESPACE };
      const line = await load(generator, server, 'create', `${size}`, Math.min(seconds, 1), options);
      things += line.operations;
      const rows = (await rowsWritten(server)) - before;
      add({ size, ...line, things, rows, rowsPerThousand: (rows * 1000) / line.operations });
    }
  } finally {
    await server.stop();
  }
}

/** Makes a thing and changes it, so that a start can be asked for it: an object that keeps nothing is no peer. */
async function changesOneThing(server) {
  const data = { $id: 'checked', reading: 1, note: 'kept' };
  await ask(server, { type: 'create', id: 'made', $type: 'Sensor', data });
  await ask(server, { type: 'update', id: 'changed', $id: 'checked', data: { reading: 2 } });
  await hasTheThing(server);
}

async function hasTheThing(server) {
  const reply = await ask(server, { type: 'read', id: 'checked', $ids: ['checked'] });
  const { $type, $version, reading, note } = reply.things?.checked ?? {};
  const found = JSON.stringify({ $type, $version, reading, note });
  if (found !== '{"$type":"Sensor","$version":2,"reading":2,"note":"kept"}') {
    throw new Error(`${server.name} does not have the thing that it was given: ${JSON.stringify(reply)}`);
  }
}

/** What an object says that takes no more. */
async function problemOf(server) {
  const data = { note: 'x'.repeat(LARGE) };
  const reply = await ask(server, { type: 'create', id: 'last', $type: 'Sensor', data });
  return reply.error ?? 'it refused a batch, and takes what is larger';
}

/** Memory of each after its things, and cold starts over the folders that this leaves. */
async function measureStarts(generator, measured, { restarts }, add) {
  for (const { name, make, things } of measured) {
    const server = make(18_901, { inspector: 18_902 });
    try {
      await server.start();
      // A store has taken its checkpoint by then; the others write as they go.
      const settleMs = name.startsWith('worker') ? 7_000 : 1_000;
      const line = await memory(generator, server, 18_902, things, settleMs);
      await changesOneThing(server);
      add('peer-memory', { contender: name, ...line });
      await checkpointed(server);
    } finally {
      await server.stop();
    }
  }
  const servers = [];
  try {
    for (const [i, { make }] of measured.entries()) servers.push(await make(18_911 + i).start());
    for (const server of servers) await hasTheThing(server);
    for (let round = 0; round < restarts; round++) {
      for (const [i, { name, things }] of measured.entries()) {
        add('peer-cold-start', { contender: name, round, ...(await coldStart(servers[i], things)) });
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}
