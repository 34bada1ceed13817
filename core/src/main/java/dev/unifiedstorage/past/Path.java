package dev.unifiedstorage.past;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of the archive count: those of the lives from one back to the root, of each up to
 * where the next one went on from it.
 *
 * <p>Everything else is a branch: counted, and never an event of this store. Rows from before there
 * were lives are one life an epoch; the next older epoch there is counts as its parent, up to the
 * event before its first. That is only known once all of them have been looked at, so the positions
 * are noticed first and the events applied later. It holds a few numbers a life, never the rows.
 */
public final class Path {
  /** How many gaps of a life are remembered; the first one is what an error names. */
  private static final int MAX_GAPS = 16;

  /** How many lives off the path are told apart. */
  private static final int MAX_BRANCHES = 1000;

  /** How many of them are named. */
  private static final int MAX_NAMED = 20;

  private record Gap(double from, double to) {}

  /** The part of one life, or of one old epoch, that counts. */
  private static final class Span {
    final List<Gap> gaps = new ArrayList<>();

    /** The last of its events that counts, as far as that is known; else infinite. */
    double until;

    /** The first and the last that was seen; 0 when none was. */
    double first;

    double last;

    Span(double until) {
      this.until = until;
    }

    void add(double seq) {
      if (first == 0) {
        first = seq;
      } else if (seq > last + 1 && gaps.size() < MAX_GAPS) {
        gaps.add(new Gap(last + 1, seq - 1));
      }
      last = Math.max(last, seq);
    }

    /** The last of its events that counts, or that was seen. */
    double end() {
      return until == Double.POSITIVE_INFINITY ? last : until;
    }

    /** What is missing of it from an event on, or null. */
    @Nullable Gap missing(double from) {
      double end = end();
      if (end < from) {
        return null;
      }
      if (first == 0 || first > from) {
        return new Gap(from, first == 0 ? end : Math.min(end, first - 1));
      }
      for (Gap gap : gaps) {
        if (gap.from <= end && gap.to >= from) {
          return gap;
        }
      }
      return last < end ? new Gap(last + 1, end) : null;
    }
  }

  private final double afterSeq;
  private final double checkpointEpoch;
  private final List<Span> drawn = new ArrayList<>();
  private final Map<Double, Span> byLife = new HashMap<>();

  /**
   * The newest epoch of rows without a life that counts, 0 for none, and the last event of those.
   */
  private double newestOld;

  private double oldUntil = Double.POSITIVE_INFINITY;
  private final List<Span> old = new ArrayList<>();
  private final List<Double> oldEpochs = new ArrayList<>();
  private final Set<Double> branches = new HashSet<>();
  private final List<Double> named = new ArrayList<>();
  private double branchRows;

  /**
   * @param life the newest one that counts
   * @param lastSeq its last event that counts; infinite for all that it wrote
   * @param afterSeq the state holds everything up to this event
   * @param checkpointEpoch the epoch that made it so: older ones without a life have nothing to add
   */
  public Path(Life life, double lastSeq, double afterSeq, double checkpointEpoch) {
    this.afterSeq = afterSeq;
    this.checkpointEpoch = checkpointEpoch;
    List<Life.Ancestor> path = life.path();
    for (int i = path.size() - 1; i >= 0; i--) {
      add(path.get(i).life(), path.get(i).untilSeq());
    }
    add(life.id(), lastSeq);
  }

  private void add(double life, double until) {
    if (Life.isDrawn(life)) {
      Span span = new Span(until);
      drawn.add(span);
      byLife.put(life, span);
    } else if (life > 0) {
      newestOld = Math.max(newestOld, life);
      oldUntil = until;
    }
  }

  /** Takes note of one row; those of a life come in the order of their seqs, some of them twice. */
  public void notice(ArchivedEvent row) {
    double seq = row.seq();
    if (seq == 0) {
      return;
    }
    if (row.life() == 0) {
      noticeOld(row.epoch(), seq);
      return;
    }
    Span span = byLife.get(row.life());
    if (span == null || seq > span.until) {
      branch(row.life(), 1);
    } else if (seq > afterSeq) {
      span.add(seq);
    }
  }

  private void noticeOld(double epoch, double seq) {
    if (newestOld == 0 || epoch > newestOld || seq > oldUntil) {
      branch(epoch, 1);
    } else if (seq > afterSeq && epoch >= checkpointEpoch) {
      int at = oldEpochs.size() - 1;
      if (at >= 0 && oldEpochs.get(at) > epoch) {
        throw new RecoveryException(
            "expected the archive's rows ordered by epoch, got epoch "
                + (long) epoch
                + " behind "
                + (long) (double) oldEpochs.get(at));
      }
      if (at < 0 || oldEpochs.get(at) < epoch) {
        oldEpochs.add(epoch);
        old.add(new Span(oldUntil));
        at++;
      }
      old.get(at).add(seq);
    }
  }

  private void branch(double life, double rows) {
    branchRows += rows;
    if (branches.size() < MAX_BRANCHES && branches.add(life) && named.size() < MAX_NAMED) {
      named.add(life);
    }
  }

  /** Says that every row has been noticed. */
  public void seal() {
    for (Span span : drawn) {
      // What lands from now on is for the next look.
      span.until = span.end();
    }
    double limit = oldUntil;
    for (int i = old.size() - 1; i >= 0; i--) {
      Span span = old.get(i);
      boolean newest = limit == Double.POSITIVE_INFINITY;
      span.until = newest ? span.last : limit;
      if (span.last > span.until) {
        branch(oldEpochs.get(i), span.last - span.until);
      }
      limit = Math.min(limit, span.first - 1);
    }
  }

  /** Whether a row counts; a fence is no event. */
  public boolean has(ArchivedEvent row) {
    if (row.life() != 0) {
      Span span = byLife.get(row.life());
      return span != null && row.seq() <= span.until;
    }
    for (int i = old.size() - 1; i >= 0 && oldEpochs.get(i) >= row.epoch(); i--) {
      if (oldEpochs.get(i) == row.epoch()) {
        return row.seq() <= old.get(i).until;
      }
    }
    return false;
  }

  /** The last event that counts, as far as the rows show or the path says. */
  public double reach() {
    double reach = afterSeq;
    for (Span span : old) {
      reach = Math.max(reach, span.until);
    }
    for (Span span : drawn) {
      reach = Math.max(reach, span.end());
    }
    return reach;
  }

  /** The last event before the first gap: none up to there can land any more. */
  double reachWithoutGap() {
    return reachWithoutGap(afterSeq + 1);
  }

  /** The same of the events from one on that was seen. */
  double reachWithoutGap(double from) {
    Gap gap = firstGap(from);
    return gap == null ? reach() : gap.from - 1;
  }

  /** The first event that counts and was seen; 0 when none was. */
  double first() {
    double first = Double.POSITIVE_INFINITY;
    for (List<Span> spans : List.of(old, drawn)) {
      for (Span span : spans) {
        boolean counts = span.first > 0 && span.first <= span.until;
        first = counts ? Math.min(first, span.first) : first;
      }
    }
    return first == Double.POSITIVE_INFINITY ? 0 : first;
  }

  /** The first missing events, as a sentence; null when there is no gap. */
  public @Nullable String gap() {
    Gap gap = firstGap();
    return gap == null
        ? null
        : "events " + (long) gap.from + " to " + (long) gap.to + " are missing";
  }

  /** Whether the event behind the state is missing, although later ones are there. */
  public boolean lacksFirst() {
    Gap gap = firstGap();
    return gap != null && gap.from == afterSeq + 1;
  }

  private @Nullable Gap firstGap() {
    return firstGap(afterSeq + 1);
  }

  private @Nullable Gap firstGap(double from) {
    double expected = from;
    for (Span span : old) {
      // Of an epoch all of whose events are past a newer one's first nothing counts.
      Gap gap = span.first <= span.until ? span.missing(expected) : null;
      if (gap != null) {
        return gap;
      }
      expected = Math.max(expected, span.first <= span.until ? span.until + 1 : 0);
    }
    if (newestOld > 0 && oldUntil < Double.POSITIVE_INFINITY && expected <= oldUntil) {
      return new Gap(expected, oldUntil);
    }
    for (Span span : drawn) {
      Gap gap = span.missing(expected);
      if (gap != null) {
        return gap;
      }
      expected = Math.max(expected, span.end() + 1);
    }
    return null;
  }

  /** The newest epoch of rows without a life that was seen, 0 for none. */
  public double newestOldEpoch() {
    return oldEpochs.isEmpty() ? 0 : oldEpochs.get(oldEpochs.size() - 1);
  }

  /** How many lives wrote rows that do not count. */
  public int branches() {
    return branches.size();
  }

  /** The first of those lives. */
  public List<Double> branchLives() {
    return named;
  }

  /** How many rows do not count. */
  public double branchRows() {
    return branchRows;
  }
}
