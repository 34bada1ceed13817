package dev.unifiedstorage.layout;

import java.util.ArrayList;
import java.util.List;

/**
 * The numbers of the rows of {@code segments}: which are free to be overwritten.
 *
 * <p>Rows are reused, not deleted, because a deleted row is billed as a written one. Slot 0 is not
 * handed out: it belongs to commits that write no other row.
 */
public final class Slots {
  /** The slot of a commit record that has no other row to ride on. */
  public static final int META = 0;

  /** The highest first: the lowest is taken without moving the others. */
  private final List<Integer> free = new ArrayList<>();

  private int highest;

  /** A slot to write to, until {@link #release}. */
  public int take() {
    // The lowest: rows of one transaction are read in the order of their slots.
    return free.isEmpty() ? ++highest : free.remove(free.size() - 1);
  }

  /** Gives a slot back: what it holds is void from now on. Giving it back twice does nothing. */
  public void release(int slot) {
    int from = 0;
    int to = free.size();
    while (from < to) {
      int middle = (from + to) / 2;
      if (free.get(middle) > slot) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    if (from == free.size() || free.get(from) != slot) {
      free.add(from, slot);
    }
  }

  /** Forgets every row. */
  public void clear() {
    free.clear();
    highest = 0;
  }

  /** Says that a row with this slot exists: new slots are past it. */
  void found(int slot) {
    highest = Math.max(highest, slot);
  }
}
