export { StoreError } from './errors.ts';
export { type LiveChange, type LiveQuery, LiveSet, type LiveState } from './live.ts';
export { indexedDbOutbox, type Kept, type KeptWrite, type Outbox } from './outbox.ts';
export type { Platform, Socket } from './platform.ts';
export { type ConnectOptions, connect, Store } from './store.ts';
export type * from './types.ts';
