package dev.unifiedstorage.past;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of seqs as ranges, in their order, none of which touches the next.
 *
 * <p>There are at most {@value #MOST}: past that the two lowest become one, with what lies between
 * them.
 */
final class SeqRanges {
  static final int MOST = 256;

  /** From the one seq up to the other, both included. */
  record Range(double from, double to) {}

  private final List<Range> ranges = new ArrayList<>();

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  int size() {
    return ranges.size();
  }

  Range first() {
    return ranges.get(0);
  }

  /** The largest seq; 0 when there is none. */
  double last() {
    return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).to;
  }

  List<Range> all() {
    return List.copyOf(ranges);
  }

  void add(double from, double to) {
    double least = from;
    double most = to;
    int at = ranges.size();
    // What comes is mostly the newest.
    while (at > 0 && ranges.get(at - 1).to >= from - 1) {
      at--;
      if (ranges.get(at).from <= to + 1) {
        Range joined = ranges.remove(at);
        least = Math.min(least, joined.from);
        most = Math.max(most, joined.to);
      }
    }
    ranges.add(at, new Range(least, most));
    if (ranges.size() > MOST) {
      Range lowest = ranges.remove(0);
      ranges.set(0, new Range(lowest.from, ranges.get(0).to));
    }
  }

  void remove(double from, double to) {
    for (int i = ranges.size() - 1; i >= 0 && ranges.get(i).to >= from; i--) {
      Range range = ranges.get(i);
      if (range.from > to) {
        continue;
      }
      ranges.remove(i);
      if (range.to > to) {
        ranges.add(i, new Range(to + 1, range.to));
      }
      if (range.from < from) {
        ranges.add(i, new Range(range.from, from - 1));
      }
    }
  }
}
