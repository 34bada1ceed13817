package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.CheckpointLoader;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.CommitPoint;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.EventLog;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Restores the state of an object that starts cold.
 *
 * <p>SQLite first: rows, then the event log on top of them. When SQLite holds nothing and an
 * archive is configured, the state is rebuilt from the archive. When anything is damaged,
 * incomplete or too slow, the recovery fails with an error that names it: a store never starts
 * empty over data.
 */
public final class ColdStartRecovery {
  private final RecoveryOptions options;
  private final Persistence persistence;
  private final InMemoryStateManager state;
  private final IcebergReader archive;
  private final Timers timers;
  private final Origin origin;
  private boolean stateIntact = true;

  /** Where a recovery ends: exactly one of its methods is called. */
  public interface End {
    void recovered(Recovered recovered);

    void failed(RuntimeException error);
  }

  public ColdStartRecovery(
      RecoveryOptions options,
      Persistence persistence,
      IcebergReader archive,
      Timers timers,
      Origin origin) {
    this.options = options;
    this.persistence = persistence;
    this.state = persistence.state();
    this.archive = archive;
    this.timers = timers;
    this.origin = origin;
  }

  /** Restores the state, which must be empty; without an archive it ends before this returns. */
  public void recover(End end) {
    double startedMs = origin.clock().nowMs();
    CheckpointLoader.Loaded loaded;
    Recovered recovered;
    try {
      loaded = persistence.loader().load();
      recovered = replayLog(loaded, startedMs);
    } catch (RuntimeException e) {
      end.failed(e);
      return;
    }
    if (loaded.empty() && archive != null) {
      forceRebuildFromIceberg(0, end);
    } else {
      options
          .onProgress()
          .accept(
              new RecoveryProgress(
                  RecoveryProgress.Phase.DONE,
                  state.size(),
                  state.size(),
                  recovered.result().durationMs()));
      end.recovered(recovered);
    }
  }

  /** Brings the events on top of the rows that were loaded. */
  private Recovered replayLog(CheckpointLoader.Loaded loaded, double startedMs) {
    CommitRecord record = loaded.record();
    EventLog log = persistence.log();
    Replay replay = new Replay(state, persistence.finder(), json(), record.checkpointSeq());
    double epoch = record.epoch();
    double loggedSeq = 0;
    for (SegmentRow row : loaded.logRows()) {
      log.found(row);
      epoch = Math.max(epoch, row.epoch());
      loggedSeq = row.lastSeq();
      if (row.lastSeq() > record.checkpointSeq()) {
        log.forEachEvent(persistence.reader().segment(row.slot()), replay::apply);
      }
    }
    List<Event> outbox = log.parseLines(record.outbox());
    CommitPoint point =
        new CommitPoint(epoch, replay.appliedSeq(), record.acceptedSeq(), record.open(), outbox);
    RecoveryResult.Source source =
        loaded.empty() ? RecoveryResult.Source.EMPTY : RecoveryResult.Source.SQLITE;
    RecoveryResult result = result(source, replay, startedMs);
    return new Recovered(point, record.checkpointSeq(), loggedSeq, result);
  }

  /**
   * Throws the state away and rebuilds it from the archive.
   *
   * @param minimumSeq the last acknowledged event: an archive that does not reach it is refused
   */
  public void forceRebuildFromIceberg(double minimumSeq, End end) {
    if (archive == null) {
      end.failed(
          new RecoveryException(
              "namespace "
                  + options.namespace()
                  + ": expected an archive reader to rebuild from, none is configured"));
      return;
    }
    double startedMs = origin.clock().nowMs();
    Replay replay = new Replay(state, persistence.finder(), json(), 0);
    new ArchiveReplay(archive, origin, timers, options)
        .run(
            minimumSeq,
            () -> {
              stateIntact = false;
              state.clear();
              persistence.writer().replaceAll();
            },
            replay::apply,
            new ArchiveReplay.End() {
              @Override
              public void completed(double lastEpoch, double lastSeq) {
                stateIntact = true;
                boolean nothing = replay.applied() == 0;
                RecoveryResult.Source source =
                    nothing ? RecoveryResult.Source.EMPTY : RecoveryResult.Source.ICEBERG;
                CommitPoint point = new CommitPoint(lastEpoch, lastSeq, lastSeq, false, List.of());
                end.recovered(new Recovered(point, 0, 0, result(source, replay, startedMs)));
              }

              @Override
              public void failed(String error) {
                end.failed(new RecoveryException(error));
              }
            });
  }

  private RecoveryResult result(RecoveryResult.Source source, Replay replay, double startedMs) {
    return new RecoveryResult(
        source,
        state.size(),
        replay.applied(),
        replay.duplicates(),
        Math.max(0, origin.clock().nowMs() - startedMs),
        source == RecoveryResult.Source.EMPTY
            || (source == RecoveryResult.Source.SQLITE && replay.applied() == 0));
  }

  /**
   * Whether the state in memory is whole: not while a rebuild is under way, nor after one failed.
   */
  public boolean isStateIntact() {
    return stateIntact;
  }

  /** The recovered state. */
  public InMemoryStateManager getState() {
    return state;
  }

  /** Looks at every thing in memory: identity, version, times, and that its fields are JSON. */
  public ValidationResult validateState() {
    List<String> errors = new ArrayList<>();
    Consumer<String> report =
        error -> {
          if (errors.size() < ValidationResult.MAX_ERRORS) {
            errors.add(error);
          }
        };
    for (TypedCollection collection : state.collections()) {
      int[] seen = {0};
      collection.forEach(
          entry -> {
            seen[0]++;
            validate(entry.thing(), collection, report);
          });
      int expected = collection.size() - collection.evicted();
      if (seen[0] != expected) {
        report.accept(
            "collection "
                + collection.type()
                + ": expected "
                + expected
                + " things in memory, found "
                + seen[0]);
      }
    }
    return new ValidationResult(errors.isEmpty(), errors);
  }

  private void validate(Thing thing, TypedCollection collection, Consumer<String> report) {
    String name = "thing " + thing.id() + ": ";
    if (state.entry(thing.id()) == null || state.entry(thing.id()).thing() != thing) {
      report.accept(name + "is not found by its id");
    }
    if (!thing.type().equals(collection.type())) {
      report.accept(name + "expected type " + collection.type() + ", found " + thing.type());
    }
    if (!(thing.version() >= 1) || Math.floor(thing.version()) != thing.version()) {
      report.accept(name + "expected a whole version from 1, found " + (long) thing.version());
    }
    try {
      thing.fields().object(json());
    } catch (RuntimeException e) {
      report.accept(name + "its fields are no JSON object: " + e.getMessage());
    }
  }

  private Json json() {
    return origin.json();
  }
}
