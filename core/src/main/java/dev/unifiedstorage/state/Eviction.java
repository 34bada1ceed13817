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

  /**
   * Whether so many entries of that size are more than the limits allow.
   *
   * @param besideBytes what those that have left still take, and changed ones take twice: it leaves
   *     less for the others, but a quarter of the limit at least, or a store with many of them
   *     would write a row for every write
   */
  boolean isOver(int entries, double bytes, double besideBytes) {
    double most = options.maxBytes();
    return (options.maxEntries() > 0 && entries > options.maxEntries())
        || (most > 0 && bytes > Math.max(most - besideBytes, most / 4));
  }

  /** Whether one more fits that need not be there; without a limit none is brought for that. */
  boolean hasRoom(int entries, double bytes, double besideBytes) {
    return options.limited() && !isOver(entries + 1, bytes, besideBytes);
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
