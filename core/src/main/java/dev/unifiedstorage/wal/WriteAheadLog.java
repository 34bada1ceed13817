package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.InMemoryStateManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The numbers of the log, and how a write becomes durable.
 *
 * <p>Always {@code acceptedSeq, durableSeq <= appliedSeq} and {@code checkpointSeq <= appliedSeq}.
 * A write that is not durable can be undone; when durability cannot be had, everything past
 * durableSeq is undone, newest first, and the replies that waited for it become {@code
 * UNAVAILABLE}.
 *
 * <p>Three ways lead to durability. In {@code pipeline} an event is durable when its send
 * succeeded; when the retries are used up, a checkpoint makes what is waiting durable, and until
 * the Pipeline has caught up the store works as in {@code local}. In {@code local} it is durable
 * when its group is committed to the event log. In {@code memory} it counts as durable at once. A
 * checkpoint makes everything durable in any mode, because it carries the outbox.
 *
 * <p>It is long because every method here moves one of the numbers and keeps the rule between them;
 * what moves none is elsewhere: {@link EventLog}, {@link GroupCommit}, {@link Backlog}, {@link
 * PipelineEmitter}, {@link ReplyGate}.
 */
public final class WriteAheadLog implements CommitSource {
  /** A life begins another epoch when a rebuild broke off, or writes were undone: rarely. */
  private static final int MAX_EPOCH_STARTS = 64;

  private static final double FEED_AGAIN_MS = 5_000;

  private final WalOptions options;
  private final Origin origin;
  private final StoreObserver observer;
  private final Tables tables;
  private final EventLog log;
  private final ReplyGate gate;
  private final InMemoryStateManager state;
  private final PipelineEmitter emitter;
  private final Backlog backlog;
  private final Timers timers;
  private Timers.Timer feedTimer;

  /** Writes a commit record alone, with the outbox. */
  private BiConsumer<CommitPoint, List<Event>> recordWriter;

  /** Takes a checkpoint, or throws. */
  private Runnable persist;

  /** Told when what there is to record has changed although nothing was written. */
  private Runnable onUnrecorded;

  private double epoch;
  private Claim claim = new Claim.Unclaimed();

  /** Of the last epochs in which this life has written; a claim to recover is none. */
  private final ArrayDeque<EpochStart> epochStarts = new ArrayDeque<>();

  private double appliedSeq;
  private double durableSeq;
  private double acceptedSeq;

  /** What the last committed record says. */
  private CommitPoint recorded = CommitPoint.NONE;

  private double lastWriteMs;
  private boolean degraded;
  private int undos;

  private final ArrayDeque<AppliedEvent> pending = new ArrayDeque<>();
  private final GroupCommit group;

  public WriteAheadLog(
      WalOptions options,
      Origin origin,
      Pipeline pipeline,
      Pipeline deadLetters,
      Timers timers,
      StoreObserver observer,
      Tables tables,
      EventLog log,
      ReplyGate gate,
      InMemoryStateManager state) {
    this.options = options;
    this.origin = origin;
    this.group = new GroupCommit(timers);
    this.timers = timers;
    this.observer = observer;
    this.tables = tables;
    this.log = log;
    this.gate = gate;
    this.state = state;
    double flushMs = options.durability() == Durability.LOCAL ? 0 : options.groupCommitMs();
    PipelineEmitterConfig config =
        PipelineEmitterConfig.of(origin.namespace())
            .withBatches(WalOptions.BATCH_EVENTS, WalOptions.BATCH_BYTES, flushMs)
            .withRetries(3, 1000, true)
            .withDeadLetterQueue(deadLetters);
    this.emitter = new PipelineEmitter(pipeline, config, origin, timers, new Deliveries());
    this.backlog = new Backlog(log, emitter, this::feedAgain);
  }

  /**
   * Says how a commit record is written, how a checkpoint is taken, and who records what the
   * Pipeline has accepted; called once, before anything else.
   */
  public void connect(
      BiConsumer<CommitPoint, List<Event>> writer, Runnable checkpoint, Runnable unrecorded) {
    recordWriter = writer;
    persist = checkpoint;
    onUnrecorded = unrecorded;
  }

  /**
   * Takes over where the last life ended.
   *
   * @param point what its last commit record says
   * @param lastEpoch its last epoch
   * @param lastSeq its last event
   * @param outbox the events that only the commit record has
   * @param logged the last event in rows of the event log, 0 when there is none
   */
  public void recovered(
      CommitPoint point, double lastEpoch, double lastSeq, List<Event> outbox, double logged) {
    recorded = point;
    epoch = lastEpoch;
    appliedSeq = lastSeq;
    if (point.recovering()) {
      claim = new Claim.Recovering(Optional.empty(), Optional.empty());
    }
    acceptedSeq = point.acceptedSeq();
    degraded = options.durability() != Durability.LOCAL && logged > acceptedSeq;
    durable(appliedSeq);
    backlog.recovered(acceptedSeq, logged, outbox);
    emitter.pump();
  }

  /**
   * Begins a new epoch only to learn what the last ones left in the archive: its fence goes out
   * behind everything that waits. A recovery that broke off has claimed one already, and its fence
   * is in the outbox.
   *
   * @throws SqlException when the epoch cannot be claimed
   */
  public void fence() {
    commitGroup();
    if (!isRecovering()) {
      claimToRecover();
    }
    emitter.setUrgent(true);
    sendFence();
    emitter.pump();
  }

  private void claimToRecover() {
    Claim before = claim;
    epoch++;
    claim = claim.recover(newFence());
    try {
      recordClaim();
    } catch (RuntimeException e) {
      epoch--;
      claim = before;
      throw e;
    }
  }

  private Event newFence() {
    return Event.fence(origin, epoch, origin.clock().nowMs());
  }

  private boolean isRecovering() {
    return claim instanceof Claim.Recovering;
  }

  /** Offers the fence of a recovery, once everything before it has been offered. */
  private void sendFence() {
    if (isRecovering() && backlog.isEmpty()) {
      offerFence();
    }
  }

  /** The state is whole again, up to this event: what the archive had was durable all along. */
  public void replayed(double lastSeq) {
    claim = claim.completed();
    emitter.setUrgent(false);
    degraded = false;
    appliedSeq = Math.max(appliedSeq, lastSeq);
    epochStarts.clear();
    startEpoch();
    acceptedSeq = appliedSeq;
    backlog.delivered(appliedSeq);
    durable(appliedSeq);
  }

  /**
   * A recovery has given up on an intact state.
   *
   * <p>The next write begins an epoch of its own: a start that finds the claim of this one would go
   * on in it, and may not know of events that were sent meanwhile.
   */
  public void replayAbandoned() {
    if (!(claim instanceof Claim.Recovering recovering)) {
      return;
    }
    claim = claim.abandoned();
    emitter.setUrgent(false);
    if (recovering.refusal().isPresent() && !isLogging()) {
      spill(recovering.refusal().get());
    }
  }

  public double epoch() {
    return epoch;
  }

  /**
   * Where the epochs begin in which this life has written, oldest first: of those that the archive
   * may not have yet.
   */
  public List<EpochStart> epochStarts() {
    return List.copyOf(epochStarts);
  }

  private void startEpoch() {
    epochStarts.add(new EpochStart(epoch, appliedSeq + 1));
    if (epochStarts.size() > MAX_EPOCH_STARTS) {
      epochStarts.poll();
    }
  }

  public double appliedSeq() {
    return appliedSeq;
  }

  public double durableSeq() {
    return durableSeq;
  }

  public double checkpointSeq() {
    return recorded.checkpointSeq();
  }

  /** How often this life has undone writes: seqs past durableSeq mean other events then. */
  public int undos() {
    return undos;
  }

  public EmitterStats emitterStats() {
    EmitterStats stats = emitter.stats();
    return new EmitterStats(
        stats.status(),
        stats.queued() + backlog.size(),
        stats.sent(),
        stats.sentBytes(),
        stats.retries(),
        stats.deadLettered(),
        stats.lastError());
  }

  /** Nothing waits: not for a commit, not for the Pipeline, not for a reply. */
  public boolean isIdle() {
    return group.isIdle()
        && pending.isEmpty()
        && gate.waiting() == 0
        && emitter.queued() == 0
        && backlog.isEmpty()
        && feedTimer == null;
  }

  /** Whether that much more may be written, or the client has to come again later. */
  public boolean hasRoom(int events, double bytes) {
    if (!gate.hasRoom()) {
      return false;
    }
    return isLogging() ? log.hasRoom() : emitter.hasRoom(events + 1, bytes);
  }

  private boolean isLogging() {
    return degraded || options.durability() == Durability.LOCAL;
  }

  /**
   * Takes the checkpoint that has to come before a write, if any; called before the write looks at
   * anything, because what a checkpoint has written may leave the memory.
   *
   * <p>The one that ends a recovery may have failed. Then what that brought is in memory alone, and
   * the next start would go on in the same epoch. And a claim must not carry events past its
   * checkpoint: the next crash would lose them, and there may be more than a record has room for.
   *
   * @throws SqlException when SQLite refuses
   */
  public void prepareWrite() {
    if (recorded.recovering() || (mustClaim() && appliedSeq > recorded.checkpointSeq())) {
      persist.run();
    }
  }

  private boolean mustClaim() {
    return !isLogging() && !isClaimed();
  }

  /** Whether SQLite says that events of this epoch may be where it does not have them. */
  private boolean isClaimed() {
    return claim instanceof Claim.Writing && recorded.open() && recorded.epoch() == epoch;
  }

  /**
   * Makes sure that this life has an epoch of its own, durably, before its first write.
   *
   * @throws SqlException when SQLite refuses; nothing was written then
   */
  public void beginWrite() {
    boolean claims = mustClaim();
    boolean first = claim instanceof Claim.Unclaimed;
    if (!first && !claims) {
      return;
    }
    if (first) {
      epoch++;
    }
    if (claims) {
      try {
        recordClaim();
      } catch (RuntimeException e) {
        epoch = first ? epoch - 1 : epoch;
        throw e;
      }
    }
    if (first) {
      startEpoch();
      claim = claim.write(newFence());
    }
  }

  /** Takes applied events, from the first of a request on, which stand or fall together. */
  public void append(AppliedEvent first) {
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      double seq = applied.event().seq();
      if (seq != appliedSeq + 1) {
        throw new IllegalStateException(
            "namespace "
                + origin.namespace()
                + ", epoch "
                + (long) epoch
                + ": expected seq "
                + (long) (appliedSeq + 1)
                + ", got "
                + (long) seq);
      }
      appliedSeq = seq;
      pending.add(applied);
    }
    lastWriteMs = origin.clock().nowMs();
    if (isLogging()) {
      addToGroup(first);
      return;
    }
    offerFence();
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      emitter.offer(applied.event());
    }
    offered();
    emitter.pump();
  }

  // ---- the event log

  private void addToGroup(AppliedEvent first) {
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      group.add(applied.event());
    }
    if (group.isDue()) {
      commitGroup();
    }
  }

  /** Commits what has gathered; false when SQLite refused and it was undone. */
  private boolean commitGroup() {
    if (group.isEmpty()) {
      return true;
    }
    List<Event> events = new ArrayList<>(group.size() + 1);
    claim.unsentFence().ifPresent(events::add);
    events.addAll(group.events());
    try {
      Runnable[] committed = new Runnable[1];
      tables.transaction(() -> committed[0] = log.write(events, tables.nextTx()));
      committed[0].run();
    } catch (SqlException e) {
      undoAfterDurable("the event log could not be written: " + e.getMessage());
      return false;
    }
    double before = appliedSeq - group.size();
    claim = claim.fenceTaken();
    group.committed(commitWindowMs(), this::commitGroup);
    backlog.logged(events, before, appliedSeq);
    durable(appliedSeq);
    emitter.pump();
    return true;
  }

  private double commitWindowMs() {
    return options.durability() == Durability.LOCAL
        ? options.groupCommitMs()
        : WalOptions.DEGRADED_COMMIT_MS;
  }

  // ---- outcomes

  private void durable(double seq) {
    durableSeq = Math.max(durableSeq, seq);
    while (!pending.isEmpty() && pending.peek().event().seq() <= durableSeq) {
      pending.poll();
    }
    gate.durable(durableSeq);
  }

  private void undoAfterDurable(String why) {
    observer.error(
        "namespace "
            + origin.namespace()
            + ", epoch "
            + (long) epoch
            + ": "
            + why
            + "; events "
            + (long) (durableSeq + 1)
            + " to "
            + (long) appliedSeq
            + " are undone");
    while (!pending.isEmpty()) {
      state.undo(pending.pollLast().undo());
    }
    group.clear();
    undos++;
    appliedSeq = durableSeq;
    backlog.undone(durableSeq);
    gate.undone(durableSeq);
    onUnrecorded.run();
  }

  /** What becomes of sends. */
  private final class Deliveries implements PipelineEmitter.Owner {
    @Override
    public void accepted(List<Event> batch) {
      for (Event event : batch) {
        // A fence has no seq, and may be the last.
        acceptedSeq = Math.max(acceptedSeq, event.seq());
      }
      log.release(Math.min(recorded.checkpointSeq(), acceptedSeq));
      if (acceptedSeq > durableSeq) {
        durable(acceptedSeq);
      }
      onUnrecorded.run();
    }

    @Override
    public boolean keepsRetrying(List<Event> batch, String error) {
      if (isRecovering()) {
        // The state in memory is not whole: a checkpoint would say that it is.
        claim = claim.refused(error);
      } else if (!isLogging()) {
        spill(error);
      }
      return true;
    }

    @Override
    public void drained() {
      backlog.feed();
      sendFence();
      if (degraded && backlog.isEmpty() && emitter.queued() == 0) {
        caughtUp();
      }
    }
  }

  /** Tries later to read on in the event log: an error of SQLite may be gone by then. */
  private void feedAgain(RuntimeException error) {
    observer.error(
        "namespace "
            + origin.namespace()
            + ", epoch "
            + (long) epoch
            + ": events wait in SQLite that cannot be read: "
            + error.getMessage());
    if (feedTimer == null) {
      feedTimer =
          timers.after(
              FEED_AGAIN_MS,
              () -> {
                feedTimer = null;
                backlog.feed();
                emitter.pump();
              });
    }
  }

  /** Ends the time of SQLite commits: what has gathered for the next one is sent in its place. */
  private void caughtUp() {
    if (!group.isEmpty() && !isClaimed()) {
      try {
        recordClaim();
      } catch (RuntimeException e) {
        // The group becomes a row, and the next one may fare better.
        return;
      }
    }
    degraded = false;
    observer.info("namespace " + origin.namespace() + ": the Pipeline has caught up");
    if (!group.isEmpty()) {
      offerFence();
    }
    group.events().forEach(emitter::offer);
    offered();
    group.clear();
  }

  /** Says in SQLite that events may be where it does not have them. */
  private void recordClaim() {
    CommitPoint point =
        new CommitPoint(
            epoch,
            recorded.checkpointEpoch(),
            recorded.checkpointSeq(),
            recorded.acceptedSeq(),
            true,
            isRecovering());
    recordWriter.accept(point, outbox());
    recorded = point;
  }

  /** Offers the fence of this epoch ahead of its first event. */
  private void offerFence() {
    if (claim.unsentFence().isPresent()) {
      emitter.offer(claim.unsentFence().get());
      claim = claim.fenceTaken();
    }
  }

  private void offered() {
    backlog.offered(appliedSeq);
    if (options.durability() == Durability.MEMORY) {
      durable(appliedSeq);
    }
  }

  /**
   * Takes a checkpoint, which carries what waits for the Pipeline, so that its replies can leave.
   *
   * <p>Not rows of the event log alone: what the Pipeline had accepted before is in no row, and a
   * replay of the log would find a gap there.
   */
  private void spill(String error) {
    observer.warning(
        "namespace "
            + origin.namespace()
            + ", epoch "
            + (long) epoch
            + ": the Pipeline does not accept events ("
            + error
            + "); they go to SQLite until it"
            + " does");
    degraded = true;
    try {
      persist.run();
    } catch (RuntimeException e) {
      degraded = false;
      undoAfterDurable("neither the Pipeline nor SQLite takes events: " + e.getMessage());
      // Sends that failed may have arrived: a new epoch voids what they brought.
      claim = claim instanceof Claim.Writing ? claim.undone() : claim;
      emitter.abandonAfter(durableSeq);
      onUnrecorded.run();
    }
  }

  @Override
  public List<Event> outbox() {
    return backlog.unlogged(isRecovering() ? claim.unsentFence() : Optional.empty());
  }

  // ---- checkpoints

  @Override
  public CommitPoint commitPoint(boolean closing) {
    if (isLogging() && !commitGroup()) {
      throw new SqlException(
          "namespace " + origin.namespace() + ": the event log could not be written", false);
    }
    double quietMs = origin.clock().nowMs() - lastWriteMs;
    // Less than nothing, when the clock has jumped back.
    boolean busy = quietMs >= 0 && quietMs < options.busyMs();
    // While events go to SQLite it has all of them, and a start needs nobody else.
    boolean open = isClaimed() && busy && !closing && !degraded;
    return new CommitPoint(epoch, epoch, appliedSeq, acceptedSeq, open, false);
  }

  @Override
  public boolean hasUnrecorded() {
    return appliedSeq > recorded.checkpointSeq()
        || acceptedSeq > recorded.acceptedSeq()
        || isClaimed()
        || (recorded.recovering() && !isRecovering());
  }

  @Override
  public boolean hasUndelivered() {
    return emitter.queued() > 0 || !backlog.isEmpty();
  }

  @Override
  public void recorded(CommitPoint point, boolean logged) {
    recorded = point;
    if (logged) {
      backlog.logged(point.checkpointSeq());
    }
    log.release(Math.min(recorded.checkpointSeq(), acceptedSeq));
    durable(point.checkpointSeq());
  }
}
