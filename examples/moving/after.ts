import { OldCards } from './back/cards';
import { OldNotes as Back } from './back/notes';
import { OldPlanner } from './back/planner';
import { OldReadings } from './back/readings';
import { takeBack } from './back/take-back';
import { Cards as NewCards } from './src/cards';
import { Notes as NewNotes } from './src/notes';
import { Planner as NewPlanner } from './src/planner';
import { Readings as NewReadings } from './src/readings';

export { OldCards, OldPlanner, OldReadings };

type Env = { CRASH_AFTER: string } & Record<string, DurableObjectNamespace>;

// biome-ignore lint/suspicious/noExplicitAny: a mixin's base has to take any arguments.
type Store = new (...args: any[]) => { fetch(request: Request): unknown };

/** The class, whose object dies behind as many writes as the variable says. */
function crashing<Class extends Store>(Class: Class) {
  return class extends Class {
    onWrite() {
      const { ctx, env } = this as unknown as { ctx: DurableObjectState & { writes?: number }; env: Env };
      ctx.writes = (ctx.writes ?? 0) + 1;
      if (ctx.writes === Number(env.CRASH_AFTER)) ctx.abort('the test wants a crash');
      return undefined;
    }

    /** The names of all tables. */
    tables() {
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      const names = ctx.storage.sql.exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table'",
      );
      return names.toArray().map(({ name }) => name);
    }
  };
}

export const Cards = crashing(NewCards);
export const Planner = crashing(NewPlanner);
export const Notes = crashing(NewNotes);
export const JsonNotes = crashing(NewNotes);
export const Readings = crashing(NewReadings);

export class OldNotes extends Back {
  all() {
    return JSON.parse(this.store.getJson());
  }
}

/**
 * `/{binding}/{name}/store/…` asks a store, `/{binding}/{name}/{method}` calls a method, and `/{binding}/{name}/back` brings what
 * the store of that name has into the old class.
 */
export default {
  async fetch(request: Request, env: Env) {
    const { pathname, search } = new URL(request.url);
    const [, binding, name, method, ...path] = pathname.split('/');
    const store = env[binding].getByName(name);
    if (method === 'store')
      return store.fetch(new Request(`http://store/${path.join('/')}${search}`, request));
    if (method === 'back') {
      await takeBack(store, env[`old_${binding}`].getByName(name) as unknown as OldCards);
      return Response.json(null);
    }
    const stub = store as unknown as Record<string, (...args: unknown[]) => unknown>;
    return Response.json((await stub[method](...(await request.json<unknown[]>()))) ?? null);
  },
};
