import { route, unavailable } from '#core';
import { target } from './target.js';
import { isUpgrade } from './upgrade.js';

/**
 * The routes of the contract; each namespace is the object its name hashes to.
 *
 * @satisfies {ExportedHandler<import('./index.js').Env>}
 */
export default {
  async fetch(request, env) {
    const answer = route(
      request.method,
      target(request.url),
      isUpgrade(request),
      request.headers.get('Authorization'),
      env.ACCESS_TOKEN || null,
      String(env.PUBLIC) === 'true',
    );
    const namespace = answer.namespace();
    if (namespace === null) {
      return respond(answer);
    }
    try {
      return await storesIn(env).getByName(namespace).fetch(request);
    } catch (e) {
      // The platform ends an object whose database it cannot read, before the object can say so.
      const error = e instanceof Error ? e.message : String(e);
      console.error(`namespace ${namespace}: ${error}`);
      return respond(unavailable(namespace, error));
    }
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
    env.STORES ?? Object.values(env).find((value) => value?.constructor?.name === 'DurableObjectNamespace');
  if (!found)
    throw new Error('no Durable Object is bound; see [[durable_objects.bindings]] in wrangler.toml');
  return found;
}

/** @param {import('./core.js').HttpAnswer} answer */
function respond(answer) {
  const headers = { 'content-type': answer.contentType() };
  return new Response(answer.body(), { status: answer.status(), headers });
}
