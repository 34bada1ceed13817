package dev.unifiedstorage.layout;

/** How the things of one collection lie in SQLite. */
public enum Layout {
  /** The whole collection is one row of {@code collections}. */
  COLUMNAR,
  /** Things lie in fat rows of {@code segments}, appended by checkpoints. */
  PACKED,
  /** One row of {@code things} each. */
  NORMALIZED
}
