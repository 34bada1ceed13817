/**
 * What the compiled components export: `ComponentsCore` of the module `worker`, as the glue sees it.
 */

import type { CoreHost, Ending } from '../core.js';
import type { CheckpointerStats, CheckpointStats, EmitterStats, RecoveryResult, Thing } from './index.js';

type Receiver<Value> = (value: Value) => void;

export interface State {
  create(data: object): Thing;
  load(thing: object): void;
  get(id: string): Thing | null;
  update(id: string, changes: object): Thing | null;
  remove(id: string): boolean;
  dirtyIds(): string[];
  markClean(ids: string[]): void;
  size(): number;
  estimatedBytes(): number;
  dirtyCount(): number;
  dirtyBytes(): number;
}

export interface Emitter {
  emit(verb: string, store: string, payload: object): void;
  flush(ended: Ending): void;
  close(ended: Ending): void;
  stats(): EmitterStats;
}

export interface Tracker {
  dirtyIds(): string[];
  thing(id: string): object | null;
  markClean(ids: string[]): void;
  dirtyCount(): number;
  dirtyBytes(): number;
}

export interface Checkpointer {
  start(): void;
  notifyDirty(): void;
  checkpoint(trigger: string): CheckpointStats;
  beforeHibernation(ended: Ending): void;
  destroy(): void;
  stats(): CheckpointerStats;
}

export interface Recovery {
  recover(done: Receiver<RecoveryResult>, failed: Receiver<string>): void;
  forceRebuildFromIceberg(done: Receiver<RecoveryResult>, failed: Receiver<string>): void;
  things(): Thing[];
  errors(): string[];
}

export function state(maxEntries: number, maxBytes: number, onEvict: Receiver<Thing[]>): State;
export function emitter(host: CoreHost, options: object): Emitter;
export function checkpointer(
  host: CoreHost,
  tracker: Tracker,
  options: object,
  onCheckpoint: Receiver<CheckpointStats>,
  onError: Receiver<{ message: string }>,
): Checkpointer;
export function recovery(host: CoreHost, options: object, onProgress: Receiver<object>): Recovery;
