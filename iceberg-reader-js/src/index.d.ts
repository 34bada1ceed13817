/** One row of the table: an event of a store, or a fence between two lives of one. */
export interface Row {
  epoch: number;
  /** 0 in rows from before there were lives. */
  life: number;
  seq: number;
  verb: 'thing.created' | 'thing.updated' | 'thing.deleted' | 'store.fence' | 'store.events' | null;
  entityId: string | null;
  entityType: string | null;
  version: number;
  /** When it happened, in milliseconds since the epoch. */
  ts: number;
  /** The record's payload as JSON text. */
  payload: string | null;
  /** How many events a row of `store.events` has; 0 elsewhere. */
  events?: number;
  /** The client's session, the number of the write in it, and its place in a batch. */
  session?: string | null;
  n?: number | null;
  batchIndex?: number | null;
  /** Whom the client's token named. */
  sub?: string | null;
}

/** Which rows are wanted. */
export interface ReadQuery {
  namespace: string;
  /** Events with a seq over this one; 0 when absent. */
  afterSeq?: number;
  /** Events up to this seq; all when absent. */
  untilSeq?: number;
  /** Events of these things only, and every `store.events`; all when absent or null. */
  entityIds?: string[] | null;
  /** Whether `epoch`, `life`, `seq` and `events` are enough; the rest may then be null or 0. */
  positionsOnly?: boolean;
  /** Rows that came into the table before this moment need not come; 0 or absent: all. */
  sinceMs?: number;
  /** Ends the read. */
  signal?: AbortSignal;
  /** Called now and then during long work, with the number of rows looked at. */
  progress?(rows: number): void;
}

/** Which rows a survey looks at. */
export interface SurveyQuery {
  /** Those that came behind the commit with this number; Infinity for none. */
  after: number;
  /** Rows that came into the table before this moment are not looked at, such as those of a file that was written anew; 0 when absent. */
  sinceMs?: number;
  /** Called for each row: `life` and `events` as in {@link Row}. */
  row(ns: string, epoch: number, life: number, seq: number, events: number): void;
  /** Ends it. */
  signal?: AbortSignal;
}

/** Where the files of the table are. */
export interface Objects {
  /** The bytes of the file at `s3://bucket/key`: those from `from` up to `to`, or all of them. */
  read(location: string, signal: AbortSignal, from?: number, to?: number): Promise<Uint8Array>;
}

/** Where the table is. */
export interface Settings {
  catalogUrl: string;
  /** The catalog's bearer token. */
  token?: string;
  warehouse?: string;
  /** The namespace of the table, part by part. */
  levels: string[];
  tableName: string;
  objects: Objects;
}

/** Reads the Iceberg table that the Pipeline's sink fills. */
export class ArchiveReader {
  /** `windowBytes` is about how many bytes of events are in memory at a time; 2 MiB when absent. */
  constructor(settings: Settings, options?: { windowBytes?: number });
  /**
   * The rows of one snapshot, ordered by (epoch, seq), some of them at a time. A table that cannot be
   * read is an error, never an empty answer.
   */
  read(query: ReadQuery): AsyncGenerator<Row[], void, undefined>;
  /**
   * Tells where the rows of all namespaces are that came behind a commit. A row may come more than once.
   *
   * @returns the number of the newest commit that was looked at
   */
  survey(query: SurveyQuery): Promise<number>;
}

/**
 * The settings that the variables `ICEBERG_*` and the R2 binding `WAREHOUSE` are; undefined without
 * `ICEBERG_CATALOG_URL`. Throws when a half of them is missing.
 */
export function settingsFrom(env: object): Settings | undefined;

/** The reader of what `settingsFrom` says; undefined where it says nothing. */
export function icebergFrom(env: object): ArchiveReader | undefined;
