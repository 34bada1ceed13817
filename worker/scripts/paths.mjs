import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** When the newest of some files, and of the files in some folders, was changed; 0 for none. */
export function newest(...paths) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      latest = Math.max(latest, newest(...readdirSync(join(root, path)).map((name) => join(path, name))));
    } else if (stat) {
      latest = Math.max(latest, stat.mtimeMs);
    }
  }
  return latest;
}

const NOT_OURS = /^(node_modules|target|dist|\..*)$/;

/** The paths of all documents under the root. */
export function documents(folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
