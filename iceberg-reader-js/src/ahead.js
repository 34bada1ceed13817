/** What `start` gives for each item, in order, while the next few are under way. */
export async function* ahead(items, depth, start) {
  const waiting = [];
  for (const item of items) {
    const started = start(item);
    // It is awaited later, or never when an earlier one fails.
    started.catch(() => {});
    waiting.push(started);
    if (waiting.length > depth) yield await waiting.shift();
  }
  while (waiting.length) yield await waiting.shift();
}
