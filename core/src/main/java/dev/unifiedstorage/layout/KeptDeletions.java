package dev.unifiedstorage.layout;

import java.util.List;

/**
 * Where the newest deletions are, as a commit record says.
 *
 * @param forgottenSeq those up to this event may be in no row any more
 * @param blocks rows of older ones, oldest first
 * @param lines the newest: {@link DeletionLines}, or ""
 */
public record KeptDeletions(double forgottenSeq, List<Block> blocks, String lines) {
  /** Of an object that has never deleted. */
  public static final KeptDeletions NONE = new KeptDeletions(0, List.of(), "");

  /** A row of deletions. */
  public record Block(int slot, int count, double lastSeq) {}

  /** Nothing is known of deletions up to an event. */
  public static KeptDeletions noneUpTo(double seq) {
    return new KeptDeletions(seq, List.of(), "");
  }

  boolean hasSlot(int slot) {
    for (Block block : blocks) {
      if (block.slot() == slot) {
        return true;
      }
    }
    return false;
  }
}
