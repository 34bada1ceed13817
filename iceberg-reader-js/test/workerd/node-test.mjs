/** As much of `node:test` as the reader's tests use, for a runtime that has none. */
const root = suite('');
let current = root;

function suite(name, parent = null) {
  return { name, parent, tests: [], before: [], after: [] };
}

export function describe(name, body) {
  current = suite(name, current);
  body();
  current = current.parent;
}

export function it(name, body) {
  current.tests.push({ name: `${current.name}: ${name}`, body, of: current });
  if (current !== root) root.tests.push(current.tests.at(-1));
}

export const beforeEach = (hook) => current.before.push(hook);
export const afterEach = (hook) => current.after.push(hook);

/** Runs everything; what failed, with why. */
export async function runAll() {
  const failures = [];
  for (const { name, body, of } of root.tests) {
    const suites = [];
    for (let one = of; one; one = one.parent) suites.unshift(one);
    try {
      for (const each of suites) for (const hook of each.before) await hook();
      await body();
    } catch (e) {
      failures.push(`${name}: ${e.stack}`);
    }
    for (const each of suites.reverse()) for (const hook of each.after) await hook();
  }
  return { ran: root.tests.length, failures };
}

const originals = [];
const realTimeout = globalThis.setTimeout;
let due = [];

export const mock = {
  method(object, name, replacement) {
    const original = object[name];
    originals.push(() => {
      object[name] = original;
    });
    object[name] = replacement;
  },
  restoreAll() {
    while (originals.length) originals.pop()();
  },
  timers: {
    enable() {
      globalThis.setTimeout = (run, ms, ...rest) => due.push({ run: () => run(...rest), ms });
    },
    tick() {
      const now = due;
      due = [];
      for (const { run } of now) run();
    },
    reset() {
      globalThis.setTimeout = realTimeout;
      due = [];
    },
  },
};
