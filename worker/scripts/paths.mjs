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
