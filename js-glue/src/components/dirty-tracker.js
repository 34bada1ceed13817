import { mismatch } from './values.js';

/**
 * A dirty tracker as the core sees it: ids, the thing of an id, and how many and how large they are.
 *
 * `getDirtyEntries()` may give ids, for which `get(id)` has the things, as `InMemoryStateManager`
 * does it; or the things themselves, in an array, or in a map by id.
 *
 * @param {import('./index.js').DirtyTracker} tracker
 */
export function trackerOf(tracker) {
  for (const method of ['getDirtyEntries', 'markClean']) {
    if (typeof tracker?.[method] !== 'function') throw mismatch('dirtyTracker', `have ${method}()`, tracker);
  }
  /** @type {Map<string, any>} */
  let entries = new Map();
  const look = () => {
    entries = entriesOf(tracker);
    return entries;
  };
  const thing = (id) => thingOf(id, entries.get(id) ?? tracker.get?.(id));
  return {
    dirtyIds: () => [...look().keys()],
    thing,
    markClean: (ids) => tracker.markClean(ids),
    dirtyCount: () => tracker.getDirtyCount?.() ?? look().size,
    dirtyBytes: () => {
      if (tracker.getDirtyBytes) return tracker.getDirtyBytes();
      let bytes = 0;
      for (const id of look().keys()) bytes += JSON.stringify(thing(id) ?? null).length;
      return bytes;
    },
  };
}

/** What is dirty by id; nothing under an id whose thing has to be asked for. */
function entriesOf(tracker) {
  const given = tracker.getDirtyEntries();
  if (given instanceof Map) return given;
  return new Map(
    Array.from(given, (entry) => (typeof entry === 'string' ? [entry, undefined] : [idOf(entry), entry])),
  );
}

function idOf(entry) {
  return entry.$id ?? entry.id ?? entry.data?.$id;
}

/** A thing with `$id` and `$type`, of an entry that may be one or have one; null for a deletion. */
function thingOf(id, entry) {
  if (!entry || entry.deleted) return null;
  if (typeof entry.$type === 'string') return { ...entry, ...times(entry), $id: entry.$id ?? id };
  const data = entry.data ?? entry.thing ?? entry;
  return { ...data, ...times(data), $id: id, $type: data.$type ?? entry.type };
}

/** When it was made and changed: of a thing of `InMemoryStateManager` a copy would not have them. */
function times({ $createdAt, $updatedAt }) {
  return { $createdAt, $updatedAt };
}
