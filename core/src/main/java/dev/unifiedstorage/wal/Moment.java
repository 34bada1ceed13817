package dev.unifiedstorage.wal;

import org.jspecify.annotations.Nullable;

/**
 * A moment that a request asks about; the events up to both bounds count.
 *
 * @param untilSeq infinite when the moment is a time
 * @param untilMs infinite when the moment is a seq
 * @param position where the seq is from, when it was given so; else null
 */
public record Moment(double untilSeq, double untilMs, @Nullable Position position) {
  public static Moment ofTime(double ms) {
    return new Moment(Double.POSITIVE_INFINITY, ms, null);
  }

  public static Moment ofSeq(double seq) {
    return new Moment(seq, Double.POSITIVE_INFINITY, null);
  }

  public static Moment of(Position position) {
    return new Moment(position.seq(), Double.POSITIVE_INFINITY, position);
  }
}
