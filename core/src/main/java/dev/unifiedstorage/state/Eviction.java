package dev.unifiedstorage.state;

import org.jspecify.annotations.Nullable;

/**
 * Which clean entries may leave the memory, the least recently used first, and when one has to.
 *
 * <p>Only entries of collections that can be read back from SQLite are in it. Without a limit it
 * stays empty.
 */
final class Eviction {
  private final StateOptions options;
  private final EntryList evictable = new EntryList(false);

  Eviction(StateOptions options) {
    this.options = options;
  }

  /** Whether so many entries of that size are more than the limits allow. */
  boolean isOver(int entries, double bytes) {
    return (options.maxEntries() > 0 && entries > options.maxEntries())
        || (options.maxBytes() > 0 && bytes > options.maxBytes());
  }

  /** A clean entry may leave, if its collection allows that. */
  void include(Entry entry) {
    if (options.limited() && entry.collection.isEvictable() && entry.place == null) {
      evictable.addLast(entry);
    }
  }

  void exclude(Entry entry) {
    if (evictable.contains(entry)) {
      evictable.remove(entry);
    }
  }

  /** The entry was used: it is the last to leave. */
  void touch(Entry entry) {
    if (evictable.contains(entry)) {
      evictable.remove(entry);
      evictable.addLast(entry);
    }
  }

  /** The entry that leaves next, or null. */
  @Nullable Entry oldest() {
    return evictable.first() == null ? null : evictable.first().entry();
  }

  void clear() {
    while (evictable.first() != null) {
      evictable.remove(evictable.first().entry());
    }
  }
}
