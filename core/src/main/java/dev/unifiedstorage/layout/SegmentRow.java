package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code segments}, its commit record aside.
 *
 * @param epoch of the events in it, 0 unless it is a log row
 * @param firstSeq of the events in it, 0 unless it is a log row
 * @param lastSeq of the events in it; no thing or deletion in it is of a later one, and 0 says that
 *     none has a seq
 */
public record SegmentRow(
    int slot, Kind kind, double tx, double epoch, double firstSeq, double lastSeq, String body) {

  /** What a row of {@code segments} holds; stored as its ordinal. */
  public enum Kind {
    /** Nothing but a commit record. */
    META,
    /** Lines of things and deletions of the packed collections. */
    PACKED,
    /** Lines of events. */
    LOG,
    /** Lines of deletions, for subscribers that come back: {@link DeletionLines}. */
    DELETIONS
  }

  /** What errors call the row in a slot. */
  public static String name(int slot) {
    return "segments[slot=" + slot + "]";
  }

  /** The same row without its text, for lists of many. */
  public SegmentRow withoutBody() {
    return new SegmentRow(slot, kind, tx, epoch, firstSeq, lastSeq, "");
  }

  double sum(@Nullable String head, Json json) {
    int sum = 31 * slot + kind.ordinal();
    sum = 31 * sum + Double.hashCode(tx);
    sum = 31 * sum + Double.hashCode(epoch);
    sum = 31 * sum + Double.hashCode(firstSeq);
    sum = 31 * sum + Double.hashCode(lastSeq);
    sum = 31 * sum + (head == null ? 1 : json.hash(head));
    return 31 * sum + json.hash(body);
  }
}
