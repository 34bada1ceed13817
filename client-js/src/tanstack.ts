import type { CollectionConfig, LoadSubsetOptions, SyncAppliedReceipt } from '@tanstack/db';
import { type Demand, demandOf, type Tie, tieOf } from './demand.ts';
import type { LiveSet, Operation, Store, Thing, TypeMap, Where } from './index.ts';
import { both, Window } from './window.ts';

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
   * `eager`: the whole collection follows the store. `on-demand`: what live queries ask for does, by their `where`, and of
   * that as much as their order and limit need.
   */
  syncMode?: 'eager' | 'on-demand';
}

/** What a live query of a collection on demand has been given. */
interface Lease<Types extends TypeMap, N extends keyof Types & string> {
  window: Window<Types, N>;
  /** Of the window among those of its collection. */
  key: string;
  /** The condition of its things, as JSON. */
  where: string;
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
    const shown = operations.map((operation, i) => {
      const version = results[i].$version as number | undefined;
      const come = [...sets].map((set) => hasCome(set, idOf(operation), version));
      // A thing is gone when no set has it. One that shows it is enough: of the others it may never be. One that lets go of
      // it is not, for the next may be about to show it.
      return version === undefined ? Promise.all(come) : oneShows(come);
    });
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
        /** When what has been applied so far shows: a transaction under way may hold it back. */
        let visible: SyncAppliedReceipt = true;
        /** After its cleanup a collection takes nothing more. */
        let ended = false;

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
          visible = commit();
          // It is rejected where a cleanup comes first, and then no query waits for it.
          if (visible !== true) visible.catch(() => {});
        };

        const follow = (where: Where | undefined) => {
          const set = store.live<N>({ $type, ...(where && { where }) });
          sets.add(set);
          set.subscribe(({ changes }) => {
            if (changes.size > 0 && !ended) apply(set, changes);
          });
          return set;
        };

        const leave = (set: LiveSet<Types[N]>) => {
          sets.delete(set);
          const rows = new Map([...set.things.keys()].map((id) => [id, null]));
          set.close();
          if (!ended) apply(set, rows);
        };

        if (syncMode === 'eager') {
          const set = follow(config.where);
          set.ready.then(() => markReady(), markError);
          return () => {
            ended = true;
            leave(set);
          };
        }

        const windows = new Map<string, Lease<Types, N>>();
        const leases = new Map<LoadSubsetOptions, Lease<Types, N>>();
        /** Keys of the windows that miss rows: while there are any, the collection is not what its live queries ask for. */
        const refused = new Set<string>();
        /** A window that has all of a tie. */
        const windowWith = (tie: Tie) => {
          const rest = JSON.stringify(tie.where ?? null);
          return [...windows.values()].find(
            ({ where, window }) => where === rest && window.covers(tie.path, tie.value),
          );
        };
        const windowFor = (demand: Demand) => {
          const where = JSON.stringify(demand.where ?? null);
          const key = demand.lead === undefined ? where : where + JSON.stringify(demand.lead);
          const known = windows.get(where) ?? windows.get(key);
          if (known !== undefined) return known;
          const window = new Window(
            {
              store,
              $type,
              follow,
              leave,
              refused: (error) => {
                refused.add(key);
                markError(error);
              },
            },
            both(config.where, demand.where),
            demand.lead,
          );
          const lease = { key, where, window };
          windows.set(key, lease);
          return lease;
        };
        markReady();
        return {
          cleanup: () => {
            ended = true;
            for (const { window } of windows.values()) window.close();
            windows.clear();
            leases.clear();
          },
          loadSubset: async (options: LoadSubsetOptions) => {
            const demand = demandOf(options);
            const tie = tieOf(options);
            const covering = tie && windowWith(tie);
            const lease = covering ?? windowFor(demand);
            leases.set(options, lease);
            lease.window.users++;
            if (covering === undefined) await lease.window.load(demand.rows);
            await visible;
          },
          unloadSubset: (options: LoadSubsetOptions) => {
            const lease = leases.get(options);
            leases.delete(options);
            if (lease === undefined || --lease.window.users > 0) return;
            windows.delete(lease.key);
            lease.window.close();
            if (refused.delete(lease.key) && refused.size === 0) markReady();
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
  const left = own(mutation.modified);
  const unset = Object.keys(own(mutation.original)).filter((name) => !Object.hasOwn(left, name));
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

/** Whether a set shows that version of a thing, once it does, or tells that it has it no more. */
function hasCome<T>(set: LiveSet<T>, id: string, version: number | undefined): Promise<boolean> {
  const shows = () =>
    version === undefined ? !set.things.has(id) : (set.things.get(id)?.$version ?? 0) >= version;
  return new Promise((resolve) => {
    if (shows()) {
      resolve(true);
      return;
    }
    const stop = set.subscribe(({ state, changes }) => {
      if (state !== 'closed' && changes.get(id) !== null && !shows()) return;
      stop();
      resolve(shows());
    });
    void later(PUSH_PATIENCE_MS).then(stop);
  });
}

/** When one of them is true, or all are false. */
function oneShows(come: Promise<boolean>[]): Promise<unknown> {
  return new Promise((resolve) => {
    for (const each of come) void each.then((shows) => shows && resolve(undefined));
    void Promise.all(come).then(resolve);
  });
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
