package dev.unifiedstorage.recovery;

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

  /** This one with the counts of what came before it; null for nothing. */
  RecoveryResult plus(RecoveryResult before) {
    return before == null
        ? this
        : new RecoveryResult(
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
