package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.layout.SnapshotMark;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.snapshot.SnapshotPart;
import dev.unifiedstorage.snapshot.SnapshotRecord;
import dev.unifiedstorage.state.Deletion;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sends the whole store to the Pipeline now and then, so that a rebuild need not read the log from
 * its beginning, and its old rows may be erased.
 *
 * <p>A snapshot holds what a checkpoint has: it begins in a turn behind which SQLite has
 * everything, and goes on part by part, one send at a time, while writes go on. Its head leaves
 * last, once the Pipeline has every part and every event up to the snapshot's, and SQLite says that
 * no other instance writes; so whether a rebuild begins at a snapshot or not, it comes to the same.
 * One that breaks off leaves parts without a head, which count for nothing, and the next one begins
 * anew. The states of the one under way:
 *
 * <pre>
 * from     to       by
 * none     PARTS    turn, when one is due or asked for
 * PARTS    SENDING  turn, which makes the next part and sends it
 * SENDING  PARTS    the Pipeline has it
 * PARTS    HEAD     turn, when nothing is left and the events have arrived
 * HEAD     none     the Pipeline has it: the snapshot is made
 * SENDING  WAITING  the Pipeline has refused it, or given no answer in time
 * HEAD     WAITING  the same
 * WAITING  PARTS    the timer; the turn behind it sends the same once more
 * any      none     too many refusals, or the store does not run any more
 * </pre>
 */
final class Snapshots {
  /** Fewer events are not worth a snapshot, however small the store is. */
  private static final double LEAST_EVENTS = 1_000;

  /** Without a setting there is one a day at most. */
  private static final double DAY_MS = 86_400_000;

  private static final String STOPPED = "the store stopped";
  private static final double ANSWER_MS = 30_000;
  private static final double RETRY_MS = 1_000;
  private static final int MOST_ATTEMPTS = 6;

  /** So many may wait for the next one. */
  private static final int MOST_ASKED = 16;

  /** After one that broke off, the next one waits so long. */
  private static final double AGAIN_MS = 600_000;

  /** How the last one stands. */
  record Stats(@Nullable String at, double atMs, double parts, double things, boolean running) {}

  /** Is told once what came of a snapshot that was asked for. */
  interface Asked {
    void made(Stats made);

    void failed(String error);
  }

  private enum Phase {
    PARTS,
    SENDING,
    WAITING,
    HEAD
  }

  private final Persistence persistence;
  private final Things state;
  private final WriteAheadLog wal;
  private final Seqs seqs;
  private final Committer committer;
  private final Lifecycle lifecycle;
  private final Pipeline pipeline;
  private final Timers timers;
  private final Ids ids;
  private final Origin origin;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;
  private final boolean readable;
  private final int partThings;
  private final double every;

  private final List<Asked> asked = new ArrayList<>();
  private Optional<Making> making = Optional.empty();
  private Optional<Stats> last = Optional.empty();

  /** Whether events are missing in the archive, which the next snapshot makes up for. */
  private boolean healing;

  private double notBeforeMs;
  private double sentBytes;

  /**
   * @param readable whether there is an archive reader, without which a snapshot is of no use
   * @param partThings how many things a part has at most
   * @param every how many events make one due; 0 for none but those that are asked for, negative
   *     for as many as there are things, once a day
   * @param about puts namespace, epoch and seq before a sentence
   */
  Snapshots(
      Persistence persistence,
      WriteAheadLog wal,
      Committer committer,
      Lifecycle lifecycle,
      Pipeline pipeline,
      Timers timers,
      Ids ids,
      Origin origin,
      StoreObserver observer,
      boolean readable,
      int partThings,
      double every,
      UnaryOperator<String> about) {
    this.persistence = persistence;
    this.state = persistence.state();
    this.wal = wal;
    this.seqs = wal.seqs();
    this.committer = committer;
    this.lifecycle = lifecycle;
    this.pipeline = pipeline;
    this.timers = timers;
    this.ids = ids;
    this.origin = origin;
    this.observer = observer;
    this.readable = readable;
    this.partThings = partThings;
    this.every = every;
    this.about = about;
  }

  boolean isIdle() {
    return making.isEmpty() && asked.isEmpty();
  }

  /** How the last one stands that this instance knows of; empty when there is none. */
  Optional<Stats> stats() {
    SnapshotMark mark = persistence.writer().snapshot();
    boolean running = making.isPresent();
    if (last.isPresent()) {
      Stats known = last.get();
      return Optional.of(
          new Stats(known.at(), known.atMs(), known.parts(), known.things(), running));
    }
    if (mark.seq() > 0) {
      return Optional.of(new Stats(at(mark.seq()), mark.atMs(), 0, 0, running));
    }
    return running ? Optional.of(new Stats(null, 0, 0, 0, true)) : Optional.empty();
  }

  /** About how many bytes of records the Pipeline has accepted. */
  double sentBytes() {
    return sentBytes;
  }

  private String at(double seq) {
    return new Position(seqs.life().of(seq), seq).text(origin.json());
  }

  /** Makes one of everything that is applied by now: the next one, while one is under way. */
  void ask(Asked then) {
    if (!readable) {
      then.failed(about.apply("no archive reader is configured that could begin at a snapshot"));
      return;
    }
    if (asked.size() >= MOST_ASKED) {
      then.failed(about.apply("no snapshot was made: " + MOST_ASKED + " wait for one already"));
      return;
    }
    asked.add(then);
    if (making.isEmpty()) {
      prepare();
    }
  }

  /** Has SQLite have everything, so that one that cannot wait may begin. */
  private void prepare() {
    Optional<RuntimeException> error = committer.checkpoint(Trigger.MANUAL).error();
    if (error.isPresent()) {
      fail(String.valueOf(error.get().getMessage()));
    } else if (seqs.durable() == 0) {
      fail("nothing was ever written");
    }
  }

  /** Has one made, because the archive lacks events that no rebuild could do without. */
  void heal() {
    healing = readable;
  }

  // ---- the turn

  /** Begins one that is due, or goes on with the one under way. */
  void turn() {
    if (making.isPresent()) {
      making.get().turn();
    }
    if (!lifecycle.isRunning() || committer.isTakenOver()) {
      if (!asked.isEmpty()) {
        fail(STOPPED);
      }
    } else if (making.isEmpty() && persistence.writer().snapshot().atMs() == 0) {
      // A day from now on, and not at once: most stores of a test are younger.
      persistence.writer().setSnapshot(new SnapshotMark(0, origin.clock().nowMs()));
    } else if (making.isEmpty() && isDue()) {
      if ((healing || !asked.isEmpty()) && !canBegin()) {
        prepare();
      }
      if (canBegin()) {
        begin();
      }
    }
  }

  private void begin() {
    Making next;
    try {
      next = new Making();
    } catch (RuntimeException e) {
      fail(String.valueOf(e.getMessage()));
      return;
    }
    making = Optional.of(next);
    next.turn();
  }

  private boolean isDue() {
    if (!asked.isEmpty()) {
      return true;
    }
    SnapshotMark mark = persistence.writer().snapshot();
    double events = seqs.durable() - mark.seq();
    boolean daily = every < 0 && !healing;
    double enough = daily ? Math.max(LEAST_EVENTS, state.size()) : every;
    // Asked behind each message: the clock comes last.
    if (!readable || !healing && (every == 0 || events < enough)) {
      return false;
    }
    double nowMs = origin.clock().nowMs();
    double waitMs = notBeforeMs - nowMs;
    // A longer wait is a clock that was set back.
    boolean waits = waitMs > 0 && waitMs <= AGAIN_MS;
    return !waits && (!daily || Math.abs(nowMs - mark.atMs()) >= DAY_MS);
  }

  /**
   * Whether what the state holds is what SQLite has, in a life that it knows of: else rows from
   * before the snapshot might be erased which a crash still needs as its tail. An empty log has
   * nothing to repeat.
   */
  private boolean canBegin() {
    return !wal.hasPending()
        && seqs.durable() > 0
        && seqs.checkpointed() == seqs.durable()
        && !wal.lives().isUnrecorded();
  }

  private void fail(String error) {
    fail(takeAsked(), error);
  }

  private void fail(List<Asked> waiting, String error) {
    notBeforeMs = origin.clock().nowMs() + AGAIN_MS;
    waiting.forEach(one -> one.failed(about.apply("no snapshot was made: " + error)));
  }

  private List<Asked> takeAsked() {
    List<Asked> taken = new ArrayList<>(asked);
    asked.clear();
    return taken;
  }

  /** The one under way. */
  private final class Making {
    private final SnapshotHead began;
    private final PresentThings source;
    private final ArrayDeque<Deletion> deletions;
    private final double forgotten = state.deletions().forgottenSeq();
    private final String sessions = persistence.sessions().text();

    /**
     * Who gets this one; a later request wants what is applied by then, so it gets the next one.
     */
    private final List<Asked> waiting;

    /**
     * Whether it makes up for what the archive lacks; what is found from now on may be behind it.
     */
    private final boolean heals = healing;

    private Phase phase = Phase.PARTS;
    private Optional<SnapshotRecord> unsent = Optional.empty();
    private Timers.Timer timer = Timers.NONE;
    private boolean headed;
    private boolean calling;
    private boolean exhausted;
    private int attempts;
    private int attempt;
    private int parts;
    private double things;

    Making() {
      double seq = seqs.durable();
      double atMs = origin.clock().nowMs();
      began = new SnapshotHead(ids.uuid(), seq, seqs.life(), origin.writer(), 0, 0, atMs);
      deletions = newestDeletions();
      source =
          new PresentThings(
              List.copyOf(state.collections()), seq, 0, state, persistence.finder(), origin.json());
      waiting = takeAsked();
      healing = false;
    }

    /** In the order of their seqs, some perhaps more than once. */
    private ArrayDeque<Deletion> newestDeletions() {
      List<Deletion> all = new ArrayList<>();
      persistence.deletionRows().forEachSince(forgotten, all::add);
      all.sort((a, b) -> Double.compare(a.seq(), b.seq()));
      return new ArrayDeque<>(all);
    }

    void turn() {
      if (!lifecycle.isRunning() || committer.isTakenOver()) {
        breakOff(STOPPED);
        return;
      }
      if (phase != Phase.PARTS) {
        return;
      }
      try {
        if (unsent.isEmpty()) {
          makeNext();
        }
      } catch (RuntimeException e) {
        breakOff(String.valueOf(e.getMessage()));
        return;
      }
      if (unsent.isPresent()) {
        send(unsent.get());
      }
    }

    /** Makes the next record, unless there cannot be one. */
    private void makeNext() {
      if (!exhausted) {
        SnapshotPart part = fill();
        String broken = source.broken();
        if (broken != null) {
          breakOff(broken);
          return;
        }
        things += part.things();
        unsent = Optional.of(SnapshotRecord.part(origin, began, parts++, part.payload()));
      } else if (!isDelivered()) {
        // It must not say more than the log before it: a turn follows when that has arrived.
        return;
      } else if (committer.looksTakenOver()) {
        breakOff("another instance writes the database");
      } else {
        headed = true;
        unsent = Optional.of(SnapshotRecord.head(origin, head()));
      }
    }

    /** Whether the Pipeline has the event behind which it stands, and the fence of its life. */
    private boolean isDelivered() {
      boolean ofLife = began.seq() > began.life().parentSeq();
      return seqs.accepted() > began.seq()
          || seqs.accepted() == began.seq() && (ofLife || !wal.outgoing().hasUndelivered());
    }

    private SnapshotHead head() {
      return new SnapshotHead(
          began.id(), began.seq(), began.life(), began.writer(), parts, things, began.beganMs());
    }

    private SnapshotPart fill() {
      SnapshotPart part = new SnapshotPart(origin.json(), partThings);
      if (parts == 0) {
        part.addSessions(sessions);
        part.addForgotten(forgotten);
      }
      double before = Double.NEGATIVE_INFINITY;
      while (!deletions.isEmpty() && !part.isFull()) {
        Deletion next = deletions.poll();
        if (next.seq() > before) {
          part.add(next);
        }
        before = next.seq();
      }
      while (deletions.isEmpty() && !part.isFull() && !exhausted) {
        Thing thing = source.next();
        if (thing == null) {
          exhausted = true;
        } else {
          part.add(thing);
        }
      }
      return part;
    }

    private void send(SnapshotRecord record) {
      phase = headed ? Phase.HEAD : Phase.SENDING;
      attempts++;
      int number = ++attempt;
      timer = timers.after(ANSWER_MS, () -> answered(number, "no answer in time"));
      Completion completion =
          new Completion() {
            @Override
            public void succeeded() {
              answered(number, "");
            }

            @Override
            public void failed(String error) {
              answered(number, error);
            }
          };
      calling = true;
      try {
        pipeline.send(List.of(record), completion);
      } catch (RuntimeException e) {
        answered(number, "the send threw: " + e.getMessage());
      }
      calling = false;
    }

    /** Takes note of an answer; the turn behind it goes on. */
    private void answered(int number, String error) {
      if (number != attempt || phase == Phase.WAITING || phase == Phase.PARTS) {
        return;
      }
      timer.cancel();
      if (calling) {
        // No turn follows, and this one is not to make all parts.
        timer = timers.after(0, () -> answered(number, error));
        return;
      }
      if (error.isEmpty()) {
        sentBytes += unsent.map(SnapshotRecord::bytes).orElse(0);
      }
      if (error.isEmpty() && headed) {
        made();
      } else if (error.isEmpty()) {
        unsent = Optional.empty();
        attempts = 0;
        phase = Phase.PARTS;
      } else if (attempts < MOST_ATTEMPTS) {
        waitFor(RETRY_MS * (1 << attempts));
      } else {
        breakOff("the Pipeline does not take it: " + error);
      }
    }

    private void waitFor(double ms) {
      phase = Phase.WAITING;
      timer = timers.after(ms, () -> phase = Phase.PARTS);
    }

    private void made() {
      end();
      persistence.writer().setSnapshot(new SnapshotMark(began.seq(), began.beganMs()));
      String at = new Position(began.life().of(began.seq()), began.seq()).text(origin.json());
      Stats stats = new Stats(at, began.beganMs(), parts, things, false);
      last = Optional.of(stats);
      waiting.forEach(one -> one.made(stats));
    }

    private void breakOff(String why) {
      end();
      healing |= heals;
      observer.warning(about.apply("a snapshot broke off: " + why));
      fail(waiting, why);
    }

    private void end() {
      timer.cancel();
      attempt++;
      source.end();
      making = Optional.empty();
    }
  }
}
