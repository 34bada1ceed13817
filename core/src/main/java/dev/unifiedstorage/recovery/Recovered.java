package dev.unifiedstorage.recovery;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.wal.Event;
import java.util.List;

/**
 * Where the rows of SQLite left the log, and what only the archive can add.
 *
 * @param owner who wrote it
 * @param recorded what the last commit record says
 * @param appliedSeq the last event in the state
 * @param outbox the events that only the commit record has
 * @param loggedSeq the last event in rows of the event log, 0 when there is none
 * @param lastEpoch the epoch that made the state in SQLite so: older ones have nothing to add
 * @param knownSeq the last event that there must be, wherever it is
 */
public record Recovered(
    Owner owner,
    CommitPoint recorded,
    double appliedSeq,
    List<Event> outbox,
    double loggedSeq,
    double lastEpoch,
    double knownSeq,
    Missing missing,
    RecoveryResult result) {

  /** This one, with a probe that is sent. */
  Recovered probing(double probe) {
    return new Recovered(
        owner,
        recorded.probing(probe),
        appliedSeq,
        outbox,
        loggedSeq,
        lastEpoch,
        knownSeq,
        missing,
        result);
  }

  /** What the archive has to add before the store may run. */
  public enum Missing {
    NOTHING,
    /** The events after the last one that SQLite has. */
    TAIL,
    /** All of it: SQLite is empty or damaged, the archive is not empty. */
    EVERYTHING
  }
}
