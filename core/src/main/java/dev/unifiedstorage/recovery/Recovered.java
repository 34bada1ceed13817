package dev.unifiedstorage.recovery;

import dev.unifiedstorage.wal.CommitPoint;

/**
 * Where the rows of SQLite left the log, and what only the archive can add.
 *
 * @param point the last epoch and event there were; its unlogged events are the outbox that only
 *     the commit record has
 * @param checkpointSeq what SQLite holds the state up to
 * @param loggedSeq the last event in rows of the event log, 0 when there is none
 * @param lastEpoch the epoch that made the state in SQLite so: older ones have nothing to add
 * @param knownSeq the last event that there must be, wherever it is
 */
public record Recovered(
    CommitPoint point,
    double checkpointSeq,
    double loggedSeq,
    double lastEpoch,
    double knownSeq,
    Missing missing,
    RecoveryResult result) {

  /** What the archive has to add before the store may run. */
  public enum Missing {
    NOTHING,
    /** The events after the last one that SQLite has. */
    TAIL,
    /** All of it: SQLite is empty or damaged, the archive is not empty. */
    EVERYTHING
  }
}
