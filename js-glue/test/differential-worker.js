import * as core from '#core';
import { DurableObject } from 'cloudflare:workers';
import { Host } from '../src/host.js';
import { difference } from './replay.js';

/** An object that replays one trace over its own storage. */
export class Replayed extends DurableObject {
  fetch(request) {
    const host = new Host(this.ctx, {});
    const sql = {
      sqlExec: (statement, bindings) => host.sqlExec(statement, bindings),
      sqlTransaction: (body) => host.sqlTransaction(body),
    };
    return request.json().then((trace) => new Response(difference(core, trace, sql) ?? 'same'));
  }
}

export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response('ready');
    return env.REPLAYED.get(env.REPLAYED.newUniqueId()).fetch(request);
  },
};
