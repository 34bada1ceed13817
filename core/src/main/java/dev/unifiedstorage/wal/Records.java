package dev.unifiedstorage.wal;

/** What the Pipeline is sent: a record for every event, or one for those that leave together. */
public enum Records {
  /** Every event is a record, as the seed has it. */
  EVENT,
  /** Events that follow on one another are one record, {@code store.events}. */
  PACKED
}
