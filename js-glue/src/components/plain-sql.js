const READS = /^\s*(SELECT|PRAGMA)/i;

/**
 * `storage.sql`, or what stands in for it: an `exec` that gives rows as an array, by `toArray()`, by
 * iteration, or none.
 *
 * @returns {SqlStorage}
 */
export function plainSql(sql) {
  const exec = (statement, ...bindings) => {
    const answer = sql.exec(statement, ...bindings);
    if (typeof answer?.raw === 'function') return answer;
    const rows = rowsOf(answer).map((row) => (Array.isArray(row) ? row : Object.values(row)));
    return { raw: () => rows.values(), rowsWritten: answer?.rowsWritten ?? (READS.test(statement) ? 0 : 1) };
  };
  return /** @type {any} */ ({ exec });
}

function rowsOf(answer) {
  if (typeof answer?.toArray === 'function') return answer.toArray();
  return typeof answer?.[Symbol.iterator] === 'function' ? [...answer] : [];
}
