package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.LazyCheckpointerOptions;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes the database of another namespace this one's own, as a fork of that one.
 *
 * <p>The other store's state is read as that one would read it, its end from the archive under its
 * name; nothing is sent under its name. Then one transaction replaces everything in SQLite by
 * things, events that bring them, and a record of a life that begins with {@code store.forked} and
 * has no parent. Until that has committed the database is the other one's, and a start that breaks
 * off leaves nothing; from then on it is as any other whose events the Pipeline does not have yet.
 */
public final class FileFork {
  /** How much is taken over, in characters: all of it is one transaction. */
  private static final double MOST_CHARS = 64 * 1024 * 1024;

  private final SqlStorage sql;
  private final LazyCheckpointerOptions checkpoints;
  private final boolean lazy;
  private final Optional<IcebergReader> archive;
  private final RecoveryOptions options;
  private final Timers timers;
  private final Origin self;
  private final Ids ids;
  private final StoreObserver observer;

  private final boolean open;
  private final double holder;
  private final Origin origin;
  private final Persistence other;

  /** Who wrote the database, as its newest record says. */
  private Owner owner;

  private Optional<ArchiveStart> end = Optional.empty();

  /**
   * @param record the newest in the database
   * @param checkpoints the thresholds between the layouts
   * @param lazy whether large collections stay in SQLite
   */
  public FileFork(
      CommitRecord record,
      SqlStorage sql,
      LazyCheckpointerOptions checkpoints,
      boolean lazy,
      Optional<IcebergReader> archive,
      RecoveryOptions options,
      Timers timers,
      Origin self,
      Ids ids,
      StoreObserver observer) {
    this.sql = sql;
    this.checkpoints = checkpoints;
    this.lazy = lazy;
    this.archive = archive;
    this.options = options;
    this.timers = timers;
    this.self = self;
    this.ids = ids;
    this.observer = observer;
    this.open = record.point().open();
    this.owner = record.owner();
    this.origin = new Origin(owner.namespace(), owner.writer(), self.clock(), self.json());
    this.holder = ids.number();
    this.other = database(origin, holder);
  }

  private Persistence database(Origin as, double by) {
    Things things = new Things(StateOptions.unlimited(), self.json());
    return new Persistence(sql, things, as, by, checkpoints, lazy, Double.MAX_VALUE);
  }

  /**
   * Reads what SQLite has; where the archive has to add to it, the record says that a probe is
   * sent.
   *
   * @throws RuntimeException when it cannot be read, or only an archive has the end of it and no
   *     archive is there
   */
  public Recovered read() {
    if (open && archive.isEmpty()) {
      throw new RecoveryException(lacking("no archive reader is configured"));
    }
    Recovered recovered =
        new SqliteStart(other, archive.isPresent(), origin, observer).readOrFail();
    if (recovered.missing() == Recovered.Missing.NOTHING) {
      return recovered;
    }
    Recovered probing = recovered.probing(ids.number());
    other.writer().writeRecord(probing.recorded(), recovered.outbox());
    owner = new Owner(owner.namespace(), owner.writer(), holder);
    return probing;
  }

  /** Adds what SQLite lacks, once one of the probes shows that the archive has it. */
  public void complete(Recovered recovered, double settleMs) {
    RecoveryOptions reading = options.of(owner.namespace());
    ArchiveStart start =
        new ArchiveStart(reading, other, archive.orElseThrow(), timers, origin, observer, false);
    end = Optional.of(start);
    start.completeOther(recovered, options, settleMs);
  }

  /** What it waits for, as a part of a sentence. */
  public String waitingFor() {
    return end.map(ArchiveStart::waitingFor).orElse("SQLite");
  }

  public boolean hasOutcome() {
    return end.isPresent() && end.get().hasOutcome();
  }

  /**
   * Takes up what the archive has brought, and makes the database this namespace's own.
   *
   * @throws RuntimeException when it could not be had, or SQLite refuses it: nothing has changed
   */
  public RecoveryResult takeOutcome() {
    ArchiveStart.Outcome outcome = end.orElseThrow().takeOutcome().orElseThrow();
    if (outcome instanceof ArchiveStart.Outcome.Completed completed) {
      return make(completed.life(), completed.lastSeq(), completed.result());
    }
    RuntimeException error = ((ArchiveStart.Outcome.Failed) outcome).error();
    throw new RecoveryException(lacking(String.valueOf(error.getMessage())));
  }

  /** Makes the database this namespace's own, where SQLite has everything. */
  public RecoveryResult make(Recovered recovered) {
    return make(recovered.recorded().life(), recovered.appliedSeq(), recovered.result());
  }

  private String lacking(String why) {
    return "the database belongs to namespace "
        + owner.namespace()
        + ", whose last life did not close, so that the end of its log is in that one's archive"
        + " alone: "
        + why
        + "; configure that archive, or open the database as "
        + owner.namespace()
        + ", write to it, take a checkpoint and copy it again";
  }

  private RecoveryResult make(Life parent, double lastSeq, RecoveryResult result) {
    Persistence own = database(self, ids.number());
    if (!own.loader().look().owner().equals(owner)) {
      throw new RecoveryException("another instance has written the database meanwhile");
    }
    double nowMs = self.clock().nowMs();
    double claimMs = Math.max(nowMs, parent.claimMs() + 1);
    Life life = Life.NONE.child(ids.number(), parent.epoch() + 1, 0, claimMs);
    Position at = new Position(parent.of(lastSeq), lastSeq);
    List<Event> events = new ArrayList<>();
    String from = at.text(self.json());
    events.add(Event.forkFence(self, life, owner.namespace(), from));
    double[] chars = {0};
    Consumer<Thing> bring =
        thing -> {
          chars[0] += thing.bytes();
          if (chars[0] > MOST_CHARS) {
            throw new RecoveryException(
                "the database belongs to namespace "
                    + owner.namespace()
                    + ", and a fork takes at most "
                    + (long) MOST_CHARS
                    + " characters: export that store, and import it into this one");
          }
          Thing copy = thing.at(events.size());
          events.add(Event.forked(self, copy, life, nowMs));
          own.state().put(copy);
        };
    for (TypedCollection collection : other.state().collections()) {
      collection.forEach(entry -> bring.accept(entry.thing()));
      if (collection.evicted() > 0) {
        other.finder().forEachEvicted(collection.type(), bring);
      }
    }
    double last = events.size() - 1.0;
    own.writer()
        .writeAnew(new CommitPoint(life, life.epoch(), last, nowMs, 0, false, false), events);
    return result.from(new RecoveryResult.From(owner.namespace(), owner.writer(), from), false);
  }
}
