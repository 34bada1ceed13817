package dev.unifiedstorage.query;

import org.jspecify.annotations.Nullable;

/** Entries of an index, one after the other. */
interface Entries {
  /** The next one, or null at the end. */
  @Nullable IndexEntry next();
}
