/// <reference types="@cloudflare/workers-types" />

/** The settings of one store; those that are absent come from the Worker's variables. */
export interface UnifiedStoreConfig {
  /** The tenant: goes into every event. The object's name, when absent. */
  namespace?: string;
  /** When a write is acknowledged. */
  durability?: 'pipeline' | 'local' | 'memory';
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
  /** Milliseconds without progress after which a recovery fails. */
  recoveryTimeout?: number;
  /** Milliseconds a recovery waits for late rows of the archive. */
  archiveSettleMs?: number;
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
  /** Deletions that subscribers who come back can be told of, at least. */
  deletionsKept?: number;
  /** Milliseconds in which changes gather before they are pushed to subscribers. */
  pushMs?: number;
  /**
   * Reads the archive, instead of the reader that the variables ICEBERG_* set up; with neither, only
   * SQLite is recovered from.
   */
  iceberg?: IcebergReader;
}

/** A Pipeline binding, or what stands in for it. */
export interface Pipeline {
  /** Resolves when every record is durable there. */
  send(records: PipelineRecord[]): Promise<unknown>;
}

/** One event on its way to the Pipeline. */
export interface PipelineRecord {
  verb: 'thing.created' | 'thing.updated' | 'thing.deleted' | 'store.fence';
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
}

/** Which rows of a namespace are wanted; its fences always are. */
export interface ArchiveQuery {
  namespace: string;
  /** Events with a seq over this one, */
  afterSeq: number;
  /** and up to this one; Infinity for all. */
  untilSeq: number;
  /** Events of these only; null for all. */
  entityIds: string[] | null;
  /** Whether `epoch` and `seq` are enough; everything else may then be null or 0. */
  positionsOnly: boolean;
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
}

/** What a store looks for in the environment; its settings may be there too, as variables. */
export interface UnifiedStoreEnv {
  EVENTS?: Pipeline;
  DLQ?: Pipeline;
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

/** One Durable Object's store, to be used inside a class of your own. */
export class UnifiedStoreDO {
  constructor(state: DurableObjectState, env: UnifiedStoreEnv | object, config?: UnifiedStoreConfig);
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
   * The thing in its last durable version, from memory; null when there is none. Throws when the
   * store does not run, or when the thing has been evicted to SQLite.
   */
  get(id: string): Thing | null;
  /** Writes what is dirty to SQLite now; rejects with what SQLite said. */
  checkpoint(): Promise<CheckpointStats>;
  /** The ids of what SQLite does not have yet, deletions included. */
  getDirtyEntries(): Set<string>;
}

/** One stored entity. */
export interface Thing {
  $id: string;
  $type: string;
  $version: number;
  /** Milliseconds since the epoch. */
  readonly $createdAt: number;
  readonly $updatedAt: number;
  [field: string]: unknown;
}

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

/** A Durable Object that is one store, with sockets that survive hibernation. */
export class UnifiedStoreObject {
  constructor(ctx: DurableObjectState, env: UnifiedStoreEnv);
  fetch(request: Request): Response | Promise<Response>;
  webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void;
  webSocketClose(ws: WebSocket, code: number, reason: string): void;
  webSocketError(ws: WebSocket): void;
  alarm(): void;
  readonly __DURABLE_OBJECT_BRAND: never;
}

declare const worker: ExportedHandler<Env>;
export default worker;
