package dev.unifiedstorage.query;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import org.jspecify.annotations.Nullable;

/** One index over the things of a type, in memory or not. */
final class Index {
  private final IndexDefinition definition;
  private final SortedEntries entries = new SortedEntries();
  private double bytes;

  /** The ids it has met, while it is built; null when it is complete. */
  private @Nullable IdMap<Boolean> met;

  Index(IndexDefinition definition, Json json) {
    this.definition = definition;
    met = json.map();
  }

  IndexDefinition definition() {
    return definition;
  }

  SortedEntries entries() {
    return entries;
  }

  double bytes() {
    return bytes;
  }

  boolean isComplete() {
    return met == null;
  }

  /** Everything has been met: from now on every change is told. */
  void completed() {
    met = null;
  }

  /**
   * A thing is there, as the building of the index finds it; what was met before is passed over.
   */
  void found(Candidate candidate) {
    if (met != null && met.get(candidate.thing().id()) == null) {
      add(IndexEntry.of(definition, candidate));
    }
  }

  /**
   * A thing has changed.
   *
   * @param older null when there was none, as {@code newer} when there is none now
   */
  void changed(@Nullable Candidate older, @Nullable Candidate newer) {
    IndexEntry before =
        older != null && (met == null || met.get(older.thing().id()) != null)
            ? IndexEntry.of(definition, older)
            : null;
    IndexEntry after = newer == null ? null : IndexEntry.of(definition, newer);
    if (before != null
        && after != null
        && before.compareTo(after.keys(), after.keys().length) == 0) {
      return;
    }
    if (before != null) {
      entries.remove(before);
      bytes -= before.bytes();
      if (met != null) {
        met.remove(before.id());
      }
    }
    if (after != null) {
      add(after);
    }
  }

  private void add(IndexEntry entry) {
    entries.add(entry);
    bytes += entry.bytes();
    if (met != null) {
      met.put(entry.id(), Boolean.TRUE);
    }
  }
}
