/** Strings are compared by that many of their first UTF-16 units, as the store does. */
const STRING_UNITS = 256;

/**
 * The store's own order of things: by paths, `-` before one for descending, and by `$id` where those are equal. Over types:
 * missing, null, false, true, numbers, strings, arrays, objects.
 */
export function compareBy(orderBy: readonly string[]): (a: object, b: object) => number {
  const keys = orderBy.map((path) =>
    path.startsWith('-') ? { path: path.slice(1), sign: -1 } : { path, sign: 1 },
  );
  return (a, b) => {
    for (const { path, sign } of keys) {
      const order = compare(valueAt(a, path), valueAt(b, path));
      if (order !== 0) return sign * order;
    }
    return compare((a as { $id: string }).$id, (b as { $id: string }).$id);
  };
}

/** The value of a field of exactly that name, else of the path; undefined when there is none. */
export function valueAt(thing: object, path: string): unknown {
  if (Object.hasOwn(thing, path)) return (thing as Record<string, unknown>)[path];
  let value: unknown = thing;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function compare(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  const other = rankOf(b);
  if (rank !== other) return rank - other;
  if (typeof a === 'number') return Math.sign(a - (b as number));
  if (typeof a !== 'string') return 0;
  const left = a.slice(0, STRING_UNITS);
  const right = (b as string).slice(0, STRING_UNITS);
  return left < right ? -1 : left > right ? 1 : 0;
}

function rankOf(value: unknown): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (value === false) return 2;
  if (value === true) return 3;
  if (typeof value === 'number') return 4;
  if (typeof value === 'string') return 5;
  return Array.isArray(value) ? 6 : 7;
}
