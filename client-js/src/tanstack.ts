import { type CollectionConfig, type LoadSubsetOptions, parseWhereExpression } from '@tanstack/db';
import type { LiveSet, Operation, Store, Thing, TypeMap, Where } from './index.ts';

/** How long a mutation that was acknowledged stays optimistic, at most, for its change to be pushed. */
const PUSH_PATIENCE_MS = 1_000;

export interface UnifiedStorageCollectionConfig<Types extends TypeMap, N extends keyof Types & string> {
  store: Store<Types>;
  $type: N;
  /** Which things the collection has; all of the type when absent. */
  where?: Where;
  /** The collection's id; made of the type when absent. */
  id?: string;
  /**
   * `eager`: the whole collection follows the store. `on-demand`: what live queries ask for does, by their `where`; their
   * order and limit are then of what has come.
   */
  syncMode?: 'eager' | 'on-demand';
}

interface Mutation {
  type: string;
  key: unknown;
  original: object;
  modified: object;
  changes: object;
}

/**
 * The options of a TanStack DB collection that is a live set of a store.
 *
 * - Insert, update and delete are shown at once, sent as one atomic batch a transaction, and taken back when the store refuses.
 * - The synced state is always what the store had at one moment. After a lost connection it goes on from there.
 * - Items are things, `$id` is their key. System fields of an inserted item are the store's to give.
 */
export function unifiedStorageCollectionOptions<Types extends TypeMap, N extends keyof Types & string>(
  config: UnifiedStorageCollectionConfig<Types, N>,
): CollectionConfig<Thing<Types[N]>, string> & { utils: Record<string, never> } {
  type Item = Thing<Types[N]>;
  const { store, $type } = config;
  const syncMode = config.syncMode ?? 'eager';
  const sets = new Set<LiveSet<Types[N]>>();

  const send = async (mutations: Mutation[]) => {
    const operations = mutations.map((mutation) => operationOf($type, mutation));
    const results = await store.batch(operations, { atomic: true });
    const shown = operations.flatMap((operation, i) =>
      [...sets].map((set) => hasCome(set, idOf(operation), results[i].$version as number | undefined)),
    );
    await Promise.race([Promise.all(shown), later(PUSH_PATIENCE_MS)]);
  };

  return {
    id: config.id ?? `unified-storage:${$type}:${JSON.stringify(config.where ?? null)}`,
    getKey: (item: Item) => item.$id,
    syncMode,
    utils: {},
    onInsert: ({ transaction }) => send(transaction.mutations),
    onUpdate: ({ transaction }) => send(transaction.mutations),
    onDelete: ({ transaction }) => send(transaction.mutations),
    sync: {
      rowUpdateMode: 'full',
      sync: ({ begin, write, commit, markReady, markError }) => {
        /** Which sets hold a thing: it goes when the last of them has let go of it. */
        const holders = new Map<string, Set<LiveSet<Types[N]>>>();

        const apply = (set: LiveSet<Types[N]>, changes: ReadonlyMap<string, Item | null>) => {
          begin();
          for (const [id, thing] of changes) {
            const held = holders.get(id);
            if (thing !== null) {
              write({ type: held === undefined ? 'insert' : 'update', value: thing });
              if (held === undefined) holders.set(id, new Set([set]));
              else held.add(set);
            } else if (held?.delete(set) && held.size === 0) {
              holders.delete(id);
              write({ type: 'delete', key: id });
            }
          }
          return commit();
        };

        const follow = (where: Where | undefined) => {
          const set = store.live<N>({ $type, ...(where && { where }) });
          sets.add(set);
          set.subscribe(({ changes }) => {
            if (changes.size > 0) apply(set, changes);
          });
          return set;
        };

        const leave = (set: LiveSet<Types[N]>) => {
          sets.delete(set);
          const rows = new Map([...set.things.keys()].map((id) => [id, null]));
          set.close();
          apply(set, rows);
        };

        if (syncMode === 'eager') {
          const set = follow(config.where);
          set.ready.then(() => markReady(), markError);
          return () => {
            sets.delete(set);
            set.close();
          };
        }

        const subsets = new Map<string, { set: LiveSet<Types[N]>; users: number }>();
        const keyOf = (where: Where | undefined) => JSON.stringify(where ?? null);
        const whereOf = (options: LoadSubsetOptions) => both(config.where, pushedDown(options));
        markReady();
        return {
          cleanup: () => {
            for (const { set } of subsets.values()) {
              sets.delete(set);
              set.close();
            }
            subsets.clear();
          },
          loadSubset: (options: LoadSubsetOptions) => {
            const where = whereOf(options);
            const key = keyOf(where);
            const subset = subsets.get(key);
            if (subset !== undefined) {
              subset.users++;
              return subset.set.ready;
            }
            const set = follow(where);
            subsets.set(key, { set, users: 1 });
            return set.ready;
          },
          unloadSubset: (options: LoadSubsetOptions) => {
            const key = keyOf(whereOf(options));
            const subset = subsets.get(key);
            if (subset === undefined || --subset.users > 0) return;
            subsets.delete(key);
            leave(subset.set);
          },
        };
      },
    },
  };
}

/** Mutations that TanStack DB has merged, as an operation of the store. */
function operationOf($type: string, mutation: Mutation): Operation {
  if (mutation.type === 'insert') {
    return { type: 'create', $type, data: { ...own(mutation.modified), $id: mutation.key } };
  }
  if (mutation.type === 'delete') return { type: 'delete', $id: mutation.key };
  const unset = Object.keys(own(mutation.original)).filter((name) => !Object.hasOwn(mutation.modified, name));
  return {
    type: 'update',
    $id: mutation.key,
    data: own(mutation.changes),
    ...(unset.length > 0 && { unset }),
  };
}

function idOf(operation: Operation): string {
  return (operation.$id ?? (operation.data as { $id: string }).$id) as string;
}

/** The fields that are not the store's to give. */
function own(item: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).filter(([name, value]) => !name.startsWith('$') && value !== undefined),
  );
}

/** When a set shows that version of a thing, or tells that it has it no more. */
function hasCome<T>(set: LiveSet<T>, id: string, version: number | undefined): Promise<void> {
  const shows = () =>
    version === undefined ? !set.things.has(id) : (set.things.get(id)?.$version ?? 0) >= version;
  return new Promise((resolve) => {
    if (shows()) {
      resolve();
      return;
    }
    const stop = set.subscribe(({ state, changes }) => {
      if (state !== 'closed' && changes.get(id) !== null && !shows()) return;
      stop();
      resolve();
    });
    void later(PUSH_PATIENCE_MS).then(stop);
  });
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function both(a: Where | undefined, b: Where | undefined): Where | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { $and: [a, b] };
}

const NOT_PUSHED = Symbol('not pushed down');

/** A live query's `where` in the store's words; undefined where it has none of the same meaning. @internal */
export function pushedDown(options: LoadSubsetOptions): Where | undefined {
  const comparison = (operator: string) => (field: unknown, value: unknown) =>
    Array.isArray(field) && isPlain(value) ? { [field.join('.')]: { [operator]: value } } : NOT_PUSHED;
  const where = parseWhereExpression<Where | typeof NOT_PUSHED>(options.where, {
    handlers: {
      eq: comparison('$eq'),
      gt: comparison('$gt'),
      gte: comparison('$gte'),
      lt: comparison('$lt'),
      lte: comparison('$lte'),
      in: (field: unknown, values: unknown) =>
        Array.isArray(field) && Array.isArray(values) && values.every(isPlain)
          ? { [field.join('.')]: { $in: values } }
          : NOT_PUSHED,
      // A part that cannot be said leaves more than asked for: the live query itself takes that away.
      and: (...parts: unknown[]) => {
        const said = parts.filter((part) => part !== NOT_PUSHED);
        return said.length === 0 ? NOT_PUSHED : { $and: said };
      },
      or: (...parts: unknown[]) => (parts.includes(NOT_PUSHED) ? NOT_PUSHED : { $or: parts }),
    },
    onUnknownOperator: () => NOT_PUSHED,
  });
  return where === null || where === NOT_PUSHED ? undefined : (where as Where);
}

/** Values that compare in the store as they do here: null and undefined do not. */
function isPlain(value: unknown) {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
