/** What the seed's snippets find around them, as the test sets it. */
declare const env: {
  EVENTS: { send(records: object[]): Promise<unknown> };
  DLQ: { send(records: object[]): Promise<unknown> };
  ICEBERG: import('@unified-storage/worker/components').RecordSource;
};
declare const state: { storage: { sql: SqlStorage } };
declare const stateManagerAdapter: import('@unified-storage/worker/components').DirtyTracker;
