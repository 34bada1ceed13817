import worker, { StoreError, UnifiedStoreObject as Store } from '@unified-storage/worker';

/** Settings by which one thing stays in memory, and it is known which there are. */
const EVICTING = { maxEntries: 1, columnarThreshold: 0, largeCollections: /** @type {const} */ ('packed') };

/** A store with a rule of its own, an index, and a memory of what it was told. */
export class UnifiedStoreObject extends Store {
  told = [];

  constructor(ctx, env) {
    super(ctx, env, { indexes: { Card: [['board']] }, ...(ctx.id.name === 'evicts' && EVICTING) });
  }

  onWrite(operation, caller) {
    if (operation.$type === 'Secret') throw new StoreError('FORBIDDEN_HERE', { via: caller.via });
    if (operation.type === 'create' && operation.$type === 'Card') operation.data.via = caller.via;
  }

  onChange(changes) {
    this.told.push(...changes.map(({ $id, thing }) => [$id, thing?.$version ?? null]));
  }

  /** What it was told, and what a follower is told, for a caller of another Worker. */
  async heard(filter) {
    const messages = [];
    await new Promise((resolve) => {
      const stop = this.subscribe(filter, (message) => {
        messages.push(message);
        if (!message.more) resolve(undefined);
      });
      setTimeout(stop, 5000);
    });
    return { told: this.told, messages };
  }
}

const calls = {
  async verbs(store) {
    const made = await store.create('Card', { board: 'b', n: 1 }, { id: 'a', return: true });
    const put = await store.put('Card', 'c', { board: 'b' });
    const updated = await store.update('a', { increment: { n: 1 } });
    const results = await store.batch([{ type: 'update', $id: 'a', data: { title: 'x' } }], { atomic: true });
    const things = await store.read(['a', 'none']);
    const page = await store.query({ $type: 'Card', where: { board: 'b' }, explain: true });
    const count = await store.count('Card', { board: 'b' });
    await store.delete('c');
    return { made, put, updated, results, things, page, count, get: await store.get('a') };
  },

  async refusals(store) {
    const message = (e) => e.message;
    return [
      await store.update('nobody', { data: {} }).catch(message),
      await store.create('Secret', {}).catch(message),
      await store.update('a', { ifVersion: 99, data: {} }).catch(message),
    ];
  },

  async evicted(_, evicts) {
    for (const id of ['a', 'b', 'c']) await evicts.create('Card', { board: 'b' }, { id });
    await evicts.fetch('http://object/checkpoint', { method: 'POST' });
    const gets = ['a', 'c', 'none'].map((id) => evicts.get(id).catch(({ message }) => message));
    return { gets: await Promise.all(gets), things: await evicts.read(['a']) };
  },

  heard: (store) => store.heard({ $type: 'Card', where: { board: 'b' } }),
};

/** The ready Worker under a binding of another name; /stub/… asks an object, /rpc/… calls it. */
export default {
  async fetch(request, env) {
    const [, kind, name] = new URL(request.url).pathname.split('/');
    const store = env.ROOMS.getByName('a');
    if (kind === 'rpc') return Response.json(await calls[name](store, env.ROOMS.getByName('evicts')));
    if (kind !== 'stub') return worker.fetch(request, env);
    return store.fetch(`http://object${new URL(request.url).pathname.slice(5)}`, { method: request.method });
  },
};
