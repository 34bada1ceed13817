package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.CheckpointLoader;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.past.Replay;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.EventLog;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The first half of a cold start: what SQLite has, rows first and the event log on top of them.
 *
 * <p>It says what only the archive can add, and never takes damage or emptiness for an answer: with
 * an archive configured, an empty or damaged database means that the archive has to be asked what
 * there is, and without one damage is an error.
 */
public final class SqliteStart {
  /** What the reading of SQLite came to. */
  public sealed interface Found {
    /** SQLite says what there is, and what of it the archive has to add. */
    record Known(Recovered recovered) implements Found {}

    /**
     * Only the archive can say what there is.
     *
     * @param conclude makes what there is of how many rows the archive has, or throws
     */
    record Unknown(Function<Double, Recovered> conclude) implements Found {}

    /**
     * The database is another namespace's, and nothing of it has been restored.
     *
     * @param record its newest
     */
    record Foreign(CommitRecord record) implements Found {}
  }

  private final Persistence persistence;
  private final Things state;
  private final boolean hasArchive;
  private final Origin origin;
  private final StoreObserver observer;
  private final double startedMs;

  public SqliteStart(
      Persistence persistence, boolean hasArchive, Origin origin, StoreObserver observer) {
    this.persistence = persistence;
    this.state = persistence.state();
    this.hasArchive = hasArchive;
    this.origin = origin;
    this.observer = observer;
    this.startedMs = origin.clock().nowMs();
  }

  /**
   * Restores what SQLite has into the state, which must be empty.
   *
   * @throws RuntimeException when SQLite cannot be read, and no archive can take its place
   */
  public Found read() {
    CheckpointLoader.Loaded loaded;
    Recovered recovered;
    try {
      TableReader.Latest latest = persistence.reader().latest();
      if (latest != null && isForeign(latest.record())) {
        return new Found.Foreign(latest.record());
      }
      loaded = load(latest);
      recovered = replayLog(loaded);
    } catch (CorruptRowException e) {
      return rebuildOverDamage(e);
    } catch (SqlException e) {
      return rebuildOverDamagedDatabase(e);
    }
    if (loaded.empty() && hasArchive) {
      return new Found.Unknown(rows -> surveyed(loaded.record(), List.of(), rows));
    }
    return new Found.Known(recovered);
  }

  /**
   * Restores what SQLite has, where nothing can take its place.
   *
   * @throws RuntimeException when it cannot be read
   */
  Recovered readOrFail() {
    return replayLog(load(persistence.reader().latest()));
  }

  private CheckpointLoader.Loaded load(TableReader.@Nullable Latest latest) {
    CheckpointLoader.Loaded loaded = persistence.loader().load(latest);
    if (persistence.loader().isOutgrown()) {
      warn(
          "SQLite has more than may be in memory (MAX_STORE_BYTES): things leave it, as they do"
              + " with MAX_BYTES");
    }
    return loaded;
  }

  /**
   * Whether another namespace has a log in it; one that never wrote leaves nothing to go on from.
   */
  private boolean isForeign(CommitRecord record) {
    String namespace = record.owner().namespace();
    return !namespace.isEmpty()
        && !namespace.equals(origin.namespace())
        && record.point().life().id() != 0;
  }

  /** Brings the events on top of the rows that were loaded. */
  private Recovered replayLog(CheckpointLoader.Loaded loaded) {
    CommitRecord record = loaded.record();
    EventLog log = persistence.log();
    Replay replay =
        new Replay(
            state, persistence.finder(), persistence.sessions(), record.point().checkpointSeq());
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
    boolean tail = record.point().open() && hasArchive;
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
              recorded.life(),
              recorded.checkpointEpoch(),
              recorded.checkpointSeq(),
              recorded.checkpointMs(),
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
        record.owner(),
        recorded,
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

  /** What a record says, unless rows from before there were lives say that writes went on. */
  private static CommitPoint recorded(CommitRecord record, double epoch) {
    CommitPoint point = record.point();
    return epoch > point.epoch()
        ? new CommitPoint(
            Life.ofEpoch(epoch),
            point.checkpointEpoch(),
            point.checkpointSeq(),
            point.checkpointMs(),
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

  private Found rebuildOverDamage(CorruptRowException damage) {
    if (!hasArchive) {
      throw damage;
    }
    warn(damage.getMessage() + "; the state is rebuilt from the archive");
    CheckpointLoader.Loaded salvaged = persistence.loader().salvage(this::warn);
    salvaged.logRows().forEach(persistence.log()::found);
    return new Found.Unknown(
        rows -> {
          if (rows == 0) {
            throw damage;
          }
          return surveyed(salvaged.record(), salvaged.logRows(), rows);
        });
  }

  /**
   * Rebuilds in place of a database of which nothing can be read.
   *
   * <p>It is given up only when the archive has something to offer instead: an archive that has
   * nothing may have it later, and an empty database could not tell any more that it must.
   */
  private Found rebuildOverDamagedDatabase(SqlException damage) {
    if (!hasArchive || !damage.corrupt()) {
      throw damage;
    }
    state.clear();
    return new Found.Unknown(
        rows -> {
          String kept = rows == 0 ? null : persistence.tables().setAside();
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
          return surveyed(fresh.record(), fresh.logRows(), rows);
        });
  }

  /**
   * What there is when only the archive can say.
   *
   * <p>What was salvaged of a damaged database is sent again and is no position: where the log
   * stands the archive has to tell.
   */
  private Recovered surveyed(CommitRecord record, List<SegmentRow> logRows, double rows) {
    CommitPoint point = record.point();
    double loggedSeq = 0;
    for (SegmentRow row : logRows) {
      loggedSeq = row.lastSeq();
    }
    boolean nothing = rows == 0 && point.life().id() == 0 && logRows.isEmpty();
    List<Event> outbox = persistence.log().parseLines(record.outbox());
    CommitPoint recorded =
        new CommitPoint(
            point.life(),
            point.checkpointEpoch(),
            0,
            0,
            point.acceptedSeq(),
            point.open(),
            point.recovering(),
            point.probes());
    return new Recovered(
        record.owner(),
        recorded,
        0,
        outbox,
        loggedSeq,
        0,
        0,
        nothing ? Recovered.Missing.NOTHING : Recovered.Missing.EVERYTHING,
        result(
            RecoveryResult.Source.EMPTY,
            new Replay(state, persistence.finder(), persistence.sessions(), 0),
            true));
  }

  private RecoveryResult result(RecoveryResult.Source source, Replay replay, boolean whole) {
    return RecoveryResult.of(
        source, state.size(), replay, origin.clock().nowMs() - startedMs, whole);
  }

  private void warn(String message) {
    observer.warning("namespace " + origin.namespace() + ": " + message);
  }
}
