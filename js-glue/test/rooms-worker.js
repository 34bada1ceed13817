import worker from 'unified-storage';

export { UnifiedStoreObject } from 'unified-storage';

/** The ready Worker under a binding of another name, and the way to an object without it: /stub/… */
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/stub/')) return worker.fetch(request, env);
    return env.ROOMS.getByName('a').fetch(`http://object${pathname.slice(5)}`, { method: request.method });
  },
};
