// Holds docs/dependencies.md against what Maven and npm resolve: every runtime dependency of every artifact has a row with its
// licence and size, and no row is left of one that has gone. After "mvn verify", which writes the lists:
//   node docs/dependencies.mjs           says what is wrong, and fails
//   node docs/dependencies.mjs --write   writes the rows anew; what a dependency is for is kept, and asked for where it is new

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(ROOT, 'docs', 'dependencies.md');
const OWN = 'dev.unifiedstorage';
const UNKNOWN = '?';

function mavenModules() {
  const pom = readFileSync(join(ROOT, 'pom.xml'), 'utf8');
  return [...pom.matchAll(/<module>([^<]+)<\/module>/g)].map((m) => m[1]);
}

/** What npm builds here, but for the examples, on which nothing depends. */
function npmPackages() {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return workspaces.filter((name) => !name.startsWith('examples/'));
}

/** The lists that Maven wrote, by module. */
function mavenLists() {
  const lists = new Map();
  for (const module of mavenModules()) {
    const file = join(ROOT, module, 'target', 'dependencies.txt');
    if (existsSync(file)) {
      lists.set(module, parsed(readFileSync(file, 'utf8')));
    } else if (existsSync(join(ROOT, module, 'target'))) {
      throw new Error(`${file} is missing: mvn verify writes it`);
    }
  }
  return lists;
}

/** The dependencies in one list of Maven's: name, version and jar. */
function parsed(list) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Maven colours what it writes, also to a file.
  const plain = list.replace(/\u001b\[[0-9;]*m/g, '');
  const found = plain.matchAll(
    /^\s+([^:\s]+):([^:]+):jar:(?:[^:\s]+:)?([^:\s]+):(?:compile|runtime):(\/\S+)/gm,
  );
  return [...found].map(([, group, artifact, version, jar]) => ({
    group,
    artifact,
    version,
    jar,
    name: `${group}:${artifact}`,
  }));
}

/** Every dependency by its name: version, bytes, licence, and the artifacts that have it. */
function resolved() {
  const found = new Map();
  const lists = mavenLists();
  // What the emulator's artifact brings is what junit5 gets by it; the rest is optional, and in the program's jar.
  const thin = new Set(lists.get('junit5').map((dependency) => dependency.name));
  for (const [module, list] of lists) {
    for (const { group, artifact, version, jar, name } of list) {
      if (group !== OWN) {
        const artifactOfIt = module === 'emulator' && !thin.has(name) ? 'program' : module;
        add(found, name, artifactOfIt, {
          version,
          bytes: statSync(jar).size,
          licence: mavenLicence(jar, group, artifact),
        });
      }
    }
  }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const artifact of npmPackages()) {
    for (const folder of npmDependencies(artifact, packages)) {
      const { version, license } = packages[folder];
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      add(found, name, artifact, { version, bytes: bytesOf(join(ROOT, folder)), licence: license });
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The folders of what a package of this project needs when it runs, and of what that needs. */
function npmDependencies(artifact, packages) {
  const folders = new Set();
  const visit = (from) => {
    for (const name of Object.keys(packages[from].dependencies ?? {})) {
      const nested = `${from}/node_modules/${name}`;
      const folder = packages[nested] ? nested : `node_modules/${name}`;
      const own = packages[folder].link ? packages[folder].resolved : null;
      if (own !== null) visit(own);
      else if (!folders.has(folder)) {
        folders.add(folder);
        visit(folder);
      }
    }
  };
  visit(artifact);
  return folders;
}

function add(found, name, module, facts) {
  const known = found.get(name) ?? { ...facts, versions: new Set(), modules: [] };
  known.versions.add(facts.version);
  known.modules.push(module);
  found.set(name, known);
}

function bytesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** The licence that an artifact's pom names, or the nearest of its parents that names one. */
function mavenLicence(jar, group, artifact) {
  const version = dirname(jar).split('/').at(-1);
  const repository = dirname(jar).slice(0, -`/${group.replaceAll('.', '/')}/${artifact}/${version}`.length);
  let pom = join(dirname(jar), `${artifact}-${version}.pom`);
  while (existsSync(pom)) {
    const text = readFileSync(pom, 'utf8').replace(/<!--[\s\S]*?-->/g, '');
    const names = [
      ...(text.match(/<licenses>[\s\S]*?<\/licenses>/)?.[0] ?? '').matchAll(/<name>\s*([^<]+?)\s*<\/name>/g),
    ];
    if (names.length > 0) {
      return names.map((name) => spdx(name[1])).join(' or ');
    }
    const parent = text.match(/<parent>[\s\S]*?<\/parent>/)?.[0];
    const of = (tag) => parent?.match(new RegExp(`<${tag}>\\s*([^<]+?)\\s*</${tag}>`))?.[1];
    if (!parent) {
      break;
    }
    pom = join(
      repository,
      of('groupId').replaceAll('.', '/'),
      of('artifactId'),
      of('version'),
      `${of('artifactId')}-${of('version')}.pom`,
    );
  }
  return UNKNOWN;
}

function spdx(name) {
  const known = [
    [/apache|^asl/i, 'Apache-2.0'],
    [/eclipse public license.*2|EPL[ -]2/i, 'EPL-2.0'],
    [/^(the )?mit( license)?|mit-style/i, 'MIT'],
    [/BSD-2|2-clause/i, 'BSD-2-Clause'],
    [/BSD-3|3-clause|new bsd|BSD License 3/i, 'BSD-3-Clause'],
    [/GPL2 w\/ CPE|classpath/i, 'GPL-2.0 with the Classpath exception'],
  ];
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}

function kilobytes(bytes) {
  return Math.max(1, Math.round(bytes / 1024)).toLocaleString('en-US');
}

/** The rows of the page by their dependency's name; the last column says what it is for. */
function rows(page) {
  const listed = page.slice(
    page.indexOf('<!-- dependencies:begin -->'),
    page.indexOf('<!-- dependencies:end -->'),
  );
  return new Map(
    [...listed.matchAll(/^\| `([^`]+)` \|.*\| ([^|]*) \|$/gm)].map((match) => [
      match[1],
      { row: match[0], purpose: match[2] },
    ]),
  );
}

const page = readFileSync(PAGE, 'utf8');
const known = rows(page);
const wanted = new Map();
for (const [name, { versions, bytes, licence, modules }] of resolved()) {
  const purpose = known.get(name)?.purpose ?? UNKNOWN;
  wanted.set(
    name,
    `| \`${name}\` | ${[...versions].sort().join(', ')} | ${kilobytes(bytes)} | ${licence} | ${modules.join(', ')} | ${purpose} |`,
  );
}

if (process.argv.includes('--write')) {
  const [before, rest] = page.split('<!-- dependencies:begin -->');
  const after = rest.split('<!-- dependencies:end -->')[1];
  const table = [
    '| dependency | version | KB | licence | in | for |',
    '| --- | --- | ---: | --- | --- | --- |',
    ...wanted.values(),
  ].join('\n');
  writeFileSync(PAGE, `${before}<!-- dependencies:begin -->\n${table}\n<!-- dependencies:end -->${after}`);
}

const wrong = [];
const artifacts = page.slice(0, page.indexOf('## Jackson'));
for (const name of [...mavenModules(), ...npmPackages()]) {
  if (!artifacts.includes(`\`${name}\``)) {
    wrong.push(`${name}: expected a line that says what it brings, found none`);
  }
}
for (const [name, row] of wanted) {
  if (row.includes(`| ${UNKNOWN} |`)) {
    wrong.push(`${name}: expected its licence and what it is for, found ${UNKNOWN}`);
  } else if (!process.argv.includes('--write') && known.get(name)?.row !== row) {
    wrong.push(`${name}: expected ${row}\n  found ${known.get(name)?.row ?? 'no row'}`);
  }
}
for (const name of known.keys()) {
  if (!wanted.has(name) && !process.argv.includes('--write')) {
    wrong.push(`${name}: expected no row, for nothing depends on it`);
  }
}
if (wrong.length > 0) {
  process.stderr.write(
    `docs/dependencies.md:\n${wrong.join('\n')}\nnode docs/dependencies.mjs --write writes the rows\n`,
  );
  process.exit(1);
}
