// Whether what the newest tag promised of the public API still holds: what docs/api said there, beside what it says now.

import { spawnSync } from 'node:child_process';

/**
 * What a report says, a line each, behind the package and the types that it stands in: by their names, so that what is inside of a
 * type stays where it is when the type's own line changes.
 *
 * @param {string} report
 * @returns {Map<string, Set<string>>} lines by where they stand
 */
function parsed(report) {
  const said = new Map();
  const open = [];
  let section = '';
  for (const line of report.slice(report.indexOf('\n')).split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const text = line.trim();
    if (!/^( |[a-z@])/.test(line) || /^import /.test(text)) continue;
    const depth = line.length - line.trimStart().length;
    while (open.length > 0 && open.at(-1).depth >= depth) open.pop();
    const place = [section, ...open.map(({ name }) => name)].join(' ').trim();
    const lines = said.get(place) ?? new Set();
    said.set(place, lines);
    for (const one of single(text)) lines.add(one);
    const [, name] = /\b((?:class|interface|record|enum|type) \w+)/.exec(text) ?? [];
    if (name) open.push({ depth, name });
  }
  return said;
}

/** A line, or one for each name of a list of names. */
function single(text) {
  const [, names, from] = /^export \{ (.*) \} (from .*)$/.exec(text) ?? [];
  return names ? names.split(', ').map((name) => `export { ${name} } ${from}`) : [text];
}

/** Whether a program that implements an interface of Java lacks what a line adds to it. */
const isOwed = (place, line) =>
  /interface \w+$/.test(place) && line.includes('(') && !/^(default|static|(public )?record) /.test(line);

/**
 * What a program that was made for the one may miss in the other; empty where there are only additions.
 *
 * @param {string} before a report of docs/api
 * @param {string} now the same report
 */
export function broken(before, now) {
  const [released, current] = [parsed(before), parsed(now)];
  const found = [];
  for (const [place, lines] of released) {
    const there = current.get(place) ?? new Set();
    for (const line of lines) if (!there.has(line)) found.push(`${place}: ${line} is gone`);
    if (!before.includes('```java')) continue;
    for (const line of there) {
      if (!lines.has(line) && isOwed(place, line)) found.push(`${place}: ${line} is new, without a default`);
    }
  }
  return found;
}

/** Whether a version may break what another one before it promised: before 1.0 with a new second number, then with a new first. */
export function mayBreak(released, now) {
  const [[major, minor], [nowMajor, nowMinor]] = [released, now].map((version) => version.split('.'));
  return major !== nowMajor || (major === '0' && minor !== nowMinor);
}

/** The newest tag of a release behind what is checked out; null where there is none, or no repository. */
export function newestRelease(folder) {
  const { status, stdout } = git(folder, 'describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*');
  return status === 0 ? stdout.trim().slice(1) : null;
}

/** A file as a release had it; null where it had none. */
export function ofRelease(folder, version, path) {
  const { status, stdout } = git(folder, 'show', `v${version}:${path}`);
  return status === 0 ? stdout : null;
}

const git = (cwd, ...args) => spawnSync('git', args, { cwd, encoding: 'utf8' });
