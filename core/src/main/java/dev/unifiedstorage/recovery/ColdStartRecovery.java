package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Turns;
import java.util.Optional;

/**
 * Restores the state of an object that starts cold: a recovery without a store around it.
 *
 * <p>SQLite first: rows, then the event log on top of them. What only the archive can add comes
 * second: the tail, when the last life ended without closing, or everything, when SQLite is empty
 * or damaged. When anything is missing or too slow, the recovery fails with an error that names it:
 * a state is never empty over data. It sends no fence, so the archive counts as it stands.
 */
public final class ColdStartRecovery {

  /** Where a recovery ends: exactly one of its methods is called, once. */
  public interface End {
    void completed(RecoveryResult result);

    void failed(RuntimeException error);
  }

  private final RecoveryOptions options;
  private final Persistence persistence;
  private final Origin origin;
  private final StoreObserver observer;
  private final Optional<ArchiveStart> archive;
  private Optional<End> waiting = Optional.empty();
  private Optional<Recovered> recovered = Optional.empty();

  /**
   * @param archive null when none is configured
   */
  public ColdStartRecovery(
      RecoveryOptions options,
      Persistence persistence,
      IcebergReader archive,
      Timers timers,
      Origin origin,
      StoreObserver observer) {
    Turns turns = new Turns();
    this.options = options;
    this.persistence = persistence;
    this.origin = origin;
    this.observer = observer;
    this.archive =
        Optional.ofNullable(archive)
            .map(
                reader ->
                    new ArchiveStart(
                        options,
                        persistence,
                        turns.archive(reader),
                        turns.timers(timers),
                        origin,
                        observer));
    turns.begin(this::turn);
  }

  /** Restores what SQLite and the archive have into the state, which must be empty. */
  public void recover(End end) {
    begin(end);
    double startedMs = origin.clock().nowMs();
    SqliteStart.Found found;
    try {
      found = new SqliteStart(persistence, archive.isPresent(), origin, observer).read();
    } catch (RuntimeException e) {
      end(new ArchiveStart.Outcome.Failed(e));
      return;
    }
    double things = getState().size();
    options
        .onProgress()
        .accept(
            new RecoveryProgress(
                RecoveryProgress.Phase.SQLITE,
                things,
                things,
                Math.max(0, origin.clock().nowMs() - startedMs)));
    if (found instanceof SqliteStart.Found.Known known) {
      go(known.recovered());
    } else {
      archive.orElseThrow().survey(((SqliteStart.Found.Unknown) found).conclude());
    }
    turn();
  }

  /** Replaces the state by what the archive has. */
  public void forceRebuildFromIceberg(End end) {
    begin(end);
    if (archive.isEmpty()) {
      end(
          new ArchiveStart.Outcome.Failed(
              new RecoveryException("no archive reader is configured to rebuild from")));
      return;
    }
    archive.get().rebuild(0, 0, 0);
    turn();
  }

  private void begin(End end) {
    if (waiting.isPresent()) {
      throw new IllegalStateException(
          "namespace " + options.namespace() + ": a recovery is under way");
    }
    waiting = Optional.of(end);
  }

  private void turn() {
    while (archive.isPresent() && archive.get().hasOutcome()) {
      ArchiveStart.Outcome outcome = archive.get().takeOutcome().orElseThrow();
      if (outcome instanceof ArchiveStart.Outcome.Surveyed surveyed) {
        go(surveyed.recovered());
      } else {
        end(outcome);
      }
    }
  }

  private void go(Recovered start) {
    recovered = Optional.of(start);
    if (start.missing() == Recovered.Missing.NOTHING) {
      end(new ArchiveStart.Outcome.Completed(start.appliedSeq(), start.result()));
    } else {
      archive.orElseThrow().complete(start, 0, 0);
    }
  }

  private void end(ArchiveStart.Outcome outcome) {
    End end = waiting.orElseThrow();
    waiting = Optional.empty();
    if (outcome instanceof ArchiveStart.Outcome.Completed completed) {
      end.completed(completed.result());
    } else if (outcome instanceof ArchiveStart.Outcome.Failed failed) {
      end.failed(failed.error());
    }
  }

  /** What the start found, once SQLite was read or the archive was asked. */
  Recovered recovered() {
    return recovered.orElseThrow();
  }

  /** What a recovery from the archive still waits for, as a part of a sentence. */
  public String waitingFor() {
    return archive.map(ArchiveStart::waitingFor).orElse("SQLite");
  }

  /** The recovered state. */
  public Things getState() {
    return persistence.state();
  }

  /** Looks at every thing in memory: identity, version, times, and that its fields are JSON. */
  public ValidationResult validateState() {
    return new StateValidator(getState(), origin.json()).validate();
  }
}
