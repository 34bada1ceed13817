// The tables and the picture of the libraries beside the store.

import { barChart } from './chart.mjs';
import { heading, runOf, table } from './documents.mjs';
import { byContender, count, fixed, middle, ratio, spread } from './figures.mjs';
import { LIBRARIES } from './peers.mjs';

const STORE = 'worker (js)';

/** What a row of the tables is called. */
const titles = {
  'worker (js)': '**this store**, `pipeline`',
  'worker (js), local': '**this store**, `local`',
  naive: 'a row a write, by hand',
};

const titleOf = (name) => titles[name] ?? name;

/** What has been measured of the libraries, as text for a terminal. */
export function printPeers(lines, what) {
  if (what === 'peer-load') {
    for (const workload of ['create', 'mix']) {
      console.log(`\npeers, ${workload}`);
      const measured = byContender(lines, what, workload);
      for (const [name, rounds] of measured) {
        const cells = [
          `${count(middle(rounds, 'opsPerSecond')).padStart(8)}/s`,
          `× ${fixed(ratio(rounds, measured.get(STORE), 'opsPerSecond'), 3)}`,
          `${fixed(middle(rounds, 'serverCpuUs'), 1).padStart(9)} µs`,
          errorsOf(rounds),
        ];
        console.log(name.padEnd(20) + cells.join('  '));
      }
    }
  } else if (what === 'growth') {
    console.log('\npeers, creates a second and rows a thousand of them, by how many things are there');
    for (const [name, sizes] of byContender(lines, what)) {
      const cells = sizes.map((one) => `${count(one.size)}: ${growthCell(one)}`);
      console.log(name.padEnd(20) + cells.join('   '));
    }
  } else {
    const [title, field, unit] =
      what === 'peer-memory' ? ['memory', 'heapMb', 'MB heap'] : ['cold start', 'firstReplyMs', 'ms'];
    console.log(`\npeers, ${title}`);
    for (const [name, measured] of byContender(lines, what)) {
      console.log(
        `${name.padEnd(20)}${fixed(middle(measured, field), 1)} ${unit}, ${count(measured[0].things)} things`,
      );
    }
  }
}

const errorsOf = (rounds) =>
  rounds
    .flatMap(({ errors }) => Object.entries(errors))
    .map(([code, times]) => `${times} × ${code}`)
    .join(', ');

const growthCell = ({ end, things, opsPerSecond, rowsPerThousand }) =>
  end ? `ends at ${count(things)}: ${end}` : `${count(opsPerSecond)} (${rowsText(rowsPerThousand)})`;

const rowsText = (rows) => (rows >= 100 ? count(rows) : fixed(rows, 1));

/** What an object did with no things in it, and where it ended, if it did. */
function growthOf(lines, name) {
  const sizes = byContender(lines, 'growth').get(name) ?? [];
  return { first: sizes.find(({ size }) => size === 0), end: sizes.find(({ end }) => end), sizes };
}

/** The rows that creates take: with nothing there, and with the most that was measured where that differs. */
function rowsCell(lines, name) {
  const { sizes } = growthOf(lines, name);
  const measured = sizes.filter(({ rowsPerThousand }) => rowsPerThousand !== undefined);
  if (measured.length === 0) return '–';
  const [least, most] = spread(measured.map(({ rowsPerThousand }) => rowsPerThousand));
  const same = Math.abs(most - least) < Math.max(1, least * 0.1);
  return same ? rowsText(most) : `${rowsText(least)} to ${rowsText(most)}`;
}

/** docs/benchmarks.md's part. */
export function peersPage(lines, file) {
  const loads = {
    create: byContender(lines, 'peer-load', 'create'),
    mix: byContender(lines, 'peer-load', 'mix'),
  };
  const memory = byContender(lines, 'peer-memory');
  const cold = byContender(lines, 'peer-cold-start');
  const versions = byContender(lines, 'peer');
  const names = [...loads.create.keys()];
  const beside = (workload, name) => {
    const rounds = loads[workload].get(name);
    const speed = count(middle(rounds, 'opsPerSecond'));
    return `${speed} (${fixed(ratio(rounds, loads[workload].get(STORE), 'opsPerSecond'), 3)})`;
  };
  const [{ rounds, seconds }] = lines;
  return `
${heading(lines, file, rounds, seconds)}

Operations a second: the median, and in brackets the median of the ratios to this store in \`pipeline\` within each round. The mix is half updates, half reads, over
so many things. CPU is all of the server's process. Of memory: heap after a collection, less what it was before the first thing.

${table(
  [
    '',
    'creates/s',
    'µs of CPU',
    'mix/s',
    'over',
    'rows for 1,000 creates',
    'with so many things',
    'heap, MB',
    'first reply, ms',
  ],
  names.map((name) => [
    titleOf(name),
    beside('create', name),
    fixed(middle(loads.create.get(name), 'serverCpuUs'), 0),
    beside('mix', name),
    count(middle(loads.mix.get(name), 'things')),
    rowsCell(lines, name),
    count(middle(memory.get(name), 'things')),
    fixed(middle(memory.get(name), 'heapMb'), 1),
    fixed(middle(cold.get(name), 'firstReplyMs'), 1),
  ]),
)}

Creates a second with so many things there, and in brackets the rows that a thousand of them took, in one run each:

${growthTable(lines)}

What each gives, in the version that was measured:

${table(
  [
    '',
    'version',
    'gives, and this store does not',
    'this store gives, and it does not, beside what is said above',
  ],
  LIBRARIES.filter(({ name }) => names.includes(name)).map((one) => {
    const [{ library, version }] = versions.get(one.name);
    return [one.name, library ? version : `workerd ${version}`, one.gives, one.lacks];
  }),
  [0, 1, 2, 3],
)}
`;
}

function growthTable(lines) {
  const measured = byContender(lines, 'growth');
  const sizes = [...new Set([...measured.values()].flat().map(({ size }) => size))].sort((a, b) => a - b);
  const rows = [...measured].map(([name, all]) => [
    titleOf(name),
    ...sizes.map((size) => {
      const one = all.find((other) => other.size === size);
      return one ? growthCell(one) : '';
    }),
  ]);
  return table(['', ...sizes.map(count)], rows);
}

/** README.md's part. */
export function peersReadme(lines) {
  const create = byContender(lines, 'peer-load', 'create');
  const mix = byContender(lines, 'peer-load', 'mix');
  const cold = byContender(lines, 'peer-cold-start');
  const memory = byContender(lines, 'peer-memory');
  const rows = [...create.keys()].map((name) => {
    const { end } = growthOf(lines, name);
    return [
      titleOf(name),
      count(middle(create.get(name), 'opsPerSecond')),
      count(middle(mix.get(name), 'opsPerSecond')),
      rowsCell(lines, name),
      `${fixed(middle(cold.get(name), 'firstReplyMs'), 0)} ms, ${count(middle(memory.get(name), 'things'))}`,
      [LIBRARIES.find((one) => one.name === name)?.gives, end && `**ends at ${count(end.things)} things**`]
        .filter(Boolean)
        .join('; '),
    ];
  });
  const written = table(
    [
      '',
      'creates/s',
      'updates and reads/s',
      'rows for 1,000 creates',
      'cold start, things',
      'gives what this store does not',
    ],
    rows,
    [0, 5],
  );
  return `${written}\n\n${runOf(lines)}`;
}

/** The picture. */
export function peersPicture(lines) {
  const create = byContender(lines, 'peer-load', 'create');
  const mix = byContender(lines, 'peer-load', 'mix');
  const bars = (measured) =>
    [...measured].map(([name, rounds]) => bar(name, middle(rounds, 'opsPerSecond'), count));
  const rows = [...create.keys()]
    .map((name) => [name, growthOf(lines, name).first])
    .filter(([, first]) => first)
    .map(([name, first]) => bar(name, first.rowsPerThousand, rowsText));
  const [run] = lines;
  const short = run.short ? ', a short run' : '';
  const note = `make bench, commit ${run.commit}, ${run.at.slice(0, 10)}, ${run.machine}${short}`;
  return barChart('Beside what people use in an object', note, [
    { name: 'creates a second: longer is better', bars: bars(create) },
    { name: 'updates and reads a second: longer is better', bars: bars(mix) },
    { name: 'SQLite rows written for 1,000 creates: shorter is better', bars: rows },
  ]);
}

const bar = (name, value, text) => ({
  name: titleOf(name).replace(/[*`]/g, ''),
  value,
  label: text(value),
  ours: name.startsWith('worker'),
});
