package dev.unifiedstorage.query;

import dev.unifiedstorage.query.SortedEntries.Place;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one range of an index, in an order whose steps may go up and down.
 *
 * <p>Where all go the same way it is one step after another; where they do not, the next group of
 * equal keys is found by halving. The index must not change meanwhile.
 */
final class IndexWalk implements Entries {
  private final SortedEntries entries;

  /** The first level that is not the same in the whole range. */
  private final int from;

  /** Which levels go down; those before {@link #from} say nothing. */
  private final boolean[] descending;

  private final boolean allDescending;
  private final boolean mixed;
  private Place low;
  private Place high;

  /** Of a mixed order: the last entry given out, or the cursor's. */
  private Object @Nullable [] last;

  private @Nullable Place lastPlace;

  /**
   * @param after the keys on all levels behind which it begins, or null for the first entry
   */
  IndexWalk(SortedEntries entries, Range range, boolean[] descending, Object @Nullable [] after) {
    this.entries = entries;
    this.from = range.prefix().length;
    this.descending = descending;
    this.low = range.low(entries);
    this.high = range.high(entries);
    int down = 0;
    for (int level = from; level < descending.length; level++) {
      down += descending[level] ? 1 : 0;
    }
    allDescending = down > 0 && down == descending.length - from;
    mixed = down > 0 && !allDescending;
    if (after == null) {
      return;
    }
    if (mixed) {
      last = after;
    } else if (allDescending) {
      high = least(high, entries.before(after, after.length));
    } else {
      low = greatest(low, entries.behind(after, after.length));
    }
  }

  @Override
  public @Nullable IndexEntry next() {
    if (mixed) {
      return nextOfMixed();
    }
    if (!low.isBefore(high)) {
      return null;
    }
    if (allDescending) {
      high = entries.previous(high);
      return entries.at(high);
    }
    IndexEntry entry = entries.at(low);
    low = entries.next(low);
    return entry;
  }

  private @Nullable IndexEntry nextOfMixed() {
    Place place = last == null ? firstIn(from, low, high) : successor(last);
    if (place == null) {
      high = low;
      last = null;
      return null;
    }
    IndexEntry entry = entries.at(place);
    last = entry.keys();
    lastPlace = place;
    return entry;
  }

  private @Nullable Place successor(Object[] last) {
    int levels = descending.length;
    for (int level = levels - 1; level >= from; level--) {
      Place found = descending[level] ? groupBefore(last, level) : groupBehind(last, level);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The first place of the group with the next lower key on a level, all before it being equal. */
  private @Nullable Place groupBefore(Object[] last, int level) {
    Place end =
        lastPlace != null && level == descending.length - 1
            ? lastPlace
            : least(high, entries.before(last, level + 1));
    if (!low.isBefore(end)) {
      return null;
    }
    Place place = entries.previous(end);
    IndexEntry entry = entries.at(place);
    if (entry.compareTo(last, level) != 0) {
      return null;
    }
    return level == descending.length - 1
        ? place
        : firstIn(level + 1, greatest(low, entries.before(entry.keys(), level + 1)), end);
  }

  private @Nullable Place groupBehind(Object[] last, int level) {
    Place start =
        lastPlace != null && level == descending.length - 1
            ? entries.next(lastPlace)
            : greatest(low, entries.behind(last, level + 1));
    if (!start.isBefore(high)) {
      return null;
    }
    IndexEntry entry = entries.at(start);
    if (entry.compareTo(last, level) != 0) {
      return null;
    }
    return level == descending.length - 1
        ? start
        : firstIn(level + 1, start, least(high, entries.behind(entry.keys(), level + 1)));
  }

  /** The first place of a stretch whose entries are equal before a level. */
  private @Nullable Place firstIn(int firstLevel, Place start, Place end) {
    Place least = start;
    Place most = end;
    int lastLevel = descending.length - 1;
    for (int level = firstLevel; level <= lastLevel; level++) {
      if (!least.isBefore(most)) {
        return null;
      }
      if (descending[level]) {
        Place place = entries.previous(most);
        if (level == lastLevel) {
          return place;
        }
        least = greatest(least, entries.before(entries.at(place).keys(), level + 1));
      } else if (level < lastLevel) {
        most = least(most, entries.behind(entries.at(least).keys(), level + 1));
      }
    }
    return least.isBefore(most) ? least : null;
  }

  private static Place least(Place one, Place other) {
    return one.isBefore(other) ? one : other;
  }

  private static Place greatest(Place one, Place other) {
    return one.isBefore(other) ? other : one;
  }
}
