import worker, { UnifiedStoreObject } from '@unified-storage/worker';
import { tracing } from 'cloudflare:workers';

/** A store whose class also calls the platform itself. */
export class Own extends UnifiedStoreObject {
  async deleteAll() {
    await this.ctx.storage.deleteAll();
  }

  abort() {
    this.ctx.abort('asked to');
  }

  /** What the platform's spans can do, of what the store calls. */
  spans() {
    const span = tracing.startSpan('own');
    const methods = ['setAttribute', 'setStatus', 'end'].filter((name) => typeof span[name] === 'function');
    span.end();
    return methods;
  }

  called() {
    return this.ctx.id.name;
  }

  add() {
    return this.create('Customer', {});
  }

  /** Rows of its own, beside the store's. */
  log(line) {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS own_log (line TEXT)');
    this.ctx.storage.sql.exec('INSERT INTO own_log VALUES (?)', line);
    return this.ctx.storage.sql.exec('SELECT line FROM own_log').toArray().length;
  }
}

export default {
  async fetch(request, env) {
    const [, kind, method, ...given] = new URL(request.url).pathname.split('/');
    if (kind !== 'rpc' && kind !== 'id') return worker.fetch(request, env);
    const named = env.STORES.getByName('a');
    // By its id the object has no name.
    const object = kind === 'rpc' ? named : env.STORES.get(env.STORES.idFromString(String(named.id)));
    try {
      return Response.json((await object[method](...given)) ?? null);
    } catch (e) {
      return Response.json({ threw: e.message });
    }
  },
};
