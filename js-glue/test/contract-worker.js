import * as core from '#core';
import { DurableObject } from 'cloudflare:workers';
import { Host } from '../src/host.js';
import { wrongClock, wrongJson, wrongSql } from './contract.js';

/** An object whose storage one case of the table has for itself. */
export class Contracted extends DurableObject {
  wrong(sqlCase) {
    return wrongSql(new Host(this.ctx, {}), sqlCase);
  }
}

/** Answers a POSTed table of cases with what went wrong. */
export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response('ready');
    const table = await request.json();
    switch (new URL(request.url).pathname) {
      case '/json':
        return Response.json(wrongJson(core, table));
      case '/clock':
        return Response.json(wrongClock(core, table));
      default: {
        // A limit that only production has cannot be seen here.
        const cases = table.cases.filter(({ limit }) => !limit);
        const all = cases.map((one) => env.CONTRACTED.get(env.CONTRACTED.newUniqueId()).wrong(one));
        return Response.json((await Promise.all(all)).flat());
      }
    }
  },
};
