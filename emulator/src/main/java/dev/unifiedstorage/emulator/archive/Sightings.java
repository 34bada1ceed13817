package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.past.ArchiveSurvey;
import java.util.ArrayList;
import java.util.List;

/**
 * Which events have become visible in the table lately, so that their objects can be told.
 *
 * <p>It goes back ten minutes and up to as long again, in two surveys of which the older one is
 * dropped. It belongs to the sink's thread.
 */
final class Sightings {
  private static final double SURVEY_MS = 600_000;

  private ArchiveSurvey older = new ArchiveSurvey();
  private ArchiveSurvey newer = new ArchiveSurvey();
  private double sinceMs;
  private double newerSinceMs;

  Sightings(double nowMs) {
    begin(nowMs);
  }

  /** Forgets everything: what becomes visible from now on counts. */
  void begin(double nowMs) {
    older = new ArchiveSurvey();
    newer = new ArchiveSurvey();
    sinceMs = nowMs;
    newerSinceMs = nowMs;
  }

  /** A commit has made rows visible. */
  void add(ArchiveSurvey rows, double nowMs) {
    double ageMs = nowMs - newerSinceMs;
    if (ageMs >= SURVEY_MS || ageMs < 0) {
      older = newer;
      sinceMs = newerSinceMs;
      newer = new ArchiveSurvey();
      newerSinceMs = nowMs;
    }
    newer.addAll(rows);
  }

  /** What was found of a namespace until now; null when that cannot be told. */
  ArchiveReport report(String namespace, double nowMs) {
    ArchiveReport first = older.report(namespace, sinceMs, nowMs);
    ArchiveReport second = newer.report(namespace, sinceMs, nowMs);
    if (first == null || second == null) {
      return null;
    }
    List<ArchiveReport.Seen> seen = new ArrayList<>(first.seen());
    seen.addAll(second.seen());
    return new ArchiveReport(sinceMs, nowMs, seen);
  }
}
