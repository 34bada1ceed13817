package dev.unifiedstorage.recovery;

import dev.unifiedstorage.past.Path;
import dev.unifiedstorage.past.Replay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a recovery did.
 *
 * @param source where the state came from
 * @param thingsLoaded things that exist afterwards
 * @param eventsReplayed events applied on top of rows, or from the archive
 * @param duplicatesSkipped events that came again
 * @param branches lives that the archive has and that the store did not go through, as far as it
 *     was read
 * @param branchLives the first of them
 * @param branchEvents their events, which do not count
 * @param clean whether nothing had to be replayed
 * @param from who wrote the database, or the log it came from; null where it was this object
 */
public record RecoveryResult(
    Source source,
    int thingsLoaded,
    double eventsReplayed,
    double duplicatesSkipped,
    double branches,
    List<Double> branchLives,
    double branchEvents,
    double durationMs,
    boolean clean,
    @Nullable From from) {

  /** Of a recovery that nothing came before. */
  static final RecoveryResult NOTHING =
      new RecoveryResult(Source.EMPTY, 0, 0, 0, 0, List.of(), 0, 0, true, null);

  /**
   * Another object that wrote the database, or the log that the state came from.
   *
   * @param at the last event of its log that counts, as an {@code at} of a reply
   */
  public record From(String namespace, String writer, String at) {}

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
        List.of(),
        0,
        Math.max(0, durationMs),
        whole && clean,
        null);
  }

  /** This one with the counts of what came before it. */
  RecoveryResult plus(RecoveryResult before) {
    return new RecoveryResult(
        source,
        thingsLoaded,
        eventsReplayed + before.eventsReplayed,
        duplicatesSkipped + before.duplicatesSkipped,
        branches,
        branchLives,
        branchEvents,
        durationMs,
        clean && before.clean,
        from);
  }

  /** This one with what was left out. */
  RecoveryResult beside(Path path) {
    return new RecoveryResult(
        source,
        thingsLoaded,
        eventsReplayed,
        duplicatesSkipped,
        path.branches(),
        path.branchLives(),
        path.branchRows(),
        durationMs,
        clean,
        from);
  }

  /** This one over the database of another object. */
  public RecoveryResult from(From other, boolean isClean) {
    return new RecoveryResult(
        source,
        thingsLoaded,
        eventsReplayed,
        duplicatesSkipped,
        branches,
        branchLives,
        branchEvents,
        durationMs,
        isClean,
        other);
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
