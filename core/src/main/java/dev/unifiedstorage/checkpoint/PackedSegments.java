package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Slots;
import dev.unifiedstorage.layout.Tables;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packed rows that count, oldest first: a log of things with a moving floor.
 *
 * <p>A checkpoint appends the changed things as a new row; their older lines are dead. Rows below
 * the floor are void and their slots free. The floor passes rows whose lines are all dead, and only
 * from the oldest end: a deletion's line may be forgotten once no older row is left that could
 * bring the thing back, and only the oldest row can know that.
 *
 * <p>When the dead outweigh the living, a checkpoint carries the living lines of the oldest rows
 * over into its own row, as much as it appends, {@link #CARRY_BYTES} at least, so that no
 * checkpoint stalls.
 */
final class PackedSegments {
  /** How much a checkpoint may carry over, however little it appends. */
  static final int CARRY_BYTES = 500_000;

  /** Dead bytes below which cleaning is never worth the work. */
  private static final double SLACK_BYTES = 4_000_000;

  /** Rows that may pile up, whatever their size, beside those that the living need. */
  private static final int SLACK_ROWS = 256;

  /** One row in use. */
  static final class Segment {
    final int slot;
    final double tx;
    final double bytes;
    final int lines;
    int living;

    /** Of the living, those that the checkpoint under way replaces. */
    int dying;

    Segment(int slot, double tx, double bytes, int lines) {
      this.slot = slot;
      this.tx = tx;
      this.bytes = bytes;
      this.lines = lines;
    }

    private double livingBytes() {
      return lines == 0 ? 0 : bytes * living / lines;
    }
  }

  private final Slots slots;
  private final double slackBytes;
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private final Map<Integer, Segment> bySlot = new HashMap<>();
  private double bytes;

  /**
   * @param checkpointBytes dirty bytes that trigger a checkpoint: where these are few, as many dead
   *     ones are worth the work
   */
  PackedSegments(Slots slots, double checkpointBytes) {
    this.slots = slots;
    this.slackBytes = Math.min(SLACK_BYTES, checkpointBytes);
  }

  /** Appends the newest row; {@code lines} of things are in it. */
  Segment add(int slot, double tx, double rowBytes, int lines) {
    Segment segment = new Segment(slot, tx, rowBytes, lines);
    segments.addLast(segment);
    bySlot.put(slot, segment);
    bytes += rowBytes;
    return segment;
  }

  @Nullable Segment bySlot(int slot) {
    return bySlot.get(slot);
  }

  Iterable<Segment> oldestFirst() {
    return segments;
  }

  /** Whether old rows should be emptied into the next one. */
  boolean needCleaning() {
    double living = 0;
    for (Segment segment : segments) {
      living += segment.livingBytes();
    }
    return bytes > 2 * living + slackBytes
        || segments.size() > SLACK_ROWS + 4 * living / Tables.ROW_LIMIT_BYTES;
  }

  /** A line of this row is replaced by the checkpoint under way. */
  void dies(int slot) {
    Segment segment = bySlot.get(slot);
    if (segment != null) {
      segment.dying++;
    }
  }

  /** The floor once the checkpoint under way, {@code tx}, has committed. */
  double nextFloor(double tx) {
    for (Segment segment : segments) {
      if (segment.living > segment.dying) {
        return segment.tx;
      }
    }
    return tx;
  }

  /** How many rows count once the floor is there. */
  int countFrom(double floorTx) {
    int count = 0;
    for (Segment segment : segments) {
      count += segment.tx >= floorTx ? 1 : 0;
    }
    return count;
  }

  /** The checkpoint under way has committed: rows below its floor are free. */
  void committed(double floorTx) {
    for (Segment segment : segments) {
      segment.living -= segment.dying;
      segment.dying = 0;
    }
    while (!segments.isEmpty() && segments.peekFirst().tx < floorTx) {
      Segment segment = segments.pollFirst();
      if (segment.living != 0) {
        throw new IllegalStateException(
            "segment slot "
                + segment.slot
                + " is below the floor with "
                + segment.living
                + " living things");
      }
      bySlot.remove(segment.slot);
      bytes -= segment.bytes;
      slots.release(segment.slot);
    }
  }

  /** Voids everything: the next checkpoint writes the whole state anew. */
  void clear() {
    segments.forEach(segment -> slots.release(segment.slot));
    segments.clear();
    bySlot.clear();
    bytes = 0;
  }

  /** The checkpoint under way has failed. */
  void failed() {
    for (Segment segment : segments) {
      segment.dying = 0;
    }
  }
}
