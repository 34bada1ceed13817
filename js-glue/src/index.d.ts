/** The settings of one store; those that are absent come from the Worker's variables. */
export interface UnifiedStoreConfig {
  /** The tenant: goes into every event. The object's name, when absent. */
  namespace?: string;
  /** When a write is acknowledged. */
  durability?: 'pipeline' | 'local' | 'memory';
  /** What the Pipeline is sent: a record for every event, which is the default, or one for those of a send. */
  records?: 'event' | 'packed';
  /** Milliseconds between timer checkpoints while something is dirty. */
  checkpointInterval?: number;
  /** Dirty things that trigger a checkpoint. */
  dirtyCountThreshold?: number;
  /** Dirty bytes that trigger a checkpoint. */
  memoryThresholdBytes?: number;
  /** Collections with fewer things are one row. */
  columnarThreshold?: number;
  /** The layout of the other collections. */
  largeCollections?: 'packed' | 'normalized';
  /** Things in memory before those not used lately are read from SQLite. */
  maxEntries?: number;
  /** Estimated bytes in memory before the same happens. */
  maxBytes?: number;
  /** The longest wait, in milliseconds, that gathers writes into one commit or send. */
  groupCommitMs?: number;
  /** Rows that writes may take in a second in `local`, on average over ten seconds; 0 for any number. */
  maxRowsPerSecond?: number;
  /** Milliseconds without progress after which a recovery fails. */
  recoveryTimeout?: number;
  /** Milliseconds a recovery waits for late rows of the archive. */
  archiveSettleMs?: number;
  archiveSlackMs?: number;
  /** How long ago in milliseconds the Pipeline may have accepted what the archive lacks before writes go to SQLite first. */
  archiveLagLimit?: number;
  /** How many events make the next snapshot due; 0 for none by itself, absent for as many as there are things, once a day. */
  snapshotEvery?: number;
  /** Things that one query may look at. */
  maxScan?: number;
  /** How many requests a second a client may make, and how many at once: `100:500`. */
  rateLimit?: string;
  /** Sockets that may be open at a time. */
  maxSockets?: number;
  /** Things that the store may have. */
  maxThings?: number;
  /** Estimated bytes of things and indexes in memory that the store may have; 67,108,864 if absent. */
  maxStoreBytes?: number;
  /** The indexes that queries may use, by type: `{ Card: [['board', 'position'], ['assignee']] }`. */
  indexes?: Record<string, string[][]> | string;
  /** What things have to be, by type: JSON Schemas of draft 2020-12. */
  schemas?: Record<string, boolean | Record<string, unknown>> | string;
  /** The form that things have today, by type: those of before go through `onUpcast`. */
  upcasters?: Record<string, number> | string;
  /** Deletions that subscribers who come back can be told of, at least. */
  deletionsKept?: number;
  /** Milliseconds in which changes gather before they are pushed to subscribers. */
  pushMs?: number;
  /** As the method of that name, for a store that no class of yours extends. */
  onWrite?(operation: Operation, caller: Caller): Operation | undefined;
  /** As the method of that name. */
  onChange?(changes: Change[]): void;
  /** As the method of that name. */
  onUpcast?(type: string, form: number, fields: Fields): Fields;
  /**
   * Reads the archive, instead of `ICEBERG` in the environment and of the reader that the variables ICEBERG_* set
   * up; with none of them, only SQLite is recovered from.
   */
  iceberg?: IcebergReader;
  /** Follows spans of sends, checkpoints, recoveries and slow requests: `tracing` of `cloudflare:workers`, which `UnifiedStoreObject` takes by itself. */
  tracing?: SpanStarter;
}

/** What begins spans: `tracing` of `cloudflare:workers`, or what stands in for it. */
export interface SpanStarter {
  startSpan(name: string): {
    setAttribute(key: string, value: string | number): unknown;
    setStatus?(status: { code: 'error'; message?: string }): unknown;
    end(): void;
  };
}

/** A Pipeline binding, or what stands in for it. */
export interface Pipeline {
  /** Resolves when every record is durable there. */
  send(records: PipelineRecord[]): Promise<unknown>;
}

/** One event, or with `records: 'packed'` several, on the way to the Pipeline. */
export interface PipelineRecord {
  verb: 'thing.created' | 'thing.updated' | 'thing.deleted' | 'store.fence' | 'store.events';
  store: string;
  payload: Record<string, unknown>;
  timestamp: string;
  idempotencyKey: string;
  _meta: { namespace: string };
  ns: string;
  epoch: number;
  seq: number;
  /** The life that wrote it; absent in records from before there were lives. */
  life?: number;
  entityId?: string;
  entityType?: string;
  version?: number;
  /** How many events `store.events` has, the first of which is `seq`. */
  events?: number;
  ts: number;
}

/** One row of the archive's table. */
export interface ArchivedEvent {
  epoch: number;
  /** 0 in rows from before there were lives. */
  life: number;
  seq: number;
  verb: PipelineRecord['verb'] | null;
  entityId: string | null;
  entityType: string | null;
  version: number;
  ts: number;
  /** The record's payload as JSON text. */
  payload: string | null;
  /** How many events `store.events` has, also where positions alone are asked for; absent or 0 elsewhere. */
  events?: number;
}

/** Which rows of a namespace are wanted; its fences always are. */
export interface ArchiveQuery {
  namespace: string;
  /** Events with a seq over this one, */
  afterSeq: number;
  /** and up to this one; Infinity for all. */
  untilSeq: number;
  /** Events of these only, and every `store.events`; null for all. */
  entityIds: string[] | null;
  /** Whether `epoch`, `life`, `seq` and `events` are enough; everything else may then be null or 0. */
  positionsOnly: boolean;
  /** Rows that came into the table before this moment need not come, fences included; 0 for all. */
  sinceMs: number;
  /** Aborted when the rest is no longer wanted. */
  signal: AbortSignal;
  /** To be called now and then during long work, with the number of rows looked at. */
  progress(rows: number): void;
}

/** Reads the table that the Pipeline's sink fills. */
export interface IcebergReader {
  /**
   * The rows of one snapshot, ordered by (epoch, seq), some of them at a time; one may come twice.
   * A table that cannot be read is an error, never an empty answer.
   */
  read(query: ArchiveQuery): AsyncIterable<ArchivedEvent[]>;
  /**
   * Calls `row` for each row of whatever namespace that came behind a commit, and gives the number of the newest
   * one; a cron's look needs it.
   */
  survey?(query: {
    after: number;
    sinceMs: number;
    row(ns: string, epoch: number, life: number, seq: number, events: number): void;
  }): Promise<number>;
}

/** What a store looks for in the environment; its settings may be there too, as variables. */
export interface UnifiedStoreEnv {
  EVENTS?: Pipeline;
  DLQ?: Pipeline;
  /** The object that lists all stores, for `GET /stores`; without it they are listed nowhere. */
  DIRECTORY?: DurableObjectNamespace<UnifiedStoreDirectory>;
  /** A dataset of Analytics Engine that gets the figures of each checkpoint. */
  METRICS?: AnalyticsEngineDataset;
  /** A reader of the archive, in place of the one that the variables ICEBERG_* set up. */
  ICEBERG?: IcebergReader;
  /** The bucket that the archive's files are in. */
  WAREHOUSE?: R2Bucket;
  /** The Iceberg REST catalog; without it there is no archive. */
  ICEBERG_CATALOG_URL?: string;
  ICEBERG_WAREHOUSE?: string;
  /** Of the table, with its namespace; `unified_storage.events` when absent. */
  ICEBERG_TABLE?: string;
  /** The catalog's bearer token, a secret. */
  ICEBERG_TOKEN?: string;
  /** The key that signs clients' JSON Web Tokens (HS256), a secret. */
  AUTH_JWT_SECRET?: string;
  /** Where the keys are that sign clients' JSON Web Tokens, in place of a secret. */
  AUTH_JWKS_URL?: string;
  /** What a token's `iss` has to be, and its `aud` to name. */
  AUTH_ISSUER?: string;
  AUTH_AUDIENCE?: string;
  /** Where the archive's files are served as `{url}/{bucket}/{key}`, when WAREHOUSE is not bound. */
  ICEBERG_OBJECTS_URL?: string;
}

/** What the ready Worker needs bound. */
export interface Env extends UnifiedStoreEnv {
  /** The objects; a binding of another name does as well, where it is the only one. */
  STORES?: DurableObjectNamespace<UnifiedStoreObject>;
  /** The Worker's static assets; with the package's folder `inspector` among them, `/inspector` is the page. */
  ASSETS?: Fetcher;
  /** A secret that opens everything; two, with a comma between, while one takes the other's place. */
  ACCESS_TOKEN?: string;
  PUBLIC?: string;
  /** Pages of other origins that may ask, with commas between. */
  ALLOWED_ORIGINS?: string;
}

/** A request as it comes from a client, parsed. */
export interface StoreRequest {
  id: string | number;
  [field: string]: unknown;
}

/** A value of a thing's field: what JSON can say. */
export type Value = string | number | boolean | null | object;

/** The fields of a thing whose type is not described. `unknown` would make every answer by RPC a `never`. */
export type Fields = Record<string, Value>;

/** What the types of a store look like: `{ Card: Card, User: User }`. */
export type TypeMap = Record<string, object>;

type Name<Types> = keyof Types & string;

/** One step of a JSON patch, RFC 6902. */
export type PatchStep =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; path: string; from: string };

/** A change of one thing; its parts are carried out in this order, as one change. */
export interface Edits<T = Fields> {
  data?: Partial<T>;
  /** Fields that go. */
  unset?: string[];
  /** Numbers that are added to fields. */
  increment?: Record<string, number>;
  patch?: PatchStep[];
  /** The thing goes after so many milliseconds; null: it stays. */
  expiresInMs?: number | null;
  /** `CONFLICT` when the thing has another version. */
  ifVersion?: number;
  /** Whether the answer carries the thing as it is afterwards. */
  return?: boolean;
}

export interface WriteOptions {
  expiresInMs?: number;
  return?: boolean;
}

/** What became of a write. */
export interface Written<T = Fields> {
  $id: string;
  $version: number;
  /** With `return: true`. */
  thing?: Thing<T>;
  /** The thing was too large for the answer. */
  truncated?: boolean;
}

/** One operation of a batch, and what `onWrite` is given, as the protocol has it. */
export type Operation = { type: 'create' | 'put' | 'update' | 'delete' | 'check' | 'read' } & Record<
  string,
  unknown
>;

/**
 * Conditions that all have to hold, by field or path: a literal, or an object of `$eq`, `$ne`, `$gt`, `$gte`, `$lt`,
 * `$lte`, `$in`, `$nin`, `$exists`, `$startsWith`, `$contains` and `$not`. `$and` and `$or` take lists of conditions.
 */
export type Where = Record<string, unknown>;

export interface Query {
  where?: Where;
  /** Paths; `-` before one: descending. */
  orderBy?: string[];
  /** 1 to 1,000; 100 when absent. */
  limit?: number;
  cursor?: string;
  select?: string[];
  at?: number | string | { seq: number };
  explain?: boolean;
}

export interface Page<T = Fields> {
  things: Thing<T>[];
  /** Where the next page begins; absent after the last one. */
  cursor?: string;
  /** The position of the store that the page shows. */
  at: string;
  explain?: { index: string | null; looked: number; matched: number };
}

/**
 * A refusal: `code` is one of the protocol's, or a code of your own, thrown by `onWrite`, which
 * reaches clients as `VALIDATION_ERROR` with `details.code`. Over RPC the message alone comes
 * through; it begins with the code.
 */
export class StoreError extends Error {
  constructor(code: string, details?: Record<string, unknown>);
  constructor(code: string, message: string, details?: Record<string, unknown>);
  readonly code: string;
  readonly details: Record<string, unknown>;
}

/**
 * The requests of the protocol as methods. Each resolves when what it says is durable, and rejects
 * with a `StoreError`. What is passed in is copied. The class is a type alone: there is none to import.
 */
export abstract class StoreVerbs<Types extends TypeMap = Record<string, Fields>> {
  create<N extends Name<Types>>(
    $type: N,
    data: Types[N] & { $id?: string },
    options?: WriteOptions & { id?: string },
  ): Promise<Written<Types[N]>>;
  /** Creates the thing, or replaces all its own fields; `ifVersion: 0`: only if there is none. */
  put<N extends Name<Types>>(
    $type: N,
    $id: string,
    data: Types[N],
    options?: WriteOptions & { ifVersion?: number },
  ): Promise<Written<Types[N]>>;
  update<N extends Name<Types> = Name<Types>>(
    $id: string,
    edits: Edits<Types[N]>,
  ): Promise<Written<Types[N]>>;
  /** Resolves also when there is no such thing. */
  delete($id: string, options?: { ifVersion?: number }): Promise<void>;
  /** Up to 1,000 operations; atomic: all or nothing. Each result is what the operation alone would be answered. */
  batch(operations: Operation[], options?: { atomic?: boolean }): Promise<Fields[]>;
  /** Things by their ids; those that are absent are left out. */
  read<N extends Name<Types> = Name<Types>>(
    $ids: string[],
    options?: { at?: number | string | { seq: number } },
  ): Promise<Record<string, Thing<Types[N]>>>;
  query<N extends Name<Types>>(query: Query & { $type: N }): Promise<Page<Types[N]>>;
  count($type: Name<Types>, where?: Where): Promise<number>;
}

/** What is followed: things of a type that match, or things by their ids. */
export type Filter = { $type: string; where?: Where } | { $ids: string[] };

/** What a listener is told: things by their ids, null for what is gone or matches no longer. */
export interface Followed<T = Fields> {
  things: Record<string, Thing<T> | null>;
  /** The position of the store that is whole after this, unless `more` follows. */
  at: string;
  more: boolean;
  /** Whether everything follows from here on, and what was told before counts no more. */
  snapshot: boolean;
}

/** One thing that has changed; null: it is gone. */
export interface Change<T = Fields> {
  $id: string;
  thing: Thing<T> | null;
}

/** Where a write comes from. */
export type Caller = { via: 'socket'; socket: WebSocket } | { via: 'http' } | { via: 'process' };

/** One Durable Object's store, to be used inside a class of your own. */
export class UnifiedStoreDO<Types extends TypeMap = Record<string, Fields>> extends StoreVerbs<Types> {
  constructor(state: DurableObjectState, env: UnifiedStoreEnv | object, config?: UnifiedStoreConfig);
  /**
   * Override it to have a say in every create, put, update and delete, those of batches one by one:
   * called before the write is applied, behind all that came before it. It may change the operation,
   * return another, or throw a `StoreError` to refuse; it has to answer at once.
   */
  onWrite?(operation: Operation, caller: Caller): Operation | undefined;
  /** Override it to be told of every change, once it is durable. */
  onChange?(changes: Change[]): void;
  /**
   * Override it to bring things of before into today's form, of the types that `upcasters` names: it is given
   * the own fields of one in a form, 0 from before the type had any, and returns them in the next. It has to
   * answer at once, and the same whenever it is asked.
   */
  onUpcast?(type: string, form: number, fields: Fields): Fields;
  /** Takes what the store of another namespace hands over, as in a fork; for stores of this class alone. */
  told(text: string): Promise<string>;

  /**
   * Follows things: first what there is, then every change once it is durable. Of several versions
   * between two calls only the last is told.
   *
   * @param onError receives why nothing more comes; the log, by default
   * @returns ends it
   */
  subscribe(
    filter: Filter,
    listener: (message: Followed) => void,
    onError?: (error: StoreError) => void,
  ): () => void;
  /** Resolves when the state has been restored; rejects when it cannot be. */
  onStart(): Promise<void>;
  /** Writes what is dirty to SQLite. */
  beforeHibernation(): Promise<void>;
  // Each of these resolves when the reply has been sent.
  handleCreate(ws: WebSocket, msg: StoreRequest): Promise<void>;
  handleRead(ws: WebSocket, msg: StoreRequest): Promise<void>;
  handleUpdate(ws: WebSocket, msg: StoreRequest): Promise<void>;
  handleDelete(ws: WebSocket, msg: StoreRequest): Promise<void>;
  handleBatch(ws: WebSocket, msg: StoreRequest): Promise<void>;
  /** Answers one message as it came from a socket: text, or UTF-8 bytes. */
  handleMessage(ws: WebSocket, message: string | ArrayBuffer): void;
  /**
   * Says that a socket has closed, how many are left, and which one it was. Sockets that subscribe have to be
   * accepted with `acceptWebSocket`; what you attach to one yourself has to be an object.
   */
  handleClose(openSockets: number, ws?: WebSocket): void;
  /** Opens a hibernating socket for a request that asks for one, if its client may. */
  handleUpgrade(request: Request): Response;
  /** Answers a request to one of a store's routes, such as /stats, /requests or /things/{id}. */
  handleRequest(request: Request): Promise<Response>;
  /** To be called from the object's `alarm()`. */
  handleAlarm(): void;
  /**
   * The thing in its last durable version, from memory; null when there is none. Throws a
   * {@link StoreError} when the store does not run, or the thing has been evicted to SQLite.
   */
  get<N extends Name<Types> = Name<Types>>(id: string): Thing<Types[N]> | null;
  /** Writes what is dirty to SQLite now; rejects with what SQLite said. */
  checkpoint(): Promise<CheckpointStats>;
  /** The ids of what SQLite does not have yet, deletions included. */
  getDirtyEntries(): Set<string>;
}

/** One stored entity. */
export type Thing<T = Fields> = T & {
  readonly $id: string;
  readonly $type: string;
  /** 1 at first, one more with each change. */
  readonly $version: number;
  /** Milliseconds since the epoch. */
  readonly $createdAt: number;
  readonly $updatedAt: number;
  readonly $expiresAt?: number;
  /** The form of its fields, of a type that `upcasters` names. */
  readonly $form?: number;
};

/** What one checkpoint did. */
export interface CheckpointStats {
  trigger: 'interval' | 'count' | 'memory' | 'manual' | 'hibernation' | 'alarm' | 'outage' | 'recovery';
  /** Things and deletions that it persisted. */
  entityCount: number;
  rowsWritten: number;
  columnarWrites: number;
  packedWrites: number;
  normalizedWrites: number;
  durationMs: number;
}

/** The Durable Object that lists all stores: each tells it when it begins and when it is deleted. */
export class UnifiedStoreDirectory {
  constructor(ctx: DurableObjectState, env: UnifiedStoreEnv);
  list(namespace: string, createdAt: number): Promise<void>;
  unlist(namespace: string): Promise<void>;
  /** Behind which commit the archive is to be looked at, Infinity at first, and since when that is. */
  lookFrom(): Promise<{ after: number; sinceMs: number }>;
  /** The archive was looked at, up to a commit. */
  looked(commit: number, atMs: number): Promise<void>;
  fetch(request: Request): Promise<Response>;
  readonly __DURABLE_OBJECT_BRAND: never;
}

/**
 * A Durable Object that is one store, with sockets that survive hibernation. Its methods may be
 * called by RPC: `env.STORES.getByName(ns).update('a', { increment: { n: 1 } })`.
 */
export class UnifiedStoreObject<Types extends TypeMap = Record<string, Fields>> extends StoreVerbs<Types> {
  constructor(ctx: DurableObjectState, env: UnifiedStoreEnv | object, config?: UnifiedStoreConfig);
  /** As `UnifiedStoreDO` has it. */
  get<N extends Name<Types> = Name<Types>>(id: string): Thing<Types[N]> | null;
  /** As `UnifiedStoreDO` has it. */
  onWrite?(operation: Operation, caller: Caller): Operation | undefined;
  /** As `UnifiedStoreDO` has it. */
  onChange?(changes: Change[]): void;
  /** As `UnifiedStoreDO` has it. */
  onUpcast?(type: string, form: number, fields: Fields): Fields;
  /** Takes what the store of another namespace hands over, as in a fork; for stores of this class alone. */
  told(text: string): Promise<string>;

  /** As `UnifiedStoreDO` has it. */
  subscribe(
    filter: Filter,
    listener: (message: Followed) => void,
    onError?: (error: StoreError) => void,
  ): () => void;
  fetch(request: Request): Response | Promise<Response>;
  webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void;
  webSocketClose(ws: WebSocket, code: number, reason: string): void;
  webSocketError(ws: WebSocket): void;
  alarm(): void;
  readonly __DURABLE_OBJECT_BRAND: never;
}

/** The ready Worker: the routes of the protocol, each namespace an object of its own. */
declare const worker: {
  /** The object's binding may have any name; `Env` is what else is looked for. */
  fetch(request: Request, env: Env | object, ctx?: ExecutionContext): Promise<Response>;
  /** Looks at what has come into the archive since the last times, and tells the objects; for a cron. */
  scheduled(controller: ScheduledController, env: Env | object, ctx?: ExecutionContext): Promise<void>;
};
export default worker;
