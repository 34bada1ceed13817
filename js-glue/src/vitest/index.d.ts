import type { IcebergReader, Pipeline, PipelineRecord } from '../index.js';

/** A Pipeline in memory, shared by all tested objects, that stores what it is sent and fails on request. */
export interface TestPipeline extends Pipeline {
  /** What it has stored, of all namespaces, in the order it came; a copy. */
  readonly records: PipelineRecord[];
  /** All is well again; sends that hang go on. */
  accept(): void;
  /** Sends fail, and nothing is stored. */
  reject(): void;
  /** Sends get no answer, until `accept`. */
  hang(): void;
  /** Sends are stored, and yet fail: the store sends them again. */
  duplicate(): void;
  /** Answers come so many milliseconds later. */
  delay(ms: number): void;
  /** As `reject`, until so many milliseconds have passed. */
  outage(ms: number): void;
}

/** An archive in memory, which has at once what the Pipeline has stored. */
export interface TestArchive extends IcebergReader {
  /** Nothing that comes from now on lands in it, as if its sink stood still. */
  stall(): void;
  /** What came meanwhile is there. */
  resume(): void;
}

export const pipeline: TestPipeline;
export const archive: TestArchive;

/**
 * The class of a Durable Object, with `pipeline` as its binding `EVENTS` and `archive` as `ICEBERG`. Export it from the Worker
 * that the tests run, under the name of the class. Its durability is `pipeline`, as with a real archive, unless `DURABILITY` says otherwise.
 */
export function tested<Class extends new (...args: never[]) => object>(Class: Class): Class;

type Stub = Pick<DurableObjectStub, 'id' | 'name' | 'fetch'>;

/** Ends an object as a crash does: what is in memory alone is lost, and its sockets break off. */
export function crash(stub: Stub): Promise<void>;

/** Runs the object's alarm now, which saves what is dirty; false when none was set. */
export function runAlarm(stub: Stub): Promise<boolean>;

/**
 * Lets an object leave the memory as an idle one does: what is dirty is saved, and its sockets sleep. It asks the object for a
 * checkpoint, by its route `/checkpoint`: a `fetch` of your own has to leave that to the store.
 */
export function evict(stub: Stub): Promise<void>;

/** Forgets everything between two tests: what is stored in the platform's bindings and in the Pipeline, and all faults. */
export function reset(): Promise<void>;
