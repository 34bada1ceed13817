package dev.unifiedstorage.query;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One index over the things of a type, in memory or not.
 *
 * <p>While it is built, what was found is gathered beside the entries, and these have what has
 * changed meanwhile: of a thing that has, what was found does not count.
 */
final class Index {
  /** What an id takes that has been told of. */
  private static final int TOLD_BYTES = 40;

  private final IndexDefinition definition;
  private SortedEntries entries = new SortedEntries();
  private double bytes;

  /** What was found; null when the index is complete. */
  private @Nullable SortedRuns gathered = new SortedRuns();

  /** The ids of what has changed since it began. */
  private final IdMap<Boolean> told;

  private boolean foundAll;

  Index(IndexDefinition definition, Json json) {
    this.definition = definition;
    told = json.map();
  }

  IndexDefinition definition() {
    return definition;
  }

  SortedEntries entries() {
    return entries;
  }

  double bytes() {
    return gathered == null ? bytes : bytes + gathered.bytes() + (double) TOLD_BYTES * told.size();
  }

  /** How many things it has met so far. */
  int size() {
    return entries.size() + (gathered == null ? 0 : gathered.size());
  }

  boolean isComplete() {
    return gathered == null;
  }

  /** A thing is there, as the building of the index finds it, perhaps not for the first time. */
  void found(Candidate candidate) {
    if (gathered != null && !foundAll && !isTold(candidate.thing().id())) {
      gathered.add(IndexEntry.of(definition, candidate));
    }
  }

  private boolean isTold(String id) {
    return told.size() > 0 && told.get(id) != null;
  }

  /**
   * Sorts what was found, for one slice.
   *
   * @param all whether that is everything there is: every change is told from now on
   * @return whether it is sorted; with everything found it is complete then
   */
  boolean sort(boolean all) {
    foundAll = all;
    SortedRuns runs = gathered;
    if (runs != null && !runs.sort(all)) {
      return false;
    }
    if (runs != null && all) {
      bytes += runs.bytes();
      complete(runs.sorted());
    }
    return true;
  }

  private void complete(IndexEntry[] sorted) {
    SortedEntries changed = entries;
    entries = new SortedEntries();
    gathered = null;
    boolean anyTold = told.size() > 0;
    for (IndexEntry entry : sorted) {
      if (!anyTold || told.get(entry.id()) == null) {
        entries.append(entry);
      } else {
        bytes -= entry.bytes();
      }
    }
    for (SortedEntries.Place at = changed.first();
        at.isBefore(changed.end());
        at = changed.next(at)) {
      entries.add(changed.at(at));
    }
    told.clear();
  }

  /**
   * A thing has changed.
   *
   * @param older null when there was none, as {@code newer} when there is none now
   */
  void changed(@Nullable Candidate older, @Nullable Candidate newer) {
    IndexEntry before =
        older != null && (gathered == null || isTold(older.thing().id()))
            ? IndexEntry.of(definition, older)
            : null;
    IndexEntry after = newer == null ? null : IndexEntry.of(definition, newer);
    if (before != null && after != null && before.compareTo(after) == 0) {
      return;
    }
    if (before != null) {
      entries.remove(before);
      bytes -= before.bytes();
    }
    if (after != null) {
      entries.add(after);
      bytes += after.bytes();
    }
    if (gathered != null) {
      Candidate either = older == null ? Objects.requireNonNull(newer) : older;
      told.put(either.thing().id(), Boolean.TRUE);
    }
  }
}
