import type { StoreError } from './errors.ts';

/** What the types of a store look like: `{ Card: Card, User: User }`. */
export type TypeMap = Record<string, object>;

/** A thing as the store shows it: its own fields, and those that the store keeps. */
export type Thing<T = Record<string, unknown>> = T & {
  readonly $id: string;
  readonly $type: string;
  /** 1 at first, one more with each change. */
  readonly $version: number;
  /** Milliseconds since the epoch. */
  readonly $createdAt: number;
  readonly $updatedAt: number;
  readonly $expiresAt?: number;
  /** The form of its fields, of a type that has forms. */
  readonly $form?: number;
};

/** One step of a JSON patch, RFC 6902. */
export type PatchStep =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; path: string; from: string };

/** A change of one thing; its parts are carried out in this order, as one change. */
export interface Edits<T = Record<string, unknown>> {
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

export interface CreateOptions {
  /** The thing's id, when the data has none; the store makes one when neither does. */
  id?: string;
  expiresInMs?: number;
  return?: boolean;
}

export interface PutOptions {
  expiresInMs?: number;
  /** 0: only if there is no such thing. */
  ifVersion?: number;
  return?: boolean;
}

export interface DeleteOptions {
  ifVersion?: number;
}

/** What became of a write. */
export interface Written<T = Record<string, unknown>> {
  $id: string;
  $version: number;
  /** With `return: true`. */
  thing?: Thing<T>;
  /** The thing was too large for the answer. */
  truncated?: boolean;
  /** The store had carried this write out before: an answer got lost on its way. */
  replayed?: boolean;
}

/** One operation of a batch, as the protocol has it. */
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
  $type: string;
  where?: Where;
  /** Paths; `-` before one: descending. */
  orderBy?: string[];
  /** 1 to 1,000; 100 when absent. */
  limit?: number;
  cursor?: string;
  select?: string[];
  explain?: boolean;
}

export interface Page<T> {
  things: Thing<T>[];
  /** Where the next page begins; absent after the last one. */
  cursor?: string;
  /** The position of the store that the page shows. */
  at: string;
  explain?: { index: string | null; looked: number; matched: number };
}

/** How things stand between the client and its store. */
export interface SyncStatus {
  /** Whether a socket is open and greeted. */
  readonly online: boolean;
  /** Writes that wait for their answer. */
  readonly pending: number;
  /** When the store was last heard, in ms since the epoch; null: not yet. */
  readonly lastSyncedAt: number | null;
  /** Why the last attempt to connect failed; null when it did not. */
  readonly error: StoreError | null;
}

export type Reply = Record<string, unknown> & {
  id?: unknown;
  status?: string;
  code?: string;
  error?: string;
  details?: Record<string, unknown>;
};
