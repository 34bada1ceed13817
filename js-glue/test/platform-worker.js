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

  /** Values of its own, beside the store's rows. */
  async keep(value) {
    await this.ctx.storage.put('own', value);
    this.ctx.storage.kv.put('own too', value);
    return [await this.ctx.storage.get('own'), this.ctx.storage.kv.get('own too')];
  }

  /** The values and the line that `keep` and `log` have left. */
  kept() {
    return [this.ctx.storage.kv.get('own'), this.ctx.storage.kv.get('own too')];
  }

  /** Writes two lines, or none when it is to fail. */
  logTwo(fails) {
    try {
      this.ctx.storage.transactionSync(() => {
        this.log('first');
        this.log('second');
        if (fails === 'fails') throw new Error('asked to fail');
      });
    } catch {}
    return this.ctx.storage.sql.exec('SELECT line FROM own_log').toArray().length;
  }

  /** Takes the store's alarm away. */
  async moveAlarm() {
    await this.ctx.storage.setAlarm(Date.now() + 86_400_000);
  }

  block() {
    this.blocked = true;
    return this.ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(50);
      this.blocked = false;
    });
  }

  async blockedAt(id) {
    const blocked = this.blocked;
    return { blocked, thing: (await this.read([id]))[id] };
  }

  bookmark() {
    return this.ctx.storage.getCurrentBookmark();
  }

  async goBack(bookmark) {
    await this.ctx.storage.onNextSessionRestoreBookmark(bookmark);
    this.ctx.abort('asked to');
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
      // Calls by one stub arrive in their order: the second one comes while the first one blocks.
      if (method === 'behindABlock') {
        return Response.json((await Promise.all([named.block(), named.blockedAt(...given)]))[1]);
      }
      return Response.json((await object[method](...given)) ?? null);
    } catch (e) {
      return Response.json({ threw: e.message });
    }
  },
};
