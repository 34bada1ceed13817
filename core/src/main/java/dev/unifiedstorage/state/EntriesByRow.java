package dev.unifiedstorage.state;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Entries of one collection as a list in which those of one row stand beside one another.
 *
 * <p>So what has changed since an event is looked for in the rows that are newer, and not among all
 * there is. The links are the entries' own; what a row takes beside them is one object. A
 * collection lies in a few hundred rows at most, and what is added mostly lies in the newest, which
 * is the first that is looked at.
 */
final class EntriesByRow {
  /** The entries of one row: from one on, as far as they lie in it. */
  private static final class Run {
    /** Null for entries that no row has yet. */
    private final @Nullable StoredRow row;

    private Entry first;
    private @Nullable Run next;

    private Run(@Nullable StoredRow row, Entry first, @Nullable Run next) {
      this.row = row;
      this.first = first;
      this.next = next;
    }
  }

  private @Nullable Entry first;

  /** The row that was met last comes first. */
  private @Nullable Run runs;

  @Nullable Entry first() {
    return first;
  }

  void add(Entry entry) {
    Run run = runs;
    while (run != null && run.row != entry.row) {
      run = run.next;
    }
    if (run == null) {
      runs = new Run(entry.row, entry, runs);
      insert(entry, first);
    } else {
      insert(entry, run.first);
      run.first = entry;
    }
  }

  private void insert(Entry entry, @Nullable Entry behind) {
    entry.nextInCollection = behind;
    entry.previousInCollection = behind == null ? null : behind.previousInCollection;
    if (behind != null) {
      behind.previousInCollection = entry;
    }
    if (behind == first) {
      first = entry;
    } else if (entry.previousInCollection != null) {
      entry.previousInCollection.nextInCollection = entry;
    }
  }

  /** Takes an entry out, which still lies where it did when it was added. */
  void remove(Entry entry) {
    Entry previous = entry.previousInCollection;
    Entry next = entry.nextInCollection;
    if (previous == null || previous.row != entry.row) {
      loseFirst(entry, next);
    }
    if (previous == null) {
      first = next;
    } else {
      previous.nextInCollection = next;
    }
    if (next != null) {
      next.previousInCollection = previous;
    }
    entry.previousInCollection = null;
    entry.nextInCollection = null;
  }

  /** The first entry of a row goes: the next one is its first, if it is of that row. */
  private void loseFirst(Entry entry, @Nullable Entry next) {
    Run before = null;
    for (Run run = runs; run != null; before = run, run = run.next) {
      if (run.first != entry) {
        continue;
      }
      if (next != null && next.row == entry.row) {
        run.first = next;
      } else if (before == null) {
        runs = run.next;
      } else {
        before.next = run.next;
      }
      return;
    }
    throw new IllegalStateException("an entry is in no row's list");
  }

  /** Visits those in rows that may have something of an event behind that one; negative for all. */
  void forEachInRowsBehind(double seq, Consumer<Entry> visitor) {
    for (Run run = runs; run != null; run = run.next) {
      if (run.row == null || run.row.lastSeq() > seq) {
        Entry entry = run.first;
        while (entry != null && entry.row == run.row) {
          visitor.accept(entry);
          entry = entry.nextInCollection;
        }
      }
    }
  }
}
