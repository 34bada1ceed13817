// What is in an npm package, in CycloneDX's form, as Maven's plugin makes it of each jar.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../worker/scripts/paths.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const described = (folder) => JSON.parse(read(folder, 'package.json'));

/** The package that has more in its tarball than its dependencies say: the compiled core, and the page that looks inside. */
const COMPILED = 'js-glue';
/** What that page is built of is bundled into it. */
const PAGE = 'inspector';

/**
 * The list of one package: itself, what npm installs with it (neither tools nor peers), and what is in its tarball already.
 *
 * @param {string} folder the package's
 * @param {string} empty a folder in which npm may install
 * @param {Map<string, string>} tarballs of the packages of this repository, by their folders
 * @param {(args: string[]) => Promise<string>} npm runs npm in the empty folder, and gives what it printed
 */
export async function sbomOf(folder, empty, tarballs, npm) {
  const { name, version, description, license, dependencies } = described(folder);
  const wanted = { ...dependencies, ...(folder === COMPILED && described(PAGE).dependencies) };
  const own = [...tarballs].filter(([other]) => described(other).name in wanted);
  const manifest = { name, version, description, license, dependencies: wanted };
  writeFileSync(join(empty, 'package.json'), JSON.stringify(manifest));
  const production = ['--omit=dev', '--omit=peer'];
  await npm(['install', '--no-save', '--ignore-scripts', ...production, ...own.map(([, path]) => path)]);
  const sbom = JSON.parse(await npm(['sbom', '--sbom-format=cyclonedx', ...production]));
  // A number at random and the moment, which would make another file of each run.
  delete sbom.serialNumber;
  delete sbom.metadata.timestamp;
  // npm has the folder's name here.
  sbom.metadata.component.name = name;
  if (folder === COMPILED) add(sbom, teavm());
  return sbom;
}

/** Java's class library as TeaVM has it, of which parts are in the compiled core. */
function teavm() {
  const [, version] = /<teavm\.version>(.*)<\/teavm\.version>/.exec(read('pom.xml')) ?? [];
  const purl = `pkg:maven/org.teavm/teavm-classlib@${version}?type=jar`;
  const licenses = [{ license: { id: 'Apache-2.0' } }];
  const known = { group: 'org.teavm', name: 'teavm-classlib', version, purl, licenses };
  return { 'bom-ref': purl, type: 'library', scope: 'required', ...known };
}

function add(sbom, component) {
  const ref = component['bom-ref'];
  sbom.components.push(component);
  sbom.dependencies.push({ ref, dependsOn: [] });
  const own = sbom.metadata.component['bom-ref'];
  sbom.dependencies.find((dependency) => dependency.ref === own).dependsOn.push(ref);
}

/** What the list of a package has to name: what docs/dependencies.md has, which is held against what npm resolves, and TeaVM. */
export function namesOf(folder) {
  const artifacts = folder === COMPILED ? [folder, PAGE] : [folder];
  const rows = read('docs', 'dependencies.md').matchAll(/^\| `([^`]+)` (?:\|[^|]+){3}\|([^|]+)\|/gm);
  const names = [...rows].filter(([, , of]) =>
    of
      .trim()
      .split(', ')
      .some((name) => artifacts.includes(name)),
  );
  const own = Object.keys(described(folder).dependencies ?? {}).filter((name) => name.startsWith('@'));
  return [
    ...names.map(([, name]) => name),
    ...own,
    ...(folder === COMPILED ? ['teavm-classlib'] : []),
  ].sort();
}
