import { enter, unavailable } from '#core';
import { lookAtArchive } from './look.js';
import { directoryOf } from './directory-stub.js';
import { inspector } from './inspector.js';
import { target } from './target.js';
import { Tokens } from './tokens.js';
import { isUpgrade } from './upgrade.js';

/** @import { HttpAnswer } from './core.js' */

/** How a request carries what its client may do to its object, and whose rate counts. */
const GRANT = 'x-unified-storage-grant';
const CLIENT = 'x-unified-storage-client';

/**
 * The routes of the contract; each namespace is the object its name hashes to.
 *
 * @satisfies {ExportedHandler<import('./index.js').Env>}
 */
export default {
  async fetch(request, env) {
    const page = env.ASSETS && (await inspector(request, env.ASSETS));
    if (page) return page;
    /** @type {HttpAnswer} */
    const answer = await new Promise((resolve) => {
      enter(
        request.method,
        target(request.url),
        isUpgrade(request),
        (name) => request.headers.get(name),
        new URL(request.url).origin,
        request.headers.get('cf-connecting-ip') ?? '',
        env,
        Tokens.from(env),
        resolve,
      );
    });
    if (answer.isDirectory()) {
      if (!env.DIRECTORY) return respond(unavailable('*', 'no directory is bound as DIRECTORY'));
      const listed = await directoryOf(env.DIRECTORY).fetch(carrying(request, answer));
      return withHeaders(listed, answer);
    }
    const namespace = answer.namespace();
    if (namespace === null) {
      return respond(answer);
    }
    try {
      const object = storesIn(env).getByName(namespace);
      return withHeaders(await object.fetch(carrying(request, answer)), answer);
    } catch (e) {
      // The platform ends an object whose database it cannot read, before the object can say so.
      const error = e instanceof Error ? e.message : String(e);
      console.error(`namespace ${namespace}: ${error}`);
      return respond(unavailable(namespace, error));
    }
  },

  /** Looks whether the archive gets what it should, where a cron is configured. */
  async scheduled(_controller, env) {
    await lookAtArchive(env, storesIn(env));
  },
};

/**
 * The binding of the objects, whatever its name is.
 *
 * @param {import('./index.js').Env} env
 * @returns {DurableObjectNamespace}
 */
function storesIn(env) {
  const found =
    env.STORES ??
    Object.values(env).find(
      (value) => value !== env.DIRECTORY && value?.constructor?.name === 'DurableObjectNamespace',
    );
  if (!found)
    throw new Error('no Durable Object is bound; see [[durable_objects.bindings]] in wrangler.toml');
  return found;
}

/**
 * The request as its object takes it. What a client says of itself in these headers is taken away.
 *
 * @param {Request} request
 * @param {HttpAnswer} answer
 */
function carrying(request, answer) {
  const grant = answer.grant();
  const client = answer.client();
  if (!grant && !client && !request.headers.has(GRANT) && !request.headers.has(CLIENT)) {
    return request;
  }
  const headers = new Headers(request.headers);
  for (const [name, value] of [
    [GRANT, grant],
    [CLIENT, client],
  ]) {
    if (value) headers.set(name, encodeURIComponent(value));
    else headers.delete(name);
  }
  return new Request(request, { headers });
}

/**
 * @param {Response} response
 * @param {HttpAnswer} answer
 */
function withHeaders(response, answer) {
  if (answer.headers() === 0 || response.webSocket) return response;
  const opened = new Response(response.body, response);
  add(opened.headers, answer);
  return opened;
}

/** @param {HttpAnswer} answer */
function respond(answer) {
  const status = answer.status();
  const headers = new Headers(answer.body() === null ? {} : { 'content-type': answer.contentType() });
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  add(headers, answer);
  return new Response(answer.body(), { status, headers });
}

/**
 * @param {Headers} headers
 * @param {HttpAnswer} answer
 */
function add(headers, answer) {
  for (let i = 0; i < answer.headers(); i += 2) {
    headers.set(answer.header(i), answer.header(i + 1));
  }
}
