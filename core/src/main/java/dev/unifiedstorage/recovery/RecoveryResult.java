package dev.unifiedstorage.recovery;

import dev.unifiedstorage.past.Replay;

/**
 * What a recovery did.
 *
 * @param thingsLoaded things that exist afterwards
 * @param eventsReplayed events applied on top of rows, or from the archive
 * @param duplicatesSkipped events that came again, or belong to a passed epoch
 * @param clean whether nothing had to be replayed
 */
public record RecoveryResult(
    Source source,
    int thingsLoaded,
    double eventsReplayed,
    double duplicatesSkipped,
    double durationMs,
    boolean clean) {

  /** Of a recovery that nothing came before. */
  static final RecoveryResult NOTHING = new RecoveryResult(Source.EMPTY, 0, 0, 0, 0, true);

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
        durationMs,
        clean && before.clean);
  }

  /** Where the state came from. */
  public enum Source {
    /** There was nothing anywhere: a new store. */
    EMPTY("empty"),
    SQLITE("sqlite"),
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
