package dev.unifiedstorage.layout;

import java.util.ArrayDeque;

/**
 * The numbers of the rows of {@code segments}: which are free to be overwritten.
 *
 * <p>Rows are reused, not deleted, because a deleted row is billed as a written one. Slot 0 is not
 * handed out: it belongs to commits that write no other row.
 */
public final class Slots {
  /** The slot of a commit record that has no other row to ride on. */
  public static final int META = 0;

  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private int highest;

  /** A slot to write to, until {@link #release}. */
  public int take() {
    Integer slot = free.poll();
    return slot != null ? slot : ++highest;
  }

  /** Gives a slot back: what it holds is void from now on. */
  public void release(int slot) {
    free.add(slot);
  }

  /** Says that a row with this slot exists; those below it that are not in use are free. */
  void found(int slot) {
    highest = Math.max(highest, slot);
  }
}
