import type {
  CheckpointStats,
  IcebergReader,
  PipelineRecord,
  Thing,
  UnifiedStoreConfig as StoreConfig,
  UnifiedStoreDO as Store,
} from '../index.js';

export type { CheckpointStats, IcebergReader, PipelineRecord, Thing };

/** A thing to be made: `$id` is made up unless it is given. */
export interface NewThing {
  $type: string;
  $id?: string;
  [field: string]: unknown;
}

export interface StateManagerOptions {
  /** Things in memory before clean ones are evicted, least recently used first; no limit by default. */
  maxEntries?: number;
  /** Estimated bytes in memory before the same happens; no limit by default. */
  maxBytes?: number;
  /** Receives what was evicted, in one call an operation. */
  onEvict?(entries: Thing[]): void;
}

export interface StateManagerStats {
  /** Things that exist, those included that have left the memory. */
  entryCount: number;
  dirtyCount: number;
  /** Of the things in memory. */
  estimatedBytes: number;
}

/**
 * Things in memory, with their versions and which of them are dirty.
 *
 * What it gives is a copy. `$createdAt` and `$updatedAt` of a thing are not enumerable, so that a
 * thing equals one of `$id`, `$type`, `$version` and its own fields.
 */
export class InMemoryStateManager implements DirtyTracker {
  constructor(options?: StateManagerOptions);
  /** Throws when `$type` is no text, or there is a thing of that `$id`. */
  create(data: NewThing): Thing;
  /** Null when there is none in memory. */
  get(id: string): Thing | null;
  has(id: string): boolean;
  /** The next version, with the changes laid over the fields; throws when there is no such thing. */
  update(id: string, changes: Record<string, unknown>): Thing;
  /** Whether there was such a thing. */
  delete(id: string): boolean;
  /** Adds things as a recovery found them: clean. */
  load(things: Iterable<Thing>): void;
  /** Of dirty things, and of deleted ones whose deletion is not persisted. */
  getDirtyEntries(): Set<string>;
  /** Says that SQLite has these now; unknown ids are passed over. */
  markClean(ids: Iterable<string>): void;
  getDirtyCount(): number;
  getDirtyBytes(): number;
  /** How many things exist, those included that have left the memory. */
  readonly size: number;
  getStats(): StateManagerStats;
}

export interface PipelineEmitterConfig {
  /** Goes into every event; required. */
  namespace: string;
  /** Events that make a batch leave, and the most in one; 1,000. */
  batchSize?: number;
  /** Bytes that make a batch leave; 1 MiB. */
  batchBytes?: number;
  /** Milliseconds that an event waits at most for its batch to fill, 0 for none; 60,000. */
  flushInterval?: number;
  /** Repetitions of a failed send, beside the first attempt; 3. */
  maxRetries?: number;
  /** Milliseconds before the first repetition; 1,000. */
  retryDelay?: number;
  /** Whether each wait is twice the one before; false. */
  exponentialBackoff?: boolean;
  /** Receives what could not be delivered, with the error, counts and times. */
  deadLetterQueue?: { send(letters: DeadLetter[]): unknown };
}

/** An event that the Pipeline would not take. */
export interface DeadLetter {
  record: EmittedEvent;
  error: string;
  attempts: number;
  firstFailedAt: string;
  lastFailedAt: string;
}

/** One event as the Pipeline gets it. */
export interface EmittedEvent extends Omit<PipelineRecord, 'verb'> {
  verb: string;
}

export interface EmitterStats {
  status: 'ok' | 'retrying' | 'degraded' | 'closed';
  /** Accepted from the caller, and not by the Pipeline. */
  queued: number;
  sent: number;
  retries: number;
  deadLettered: number;
  /** Given up: neither the Pipeline nor the dead-letter queue took them. */
  dropped: number;
  lastError: string | null;
}

export class PipelineEmitter {
  constructor(pipeline: { send(records: EmittedEvent[]): unknown }, config: PipelineEmitterConfig);
  /** Queues an event, and returns at once; throws when the emitter is closed or its queue is full. */
  emit(verb: string, store: string, payload?: object): void;
  /** Resolves when all that was emitted is accepted; rejects when something had to be dropped. */
  flush(): Promise<void>;
  /** As `flush`, and nothing is accepted any more. */
  close(): Promise<void>;
  getStats(): EmitterStats;
}

/**
 * Knows which things SQLite does not have: an `InMemoryStateManager`, or a state of your own.
 *
 * `getDirtyEntries` gives ids, whose things `get` has (nothing for a deleted one); or the things
 * themselves, in an array, or by id in a map.
 */
export interface DirtyTracker {
  getDirtyEntries(): Iterable<string> | Iterable<object> | Map<string, object | null>;
  get?(id: string): object | null | undefined;
  markClean(ids: string[]): void;
  /** As many as `getDirtyEntries` gives, when it is not there. */
  getDirtyCount?(): number;
  /** Measured, when it is not there. */
  getDirtyBytes?(): number;
}

export interface LazyCheckpointerOptions {
  /** Required, or `storage`. */
  sql?: { exec(statement: string, ...bindings: unknown[]): unknown };
  /** The object's storage: with it a checkpoint of several rows is one transaction. */
  storage?: {
    sql: { exec(statement: string, ...bindings: unknown[]): unknown };
    transactionSync?(body: () => void): void;
  };
  dirtyTracker: DirtyTracker;
  /** Milliseconds between timer checkpoints while something is dirty; 10,000. */
  intervalMs?: number;
  /** Dirty things and deletions that trigger a checkpoint; 100. */
  dirtyCountThreshold?: number;
  /** Dirty bytes that trigger one; 10 MiB. */
  memoryThresholdBytes?: number;
  /** Collections with fewer things are one row; 50. */
  columnarThreshold?: number;
  /** How the others lie in SQLite; 'normalized'. */
  largeCollections?: 'packed' | 'normalized';
  onCheckpoint?(stats: CheckpointStats): void;
  onError?(error: Error): void;
}

export interface CheckpointerStats {
  count: number;
  totalRowWrites: number;
  columnarWrites: number;
  packedWrites: number;
  normalizedWrites: number;
  lastTrigger: CheckpointStats['trigger'] | null;
  lastDurationMs: number;
  lastError: string | null;
}

export class LazyCheckpointer {
  constructor(options: LazyCheckpointerOptions);
  /** Begins the checkpoints by time. */
  start(): void;
  /** Says that something may have become dirty: may take a checkpoint at once. */
  notifyDirty(): void;
  /** Takes a checkpoint now, if anything is dirty; rejects with what SQLite said. */
  checkpoint(trigger?: string): Promise<CheckpointStats>;
  beforeHibernation(): Promise<void>;
  getStats(): CheckpointerStats;
  /** Saves what is dirty, and takes no checkpoint any more. */
  destroy(): Promise<void>;
}

/** An archive reader of the original's shape: all records of a namespace at once. */
export interface RecordSource {
  getRecords(query: {
    namespace: string;
    partition: { ns: string };
    orderBy: 'timestamp';
  }): Iterable<object> | AsyncIterable<object> | Promise<Iterable<object>>;
}

export interface RecoveryProgress {
  phase: 'sqlite' | 'iceberg';
  loaded: number;
  /** 0 while it is not known. */
  total: number;
  elapsedMs: number;
}

export interface RecoveryResult {
  source: 'sqlite' | 'iceberg' | 'empty';
  thingsLoaded: number;
  eventsReplayed: number;
  durationMs: number;
  duplicatesSkipped: number;
}

export interface ColdStartRecoveryOptions {
  /** Whose events are looked for in the archive; required. */
  namespace: string;
  sql: { exec(statement: string, ...bindings: unknown[]): unknown };
  /** For what SQLite lacks; without it SQLite is all there is. */
  iceberg?: IcebergReader | RecordSource;
  /** Milliseconds without anything new from the archive, after which it fails; 30,000. */
  timeout?: number;
  onProgress?(progress: RecoveryProgress): void;
}

export class ColdStartRecovery {
  constructor(options: ColdStartRecoveryOptions);
  /** Rejects when the state cannot be had whole; may be called again. */
  recover(): Promise<RecoveryResult>;
  /** Makes the state anew of what the archive has, whatever SQLite holds. */
  forceRebuildFromIceberg(): Promise<RecoveryResult>;
  /** Of the last recovery that succeeded, by id. */
  getState(): Map<string, Thing>;
  validateState(): { valid: boolean; errors: string[] };
}

export interface UnifiedStoreConfig extends Omit<StoreConfig, 'iceberg'> {
  iceberg?: IcebergReader | RecordSource;
}

/** One Durable Object's store; it also takes an archive reader of the original's shape. */
export class UnifiedStoreDO extends Store {
  constructor(state: DurableObjectState, env?: object, config?: UnifiedStoreConfig);
}
