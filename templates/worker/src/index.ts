import routes, { type Operation, StoreError, UnifiedStoreObject } from '@unified-storage/worker';
import type { Types } from './types';

interface Env {
  STORES: DurableObjectNamespace<Board>;
  PUBLIC: string;
}

/** The store of one board. Pages talk to it over `/stores/{name}`, this Worker by RPC. */
export class Board extends UnifiedStoreObject<Types> {
  /** Has a say in every write, before it is carried out. */
  onWrite(operation: Operation) {
    const { title } = (operation.data ?? {}) as { title?: unknown };
    if (operation.type === 'create' && (typeof title !== 'string' || title === '')) {
      throw new StoreError('NO_TITLE', 'a card has a title');
    }
    return undefined;
  }
}

export default {
  scheduled: routes.scheduled,
  async fetch(request, env) {
    const [, api, name] = new URL(request.url).pathname.split('/');
    if (api !== 'api' || !name) return routes.fetch(request, env);
    const { things } = await env.STORES.getByName(name).query({
      $type: 'Card',
      orderBy: ['-points'],
      limit: 10,
    });
    return Response.json(things.map(({ title, points }) => ({ title, points })));
  },
} satisfies ExportedHandler<Env>;
