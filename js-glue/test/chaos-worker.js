import worker, { UnifiedStoreObject as Product } from '../src/index.js';

// Put together, because the bundler looks for what is written out.
const { default: unsafe } = await import(['workerd', 'unsafe'].join(':'));

const CRASH = 'the test wants a crash';

/** The product's object, which can be told to crash. */
export class UnifiedStoreObject extends Product {
  crash() {
    this.ctx.abort(CRASH);
  }
}

/**
 * The product's Worker, and ways to end an object while it is at work. Only for tests: `POST
 * /chaos/{namespace}/abort` and `/chaos/{namespace}/evict` need no token.
 */
export default {
  async fetch(request, env, ctx) {
    const [, namespace, way] = /^\/chaos\/([^/]+)\/(\w+)$/.exec(new URL(request.url).pathname) ?? [];
    if (!way) return worker.fetch(request, env, ctx);
    const stub = env.STORES.get(env.STORES.idFromName(namespace));
    try {
      // abort: memory is gone, and the sockets too. evict: memory is gone and the sockets stay, as in
      // hibernation; it waits for a moment in which nothing keeps the object.
      if (way === 'evict') await unsafe.evict(stub, { webSockets: 'hibernate' });
      else await stub.crash();
    } catch (e) {
      if (!e.message.includes(CRASH)) return new Response(e.message, { status: 500 });
    }
    return new Response('ended');
  },
};
