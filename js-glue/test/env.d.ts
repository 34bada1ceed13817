import type { IcebergReader, Pipeline } from '@unified-storage/worker';

declare global {
  /** What the example's author has bound. */
  interface Env {
    EVENTS: Pipeline;
    ICEBERG?: IcebergReader;
  }
}
