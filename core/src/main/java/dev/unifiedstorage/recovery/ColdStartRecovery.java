package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.CheckpointLoader;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.EpochStart;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.EventLog;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Restores the state of an object that starts cold.
 *
 * <p>SQLite first: rows, then the event log on top of them. What only the archive can add comes
 * second: the tail, when the last life ended without closing, or everything, when SQLite is empty
 * or damaged. When anything is missing or too slow, the recovery fails with an error that names it:
 * a store never starts empty over data.
 */
public final class ColdStartRecovery {
  /**
   * How far an epoch is raised when SQLite cannot say which one was the last: the archive may not
   * have that one yet, and no epoch may be used twice.
   */
  private static final double LOST_EPOCHS = 1000;

  private final RecoveryOptions options;
  private final Persistence persistence;
  private final InMemoryStateManager state;
  private final IcebergReader archive;
  private final Timers timers;
  private final Origin origin;
  private final StoreObserver observer;
  private ArchiveReplay replaying;
  private boolean stateIntact = true;
  private double startedMs;

  /** Where the reading of SQLite ends: exactly one of its methods is called. */
  public interface End {
    void recovered(Recovered recovered);

    void failed(RuntimeException error);
  }

  /** Where the reading of the archive ends: exactly one of its methods is called. */
  public interface ArchiveEnd {
    void completed(double lastSeq, RecoveryResult result);

    void failed(RuntimeException error);
  }

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
    this.options = options;
    this.persistence = persistence;
    this.state = persistence.state();
    this.archive = archive;
    this.timers = timers;
    this.origin = origin;
    this.observer = observer;
  }

  /** Restores what SQLite has into the state, which must be empty, and says what is missing. */
  public void recover(End end) {
    startedMs = origin.clock().nowMs();
    CheckpointLoader.Loaded loaded;
    Recovered recovered;
    try {
      loaded = persistence.loader().load();
      recovered = replayLog(loaded);
    } catch (CorruptRowException e) {
      rebuildOverDamage(e, end);
      return;
    } catch (SqlException e) {
      rebuildOverDamagedDatabase(e, end);
      return;
    } catch (RuntimeException e) {
      end.failed(e);
      return;
    }
    options
        .onProgress()
        .accept(
            new RecoveryProgress(
                RecoveryProgress.Phase.SQLITE,
                state.size(),
                state.size(),
                recovered.result().durationMs()));
    if (loaded.empty() && archive != null) {
      survey(end, epochs -> surveyed(loaded.record(), List.of(), epochs));
    } else {
      end.recovered(recovered);
    }
  }

  /** Brings the events on top of the rows that were loaded. */
  private Recovered replayLog(CheckpointLoader.Loaded loaded) {
    CommitRecord record = loaded.record();
    EventLog log = persistence.log();
    Replay replay = new Replay(state, persistence.finder(), record.point().checkpointSeq());
    double epoch = record.point().epoch();
    double loggedSeq = 0;
    for (SegmentRow row : loaded.logRows()) {
      epoch = Math.max(epoch, row.epoch());
      loggedSeq = row.lastSeq();
      if (row.lastSeq() > record.point().checkpointSeq()) {
        log.forEachEvent(persistence.reader().segment(row.slot()), replay::apply);
      }
    }
    loaded.logRows().forEach(log::found);
    boolean tail = record.point().open() && archive != null;
    RecoveryResult.Source source =
        loaded.empty() ? RecoveryResult.Source.EMPTY : RecoveryResult.Source.SQLITE;
    CommitPoint recorded = recorded(record, epoch);
    List<Event> outbox = log.parseLines(record.outbox());
    double lastSeq = lastSeq(replay.appliedSeq(), recorded, outbox);
    if (!tail && lastSeq > replay.appliedSeq()) {
      outbox = replayOutbox(outbox, lastSeq, replay);
      lastSeq = replay.appliedSeq();
      // Nothing is written before a checkpoint has replaced the record that has them.
      recorded =
          new CommitPoint(
              recorded.epoch(),
              recorded.checkpointEpoch(),
              recorded.checkpointSeq(),
              Math.min(recorded.acceptedSeq(), lastSeq),
              recorded.open(),
              true);
    }
    boolean lacksTail = record.point().open() && !tail;
    if (lacksTail) {
      warn(
          "the last life did not close, and no archive reader is configured: what only the Pipeline"
              + " has of its end is not in the state");
    }
    return new Recovered(
        recorded,
        epoch,
        replay.appliedSeq(),
        outbox,
        loggedSeq,
        Math.max(recorded.checkpointEpoch(), replay.appliedEpoch()),
        Math.max(lastSeq, loggedSeq),
        tail ? Recovered.Missing.TAIL : Recovered.Missing.NOTHING,
        result(source, replay, !lacksTail));
  }

  /**
   * Brings what only the outbox has, events past the checkpoint, when no archive can.
   *
   * <p>Where the Pipeline had accepted some before them there is a gap, and the events behind it
   * fit no state any more: their seqs are given again, and must not count as sent by then.
   *
   * @return those of the outbox that are left
   */
  private List<Event> replayOutbox(List<Event> outbox, double lastSeq, Replay replay) {
    int kept = 0;
    while (kept < outbox.size() && outbox.get(kept).seq() <= replay.appliedSeq() + 1) {
      if (outbox.get(kept).seq() > replay.appliedSeq()) {
        replay.apply(outbox.get(kept));
      }
      kept++;
    }
    double seq = replay.appliedSeq();
    if (kept < outbox.size()) {
      warn(
          "events "
              + (long) (seq + 1)
              + " to "
              + (long) lastSeq
              + " are given up: the first of them only the Pipeline has, and no archive reader is"
              + " configured");
    }
    return outbox.subList(0, kept);
  }

  /** What a record says, unless rows of a newer epoch say that writes went on. */
  private static CommitPoint recorded(CommitRecord record, double epoch) {
    CommitPoint point = record.point();
    return point.recovering() && epoch != point.epoch()
        ? new CommitPoint(
            point.epoch(),
            point.checkpointEpoch(),
            point.checkpointSeq(),
            point.acceptedSeq(),
            point.open(),
            false)
        : point;
  }

  /** The last event that there was, wherever it is. */
  private static double lastSeq(double applied, CommitPoint recorded, List<Event> outbox) {
    double last = Math.max(applied, recorded.acceptedSeq());
    for (Event event : outbox) {
      last = Math.max(last, event.seq());
    }
    return last;
  }

  private void rebuildOverDamage(CorruptRowException damage, End end) {
    if (archive == null) {
      end.failed(damage);
      return;
    }
    warn(damage.getMessage() + "; the state is rebuilt from the archive");
    CheckpointLoader.Loaded salvaged;
    try {
      salvaged = persistence.loader().salvage(this::warn);
    } catch (RuntimeException e) {
      end.failed(e);
      return;
    }
    salvaged.logRows().forEach(persistence.log()::found);
    survey(
        end,
        epochs -> {
          if (epochs.rows() == 0) {
            throw damage;
          }
          return surveyed(salvaged.record(), salvaged.logRows(), epochs);
        });
  }

  /**
   * Rebuilds in place of a database of which nothing can be read.
   *
   * <p>It is given up only when the archive has something to offer instead: an archive that has
   * nothing may have it later, and an empty database could not tell any more that it must.
   */
  private void rebuildOverDamagedDatabase(SqlException damage, End end) {
    if (archive == null || !damage.corrupt()) {
      end.failed(damage);
      return;
    }
    state.clear();
    survey(
        end,
        epochs -> {
          String kept = epochs.rows() == 0 ? null : persistence.tables().setAside();
          if (kept == null) {
            throw damage;
          }
          warn(
              damage.getMessage()
                  + " It is kept as "
                  + kept
                  + ", and the state is rebuilt from the archive; events that the Pipeline did not"
                  + " have yet are in that file alone.");
          CheckpointLoader.Loaded fresh = persistence.loader().salvage(this::warn);
          return surveyed(fresh.record(), fresh.logRows(), epochs);
        });
  }

  private void warn(String message) {
    observer.warning("namespace " + options.namespace() + ": " + message);
  }

  /** Asks the archive what there is, when SQLite cannot say. */
  private void survey(End end, Function<EpochMap, Recovered> conclude) {
    ArchiveReplay.Plan plan = new ArchiveReplay.Plan(0, 0, 0, 0, 0, List.of());
    replaying =
        new ArchiveReplay(
            archive,
            origin,
            timers,
            options,
            plan,
            new ArchiveReplay.End() {
              @Override
              public void completed(EpochMap epochs, double voided) {
                Recovered recovered;
                try {
                  recovered = conclude.apply(epochs);
                } catch (RuntimeException e) {
                  end.failed(e);
                  return;
                }
                end.recovered(recovered);
              }

              @Override
              public void failed(String error) {
                end.failed(new RecoveryException(error));
              }
            });
    replaying.survey();
  }

  private Recovered surveyed(CommitRecord record, List<SegmentRow> logRows, EpochMap epochs) {
    CommitPoint point = record.point();
    double epoch = Math.max(point.epoch(), epochs.newestEpoch());
    double loggedSeq = 0;
    for (SegmentRow row : logRows) {
      epoch = Math.max(epoch, row.epoch());
      loggedSeq = row.lastSeq();
    }
    boolean nothing = epochs.rows() == 0 && record == CommitRecord.NONE && logRows.isEmpty();
    if (!nothing && !(point.recovering() && epoch == point.epoch())) {
      epoch += LOST_EPOCHS;
    }
    List<Event> outbox = persistence.log().parseLines(record.outbox());
    CommitPoint recorded =
        new CommitPoint(
            point.epoch(),
            point.checkpointEpoch(),
            0,
            point.acceptedSeq(),
            point.open(),
            point.recovering() && epoch == point.epoch());
    return new Recovered(
        recorded,
        epoch,
        0,
        outbox,
        loggedSeq,
        0,
        Math.max(lastSeq(0, point, outbox), loggedSeq),
        nothing ? Recovered.Missing.NOTHING : Recovered.Missing.EVERYTHING,
        result(RecoveryResult.Source.EMPTY, new Replay(state, persistence.finder(), 0), true));
  }

  /** Adds what SQLite lacks, once the fence of {@code fenceEpoch} shows that the archive has it. */
  public void completeFromArchive(
      Recovered recovered, double fenceEpoch, double settleMs, ArchiveEnd end) {
    completeFromArchive(recovered, fenceEpoch, settleMs, List.of(), end);
  }

  private void completeFromArchive(
      Recovered recovered,
      double fenceEpoch,
      double settleMs,
      List<EpochStart> starts,
      ArchiveEnd end) {
    boolean all = recovered.missing() == Recovered.Missing.EVERYTHING;
    double afterSeq = all ? 0 : recovered.appliedSeq();
    ArchiveReplay.Plan plan =
        new ArchiveReplay.Plan(
            afterSeq,
            all ? 0 : recovered.lastEpoch(),
            recovered.knownSeq(),
            fenceEpoch,
            settleMs,
            starts);
    Replay replay = new Replay(state, persistence.finder(), afterSeq);
    ArchiveReplay.End replayed =
        new ArchiveReplay.End() {
          @Override
          public void completed(EpochMap epochs, double voided) {
            stateIntact = true;
            if (voided > 0) {
              warn(
                  (long) voided
                      + " records of passed epochs are void and were left out; they stay in the"
                      + " archive");
            }
            RecoveryResult.Source source =
                all ? RecoveryResult.Source.ICEBERG : RecoveryResult.Source.SQLITE;
            RecoveryResult before = all ? null : recovered.result();
            end.completed(epochs.reach(), result(source, replay, true).plus(before));
          }

          @Override
          public void failed(String error) {
            end.failed(new RecoveryException(error));
          }
        };
    replaying = new ArchiveReplay(archive, origin, timers, options, plan, replayed);
    replaying.run(
        () -> {
          if (all) {
            stateIntact = false;
            state.clear();
            persistence.writer().replaceAll();
          }
        },
        replay::apply);
  }

  /**
   * Replaces a whole state by what the archive has; the state stays until the archive is known to
   * reach far enough.
   *
   * <p>What older epochs have past the last event in memory is void: of instances that were
   * replaced, or of writes that were undone. The event that voids it may not have landed, or never
   * been.
   *
   * @param appliedSeq the last event in memory
   */
  public void forceRebuildFromIceberg(
      double fenceEpoch, double settleMs, double appliedSeq, ArchiveEnd end) {
    startedMs = origin.clock().nowMs();
    Recovered everything =
        new Recovered(
            CommitPoint.NONE,
            0,
            0,
            List.of(),
            0,
            0,
            appliedSeq,
            Recovered.Missing.EVERYTHING,
            null);
    List<EpochStart> starts = List.of(new EpochStart(fenceEpoch, appliedSeq + 1));
    completeFromArchive(everything, fenceEpoch, settleMs, starts, end);
  }

  /** What a recovery from the archive still waits for, as a part of a sentence. */
  public String waitingFor() {
    return replaying == null ? "SQLite" : replaying.waitingFor();
  }

  private RecoveryResult result(RecoveryResult.Source source, Replay replay, boolean whole) {
    return new RecoveryResult(
        source,
        state.size(),
        replay.applied(),
        replay.duplicates(),
        Math.max(0, origin.clock().nowMs() - startedMs),
        whole
            && (source == RecoveryResult.Source.EMPTY
                || (source == RecoveryResult.Source.SQLITE && replay.applied() == 0)));
  }

  /**
   * Whether the state in memory is whole: not while a rebuild applies events, nor when one broke
   * off.
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
            validate(entry, collection, report);
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

  private void validate(Entry entry, TypedCollection collection, Consumer<String> report) {
    Thing thing = entry.thing();
    String name = "thing " + thing.id() + ": ";
    if (state.entry(thing.id()) != entry) {
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
