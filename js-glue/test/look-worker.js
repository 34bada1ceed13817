import worker from '../src/index.js';

export * from '../src/index.js';

/** The Worker, whose cron rings when a test asks for it. */
export default {
  ...worker,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/look') return worker.fetch(request, env, ctx);
    try {
      await worker.scheduled({}, env, ctx);
      return new Response('looked');
    } catch (e) {
      return new Response(e.message, { status: 500 });
    }
  },
};
