/**
 * Path and query of a URL as they came, which is how the core wants them: `URL` would drop the
 * segments `.` and `..` and what stands before them, and ask another store.
 *
 * @param {string} url
 */
export function target(url) {
  const path = url.indexOf('/', url.indexOf('//') + 2);
  return path < 0 ? '/' : url.slice(path);
}
