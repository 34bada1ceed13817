package dev.unifiedstorage.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an index in the making has gathered, in sorted runs that are merged two by two.
 *
 * <p>To find the place of each entry among all that are there goes through all of the memory that
 * they take, again and again; a merge goes through it in order. A large one takes several calls.
 */
final class SortedRuns {
  private static final IndexEntry[] NONE = {};

  /** How many entries one call merges: a few milliseconds on any target. */
  private static final int MERGED_A_CALL = 20_000;

  /** What was added last, in any order. */
  private final List<IndexEntry> unsorted = new ArrayList<>();

  /** The newest and smallest last. */
  private final List<IndexEntry[]> runs = new ArrayList<>();

  /** Two runs that are being merged, and how much of each has been. */
  private IndexEntry[] older = NONE;

  private IndexEntry[] newer = NONE;
  private int ofOlder;
  private int ofNewer;

  /** The run that is being filled, and how far. */
  private IndexEntry[] filling = NONE;

  private int filled;
  private int size;
  private double bytes;

  void add(IndexEntry entry) {
    unsorted.add(entry);
    size++;
    bytes += entry.bytes();
  }

  int size() {
    return size;
  }

  /** The estimated size of what is there. */
  double bytes() {
    return bytes;
  }

  /**
   * Goes on merging, or sorts what was added.
   *
   * @param all whether runs of any size are merged, and not only such as are about the same
   * @return whether there is nothing left to merge
   */
  boolean sort(boolean all) {
    for (int most = MERGED_A_CALL; most > 0; most--) {
      if (ofOlder + ofNewer == older.length + newer.length && !begin(all)) {
        return true;
      }
      boolean takesOlder =
          ofNewer == newer.length
              || (ofOlder < older.length && older[ofOlder].compareTo(newer[ofNewer]) <= 0);
      fill(takesOlder ? older[ofOlder++] : newer[ofNewer++]);
    }
    return false;
  }

  /** Ends what was merged, and begins the next merge, if there is one. */
  private boolean begin(boolean all) {
    endRun();
    if (!unsorted.isEmpty()) {
      unsorted.sort(IndexEntry::compareTo);
      filling = new IndexEntry[unsorted.size()];
      unsorted.forEach(this::fill);
      unsorted.clear();
      endRun();
    }
    int last = runs.size() - 1;
    if (last < 1 || (!all && runs.get(last - 1).length > 2 * runs.get(last).length)) {
      return false;
    }
    newer = runs.remove(last);
    older = runs.remove(last - 1);
    filling = new IndexEntry[older.length + newer.length];
    return true;
  }

  private void fill(IndexEntry entry) {
    if (filled > 0 && entry.share(filling[filled - 1])) {
      // What moves meanwhile is gathered more than once.
      size--;
      bytes -= entry.bytes();
    } else {
      filling[filled++] = entry;
    }
  }

  private void endRun() {
    if (filled > 0) {
      runs.add(filled == filling.length ? filling : Arrays.copyOf(filling, filled));
    }
    filled = 0;
    older = NONE;
    newer = NONE;
    ofOlder = 0;
    ofNewer = 0;
    filling = NONE;
  }

  /** All there is in order, once there is nothing left to merge. */
  IndexEntry[] sorted() {
    return runs.isEmpty() ? NONE : runs.get(0);
  }
}
