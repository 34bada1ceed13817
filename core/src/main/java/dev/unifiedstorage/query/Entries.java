package dev.unifiedstorage.query;

/** Entries of an index, one after the other. */
interface Entries {
  /** The next one, or null at the end. */
  IndexEntry next();
}
