package dev.unifiedstorage.recovery;

import dev.unifiedstorage.past.Path;
import dev.unifiedstorage.past.Replay;

/**
 * What a recovery did.
 *
 * @param source where the state came from
 * @param thingsLoaded things that exist afterwards
 * @param eventsReplayed events applied on top of rows, or from the archive
 * @param duplicatesSkipped events that came again
 * @param branches lives that the archive has and that the store did not go through, as far as it
 *     was read
 * @param branchEvents their events, which do not count
 * @param clean whether nothing had to be replayed
 */
public record RecoveryResult(
    Source source,
    int thingsLoaded,
    double eventsReplayed,
    double duplicatesSkipped,
    double branches,
    double branchEvents,
    double durationMs,
    boolean clean) {

  /** Of a recovery that nothing came before. */
  static final RecoveryResult NOTHING = new RecoveryResult(Source.EMPTY, 0, 0, 0, 0, 0, 0, true);

  /**
   * What a replay did.
   *
   * @param whole whether nothing is known to be missing
   */
  static RecoveryResult of(
      Source source, int things, Replay replay, double durationMs, boolean whole) {
    boolean clean = source == Source.EMPTY || (source == Source.SQLITE && replay.applied() == 0);
    return new RecoveryResult(
        source,
        things,
        replay.applied(),
        replay.duplicates(),
        0,
        0,
        Math.max(0, durationMs),
        whole && clean);
  }

  /** This one with the counts of what came before it. */
  RecoveryResult plus(RecoveryResult before) {
    return new RecoveryResult(
        source,
        thingsLoaded,
        eventsReplayed + before.eventsReplayed,
        duplicatesSkipped + before.duplicatesSkipped,
        branches,
        branchEvents,
        durationMs,
        clean && before.clean);
  }

  /** This one with what was left out. */
  RecoveryResult beside(Path path) {
    return new RecoveryResult(
        source,
        thingsLoaded,
        eventsReplayed,
        duplicatesSkipped,
        path.branches(),
        path.branchRows(),
        durationMs,
        clean);
  }

  /** Where the state came from. */
  public enum Source {
    /** There was nothing anywhere: a new store. */
    EMPTY("empty"),
    /** SQLite had all of it. */
    SQLITE("sqlite"),
    /** The archive had some of it, or all. */
    ICEBERG("iceberg");

    private final String label;

    Source(String label) {
      this.label = label;
    }

    /** The name in statistics. */
    public String label() {
      return label;
    }
  }
}
