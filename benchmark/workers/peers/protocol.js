// What every peer shares: the store's protocol as far as the load needs it. How a peer keeps things is
// its own file's, as `things`.

/**
 * @typedef {object} Things how one peer keeps things
 * @property {(id: string, type: string, fields: object, now: number) => void} insert
 * @property {(id: string, fields: object, now: number) => number} update answers with the new version
 * @property {(id: string) => void} remove
 * @property {(id: string) => object | undefined} find
 * @property {((write: () => object[]) => object[])} [together] makes several writes one, where that is another thing
 */

/**
 * The reply to a request; what a peer throws is an error reply.
 *
 * @param {Things} things
 * @param {any} message
 */
export function reply(things, message) {
  const { id, type } = message;
  try {
    if (type === 'read') return { id, status: 'ok', things: read(things, message.$ids) };
    if (type === 'batch') {
      const all = () => message.operations.map((one) => write(things, one));
      return { id, status: 'ack', results: things.together ? things.together(all) : all() };
    }
    return { id, status: 'ack', ...write(things, message) };
  } catch (e) {
    return { id, status: 'error', code: 'FAILED', error: String(e) };
  }
}

function read(things, ids) {
  const found = {};
  for (const id of ids) {
    const thing = things.find(id);
    if (thing) found[id] = thing;
  }
  return found;
}

/** @param {Things} things */
function write(things, { type, $type, $id, data }) {
  const now = Date.now();
  if (type === 'delete') {
    things.remove($id);
    return {};
  }
  if (type === 'update') return { $id, $version: things.update($id, data, now) };
  const { $id: given, ...fields } = data;
  const id = given ?? `${$type.toLowerCase()}_${crypto.randomUUID()}`;
  things.insert(id, $type, fields, now);
  return { $id: id, $version: 1 };
}

/** A thing as a read shows it, of a row of the table of TABLE. */
export function thingOf(row) {
  const system = { $id: row.id, $type: row.type, $version: row.version };
  const times = { $createdAt: row.created_at, $updatedAt: row.updated_at };
  return { ...system, ...JSON.parse(String(row.data)), ...times };
}

/** A Worker whose objects are found by `stub`, the library's own way, and answer by `fetch`. */
export const routed = (stub) => ({
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health') return new Response('{"status":"ok"}');
    return (await stub(env.STORES, pathname.slice(1).replaceAll('/', '-'))).fetch(request);
  },
});
