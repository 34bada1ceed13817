package dev.unifiedstorage.layout;

import java.util.TreeSet;

/**
 * The numbers of the rows of {@code segments}: which are free to be overwritten.
 *
 * <p>Rows are reused, not deleted, because a deleted row is billed as a written one. Slot 0 is not
 * handed out: it belongs to commits that write no other row.
 */
public final class Slots {
  /** The slot of a commit record that has no other row to ride on. */
  public static final int META = 0;

  private final TreeSet<Integer> free = new TreeSet<>();
  private int highest;

  /** A slot to write to, until {@link #release}. */
  public int take() {
    // The lowest: rows of one transaction are read in the order of their slots.
    return free.isEmpty() ? ++highest : free.pollFirst();
  }

  /** Gives a slot back: what it holds is void from now on. Giving it back twice does nothing. */
  public void release(int slot) {
    free.add(slot);
  }

  /** Forgets every row. */
  public void clear() {
    free.clear();
    highest = 0;
  }

  /** Says that a row with this slot exists; those below it that are not in use are free. */
  void found(int slot) {
    highest = Math.max(highest, slot);
  }
}
