package dev.unifiedstorage.wal;

/** When a write is acknowledged. */
public enum Durability {
  /** When the Pipeline has accepted its event. */
  PIPELINE,
  /** When its event is committed in SQLite. */
  LOCAL,
  /** At once: a crash may lose it. */
  MEMORY
}
