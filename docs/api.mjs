// Holds docs/api/*.md, the public surface of the npm packages, against their types: what `exports` names, and every type that those
// speak of, without comments. A change of the surface shows in a review; what only moves does not.
//   node docs/api.mjs           says what has changed, and fails
//   node docs/api.mjs --write   writes the reports anew

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = ['js-glue', 'client-js', 'iceberg-reader-js'];

/** What one file of types has: its declarations by name, what it imports, and what it exports. */
class Module {
  /** @type {Map<string, string[]>} Each may be several: overloads, and an interface that is merged. */
  declared = new Map();
  /** @type {Map<string, { from: string, name: string }>} Names of other modules, by the names that they have here. */
  imported = new Map();
  /** @type {Map<string, { from?: string, name: string }>} */
  exported = new Map();
  /** @type {string[]} Modules that are exported whole. */
  whole = [];

  constructor(path) {
    this.path = path;
    for (const statement of statementsOf(readFileSync(path, 'utf8'))) this.#read(statement);
  }

  #read(statement) {
    const [, from] = / from '([^']+)';$/.exec(statement) ?? [];
    if (/^(import|export) (type )?(\{|\*)/.test(statement) || /^import /.test(statement)) {
      this.#names(statement, from);
      return;
    }
    const [, alone] = /^export default (\w+);$/.exec(statement) ?? [];
    if (alone) {
      this.exported.set('default', { name: alone });
      return;
    }
    const pattern =
      /^(export )?(default )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum) (\w+)/;
    const [, exported, byDefault, name] = pattern.exec(statement) ?? [];
    if (!name) throw new Error(`${this.path}: expected a declaration, found ${statement.split('\n')[0]}`);
    this.declared.set(name, [...(this.declared.get(name) ?? []), statement]);
    if (exported) this.exported.set(byDefault ? 'default' : name, { name });
  }

  #names(statement, from) {
    if (/^export (type )?\* from/.test(statement)) {
      this.whole.push(from);
      return;
    }
    const [, list = ''] = /\{([^}]*)\}/.exec(statement) ?? [];
    for (const one of list.split(',').filter((text) => text.trim() !== '')) {
      const [name, as = name] = one
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      if (statement.startsWith('import')) this.imported.set(as, { from, name });
      else this.exported.set(as, { from, name });
    }
  }
}

/** The statements at the top of a file of types, without comments and empty lines. */
function statementsOf(text) {
  // A quote inside of a comment begins no text, and what looks like a comment inside of a text begins no comment.
  const bare = text.replace(/('[^'\n]*'|`[^`]*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm, (_, quoted) => quoted ?? '');
  const lines = bare.split('\n').filter((line) => line.trim() !== '');
  const statements = [];
  let open = [];
  let depth = 0;
  for (const line of lines) {
    open.push(line.trimEnd());
    for (const sign of line.replace(/'[^'\n]*'/g, '')) {
      if ('{(['.includes(sign)) depth++;
      if ('})]'.includes(sign)) depth--;
    }
    const ends = /^(\w+ )*(class|interface|enum) /.test(open[0]) ? '}' : ';';
    if (depth === 0 && line.trimEnd().endsWith(ends)) {
      statements.push(open.join('\n'));
      open = [];
    }
  }
  if (open.length > 0) throw new Error(`expected the end of ${open[0]}`);
  return statements;
}

/** The surface that begins at one entry of a package. */
class Surface {
  /** @type {Map<string, Module>} */
  #modules = new Map();
  /** @type {Map<string, { text: string, isExported: boolean }>} */
  #found = new Map();
  /** @type {Map<string, Set<string>>} Names of other surfaces, by where they are from. */
  #others = new Map();
  /** @type {(path: string, name: string) => string | null} */
  #elsewhere;

  /** @param {(path: string, name: string) => string | null} elsewhere the entry that has a declaration already */
  constructor(path, elsewhere) {
    this.#elsewhere = elsewhere;
    this.path = path;
    for (const [as, { module, name }] of this.#exportsOf(path)) this.#take(module, name, as);
  }

  /** Whether a declaration is exported here. */
  has(path, name) {
    const all = [...this.#exportsOf(this.path).values()];
    return all.some((at) => at.module.path === path && at.name === name);
  }

  #module(path) {
    if (!this.#modules.has(path)) this.#modules.set(path, new Module(path));
    return this.#modules.get(path);
  }

  /** @returns {Map<string, { module: Module, name: string }>} */
  #exportsOf(path) {
    const module = this.#module(path);
    const all = new Map();
    for (const from of module.whole) {
      for (const [as, at] of this.#exportsOf(beside(path, from))) all.set(as, at);
    }
    for (const [as, { from, name }] of module.exported) {
      all.set(as, from ? this.#exportsOf(beside(path, from)).get(name) : this.#origin(module, name));
    }
    return all;
  }

  /** Where a name of a module is declared. */
  #origin(module, name) {
    const at = module.imported.get(name);
    return at ? this.#exportsOf(beside(module.path, at.from)).get(at.name) : { module, name };
  }

  /** @param {string | null} exportedAs null: something here speaks of it */
  #take(module, name, exportedAs, as = name) {
    const entry = this.#elsewhere(module.path, name);
    if (entry) {
      this.#borrow(entry, exportedAs ? `export ${said(name, exportedAs)}` : said(name, as));
      return;
    }
    const key = exportedAs === 'default' ? 'default' : name;
    const known = this.#found.get(key);
    if (known) {
      known.isExported ||= exportedAs !== null;
      return;
    }
    const text = module.declared
      .get(name)
      .join('\n')
      .replace(/^(export )?(default )?(declare )?/gm, '');
    this.#found.set(key, { text, isExported: exportedAs !== null });
    for (const [word] of text.replace(/'[^'\n]*'/g, '').matchAll(/(?<![.\w$#])[A-Za-z_]\w*/g)) {
      const at = module.imported.get(word);
      if (at && !at.from.startsWith('.')) this.#borrow(at.from, said(at.name, word));
      else if (word !== name && (at || module.declared.has(word))) {
        const origin = this.#origin(module, word);
        this.#take(origin.module, origin.name, null, word);
      }
    }
  }

  #borrow(from, name) {
    this.#others.set(from, (this.#others.get(from) ?? new Set()).add(name));
  }

  toString() {
    const lines = [];
    for (const [from, names] of [...this.#others].sort()) {
      const [own, again] = [[...names].filter((name) => !name.startsWith('export ')), [...names]];
      const exported = again.filter((name) => name.startsWith('export ')).map((name) => name.slice(7));
      if (own.length > 0) lines.push(`import { ${own.sort().join(', ')} } from '${from}';`);
      if (exported.length > 0) lines.push(`export { ${exported.sort().join(', ')} } from '${from}';`);
    }
    const declarations = [...this.#found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { text, isExported }]) => {
        const begin = name === 'default' ? 'export default ' : isExported ? 'export ' : '';
        return begin + text;
      });
    return [...(lines.length > 0 ? [lines.join('\n')] : []), ...declarations].join('\n\n');
  }
}

/** A name as an import has it. */
function said(name, as) {
  return name === as ? name : `${name} as ${as}`;
}

function beside(path, from) {
  return resolve(dirname(path), from.replace(/\.[jt]s$/, '.d.ts'));
}

/** The types of the client, which a build makes of its sources. */
function clientTypes(folder) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const project = join(ROOT, 'client-js', 'tsconfig.build.json');
  const args = [tsc, '--project', project, '--emitDeclarationOnly', '--outDir', join(folder, 'dist')];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
}

/** Each entry's name, and the file of its types. */
function entries(made) {
  return PACKAGES.flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    return Object.entries(exports).map(([entry, { types }]) => ({
      name: name + entry.slice(1),
      path: join(folder === 'client-js' ? made : join(ROOT, folder), types),
    }));
  });
}

const made = mkdtempSync(join(tmpdir(), 'unified-storage-api-'));
try {
  clientTypes(made);
  const changed = [];
  /** @type {Map<string, Surface>} */
  const surfaces = new Map();
  for (const { name, path } of entries(made)) {
    const of = name.split('/').slice(0, 2).join('/');
    const main = surfaces.get(of);
    surfaces.set(name, new Surface(path, (file, declared) => (main?.has(file, declared) ? of : null)));
  }
  for (const [name, surface] of surfaces) {
    const file = `${name.replace('@unified-storage/', '').replace('/', '-')}.md`;
    const report = join(ROOT, 'docs', 'api', file);
    const text = `# ${name}\n\nEverything that its types say, without comments; \`make api\` writes it anew.\n\n\`\`\`ts\n${surface}\n\`\`\`\n`;
    let known = '';
    try {
      known = readFileSync(report, 'utf8');
    } catch {
      // A new entry.
    }
    if (process.argv.includes('--write')) writeFileSync(report, text);
    else if (known !== text) changed.push(`docs/api/${file}: ${difference(known, text)}`);
  }
  if (changed.length > 0) {
    console.error(`the public types have changed:\n${changed.join('\n')}\nmake api writes docs/api anew`);
    process.exitCode = 1;
  }
} finally {
  rmSync(made, { recursive: true });
}

/** The first line that differs. */
function difference(known, now) {
  const [before, after] = [known.split('\n'), now.split('\n')];
  const at = after.findIndex((line, i) => line !== before[i]);
  const line = at < 0 ? after.length : at;
  return `line ${line + 1}: expected ${before[line] ?? 'the end'}, found ${after[line] ?? 'the end'}`;
}
