// Runs messages on request, because a Worker's own clock stands still while it computes.

import { prepare, run } from './run.js';

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/prepare') {
      const [kind, workload, messages] = ['kind', 'workload', 'messages'].map((name) =>
        searchParams.get(name),
      );
      await prepare(kind, workload, Number(messages));
    } else if (pathname === '/run') {
      await run();
    }
    return new Response('{"status":"ok"}');
  },
};
