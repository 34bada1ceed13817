package dev.unifiedstorage.past;

import dev.unifiedstorage.wal.EpochStart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows of the archive count, learnt by looking at all of their epochs and seqs once.
 *
 * <p>A record of an older epoch with a seq at or past a newer epoch's first is void: its write was
 * never acknowledged, or undone. A row's own epoch does not show that, so the whole archive has to
 * be seen before the first event is applied. It holds a few numbers an epoch, never the rows.
 */
public final class EpochMap {
  /** How many gaps of an epoch are remembered; the first one is what an error names. */
  private static final int MAX_GAPS = 16;

  private record Gap(double from, double to) {}

  private static final class Span {
    final double epoch;
    final List<Gap> gaps = new ArrayList<>();
    double first;
    double last;

    /** The last seq of this epoch that is not void. */
    double lastValid;

    Span(double epoch, double first) {
      this.epoch = epoch;
      this.first = first;
      this.last = first;
    }
  }

  private final double afterSeq;
  private final double checkpointEpoch;
  private final List<Span> spans = new ArrayList<>();
  private final Map<Double, Span> byEpoch = new HashMap<>();
  private double newestEpoch;
  private double newestFence;
  private double rows;

  /**
   * @param afterSeq the state holds everything up to this event
   * @param checkpointEpoch the epoch that made it so: older ones have nothing to add
   */
  public EpochMap(double afterSeq, double checkpointEpoch) {
    this.afterSeq = afterSeq;
    this.checkpointEpoch = checkpointEpoch;
  }

  /** Takes note of one row; they come ordered by (epoch, seq), some of them twice. */
  public void notice(double epoch, double seq) {
    rows++;
    if (epoch < newestEpoch && seq != 0) {
      throw new RecoveryException(
          "expected the archive's rows ordered by epoch, got epoch "
              + (long) epoch
              + " behind "
              + (long) newestEpoch);
    }
    newestEpoch = Math.max(newestEpoch, epoch);
    if (seq == 0) {
      newestFence = Math.max(newestFence, epoch);
      return;
    }
    if (seq <= afterSeq || epoch < checkpointEpoch) {
      return;
    }
    Span span = byEpoch.get(epoch);
    if (span == null) {
      span = new Span(epoch, seq);
      spans.add(span);
      byEpoch.put(epoch, span);
      return;
    }
    if (seq > span.last + 1 && span.gaps.size() < MAX_GAPS) {
      span.gaps.add(new Gap(span.last + 1, seq - 1));
    }
    span.last = Math.max(span.last, seq);
  }

  /** Says that every row has been seen, and where epochs begin whose first may be missing. */
  public void seal(List<EpochStart> starts) {
    starts.forEach(this::begin);
    double limit = Double.POSITIVE_INFINITY;
    for (int i = spans.size() - 1; i >= 0; i--) {
      Span span = spans.get(i);
      span.lastValid = Math.min(span.last, limit - 1);
      limit = Math.min(limit, span.first);
    }
  }

  private void begin(EpochStart start) {
    double first = start.firstSeq();
    Span span = byEpoch.get(start.epoch());
    if (span == null) {
      span = new Span(start.epoch(), first);
      span.last = first - 1;
      int at = spans.size();
      while (at > 0 && spans.get(at - 1).epoch > span.epoch) {
        at--;
      }
      spans.add(at, span);
      byEpoch.put(span.epoch, span);
    } else if (first < span.first) {
      span.gaps.add(0, new Gap(first, span.first - 1));
      span.first = first;
    }
  }

  public boolean isVoid(double epoch, double seq) {
    Span span = byEpoch.get(epoch);
    return span == null || seq > span.lastValid;
  }

  /** The last event that counts. */
  public double reach() {
    double reach = afterSeq;
    for (Span span : spans) {
      if (span.first <= span.lastValid) {
        reach = Math.max(reach, span.lastValid);
      }
    }
    return reach;
  }

  /** The last event before the first gap: none up to there can land any more. */
  double reachWithoutGap() {
    Gap gap = firstGap();
    return gap == null ? reach() : gap.from - 1;
  }

  /** The first missing events, as a sentence; null when there is no gap. */
  public String gap() {
    Gap gap = firstGap();
    return gap == null
        ? null
        : "events " + (long) gap.from + " to " + (long) gap.to + " are missing";
  }

  private Gap firstGap() {
    double expected = afterSeq + 1;
    for (Span span : spans) {
      if (span.first > span.lastValid) {
        continue;
      }
      Gap gap = span.first > expected ? new Gap(expected, span.first - 1) : firstGap(span);
      if (gap != null) {
        return gap;
      }
      expected = span.lastValid + 1;
    }
    return null;
  }

  private static Gap firstGap(Span span) {
    for (Gap gap : span.gaps) {
      if (gap.from <= span.lastValid) {
        return gap;
      }
    }
    return null;
  }

  public double newestEpoch() {
    return newestEpoch;
  }

  public double newestFence() {
    return newestFence;
  }

  /** How many rows there were, fences and repetitions included. */
  public double rows() {
    return rows;
  }
}
