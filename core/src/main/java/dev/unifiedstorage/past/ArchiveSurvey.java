package dev.unifiedstorage.past;

import dev.unifiedstorage.snapshot.SnapshotHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a look at the archive has found of all namespaces: which seqs of which lives are there.
 *
 * <p>It holds ranges, never rows, and those of {@value #MOST_LIVES} lives at most. Past that it is
 * full, and says nothing more: half of what is there would look like holes.
 */
public final class ArchiveSurvey {
  static final int MOST_LIVES = 200_000;

  private final Map<String, Map<Double, SeqRanges>> found = new HashMap<>();
  private final List<String> namespaces = new ArrayList<>();
  private int lives;
  private boolean full;

  /**
   * Takes note of one row.
   *
   * @param life 0 in rows from before there were lives
   * @param events how many events a packed row has; 0 in every other
   */
  public void row(String namespace, double epoch, double life, double seq, double events) {
    if (seq > 0 && !SnapshotHead.isNamespaceOfSnapshots(namespace)) {
      add(namespace, life == 0 ? epoch : life, seq, seq + Math.max(0, events - 1));
    }
  }

  private void add(String namespace, double life, double from, double to) {
    Map<Double, SeqRanges> ofNamespace = found.get(namespace);
    SeqRanges ranges = ofNamespace == null ? null : ofNamespace.get(life);
    if (ranges == null) {
      ranges = begin(namespace, ofNamespace, life);
    }
    if (ranges != null) {
      ranges.add(from, to);
    }
  }

  private @Nullable SeqRanges begin(
      String namespace, @Nullable Map<Double, SeqRanges> known, double life) {
    if (lives == MOST_LIVES) {
      full = true;
      return null;
    }
    Map<Double, SeqRanges> ofNamespace = known;
    if (ofNamespace == null) {
      ofNamespace = new HashMap<>();
      found.put(namespace, ofNamespace);
      namespaces.add(namespace);
    }
    SeqRanges ranges = new SeqRanges();
    ofNamespace.put(life, ranges);
    lives++;
    return ranges;
  }

  /** Adds what another one has found. */
  public void addAll(ArchiveSurvey other) {
    for (String namespace : other.namespaces) {
      Map<Double, SeqRanges> ofNamespace = Objects.requireNonNull(other.found.get(namespace));
      for (Map.Entry<Double, SeqRanges> one : ofNamespace.entrySet()) {
        for (SeqRanges.Range range : one.getValue().all()) {
          add(namespace, one.getKey(), range.from(), range.to());
        }
      }
    }
    full |= other.full;
  }

  /** The namespaces of which something was found, in the order in which they came. */
  public List<String> namespaces() {
    return namespaces;
  }

  /**
   * What was found of a namespace; null when that cannot be told, because there was too much.
   *
   * @param sinceMs from when on the rows became visible that were looked at
   * @param untilMs when they were looked at
   */
  public @Nullable ArchiveReport report(String namespace, double sinceMs, double untilMs) {
    if (full) {
      return null;
    }
    Map<Double, SeqRanges> ofNamespace = found.get(namespace);
    List<ArchiveReport.Seen> seen = new ArrayList<>();
    if (ofNamespace != null) {
      for (Map.Entry<Double, SeqRanges> one : ofNamespace.entrySet()) {
        for (SeqRanges.Range range : one.getValue().all()) {
          seen.add(new ArchiveReport.Seen(one.getKey(), range.from(), range.to()));
        }
      }
    }
    return new ArchiveReport(sinceMs, untilMs, seen);
  }
}
