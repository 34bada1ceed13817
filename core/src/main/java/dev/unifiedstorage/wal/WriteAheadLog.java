package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The applied events on their way to being durable: what waits, where it goes next, and the numbers
 * that say how far it has come.
 *
 * <p>Its methods change numbers and queues. Nothing is sent or written before the {@code Committer}
 * takes its turn, which asks here what is due and says here what became of it; nothing here calls
 * the Committer. A write that is not durable can be undone: when durability cannot be had,
 * everything past the durable event is, newest first.
 *
 * <p>{@link Durable} says which way an event takes: in the Pipeline's queue ({@link Sender}), or in
 * the group for the next row of the {@link EventLog}, from which the {@link Backlog} feeds the
 * Pipeline. {@link Claim} says whether this life has an epoch to write in.
 */
public final class WriteAheadLog {
  private static final double FEED_AGAIN_MS = 5_000;

  private final WalOptions options;
  private final Origin origin;
  private final boolean hasDeadLetters;
  private final StoreObserver observer;
  private final EventLog log;
  private final Timers timers;
  private final Sender sender;
  private final Backlog backlog;
  private final GroupCommit group;
  private final Seqs seqs;

  private final ArrayDeque<AppliedEvent> pending = new ArrayDeque<>();
  private Claim claim = new Claim.Unclaimed();
  private Durable durable;
  private double lastWriteMs;

  /** Armed while a row of the event log could not be read. */
  private Optional<Timers.Timer> feedTimer = Optional.empty();

  public WriteAheadLog(
      WalOptions options,
      Origin origin,
      Pipeline pipeline,
      Pipeline deadLetters,
      Timers timers,
      StoreObserver observer,
      EventLog log) {
    this.options = options;
    this.origin = origin;
    this.observer = observer;
    this.log = log;
    this.timers = timers;
    double flushMs = options.durability() == Durability.LOCAL ? 0 : options.groupCommitMs();
    PipelineEmitterConfig config =
        PipelineEmitterConfig.of(origin.namespace())
            .withBatches(WalOptions.BATCH_EVENTS, WalOptions.BATCH_BYTES, flushMs)
            .withRetries(3, 1000, true)
            .withDeadLetterQueue(deadLetters);
    this.hasDeadLetters = deadLetters != null;
    this.sender = new Sender(pipeline, config, timers, origin.clock());
    this.backlog = new Backlog(log, sender);
    this.group = new GroupCommit(timers);
    this.seqs = new Seqs(origin.namespace());
    this.durable = Durable.of(options.durability());
  }

  public Seqs seqs() {
    return seqs;
  }

  public EmitterStats emitterStats() {
    return sender.stats(backlog.size());
  }

  /** Nothing waits: not for a commit, not for the Pipeline. */
  public boolean isIdle() {
    return group.isIdle()
        && pending.isEmpty()
        && sender.queued() == 0
        && backlog.isEmpty()
        && feedTimer.isEmpty();
  }

  /** Whether events wait for the Pipeline. */
  public boolean hasUndelivered() {
    return sender.queued() > 0 || !backlog.isEmpty();
  }

  /** Whether a commit record has something to say although no thing is dirty. */
  public boolean hasUnrecorded() {
    return seqs.applied() > seqs.checkpointed()
        || seqs.accepted() > seqs.recorded().acceptedSeq()
        || isClaimed()
        || isRecoveryRecorded();
  }

  /**
   * Checks the numbers, as after every turn.
   *
   * @throws IllegalStateException naming what does not fit
   */
  public void check() {
    seqs.check(isRecovering(), pending.size());
  }

  // ---- a start

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
    seqs.recovered(point, lastEpoch, lastSeq);
    if (point.recovering()) {
      claim = new Claim.Recovering(Optional.empty(), Optional.empty());
    }
    if (!isLogging() && logged > seqs.accepted()) {
      durable = durable.beginOutage();
    }
    backlog.recovered(seqs.accepted(), logged, outbox);
  }

  public boolean isRecovering() {
    return claim instanceof Claim.Recovering;
  }

  /** The fence and the record of an epoch that is claimed to recover; nothing has changed yet. */
  public Event recoveryFence() {
    return Event.fence(origin, seqs.epoch() + 1, origin.clock().nowMs());
  }

  public CommitPoint recoveryPoint() {
    return seqs.claimPoint(seqs.epoch() + 1, true);
  }

  /** SQLite has the claim of a recovery, with this fence in its outbox. */
  public void recoveryClaimed(CommitPoint point, Event fence) {
    seqs.record(point);
    claim = claim.recover(fence);
  }

  /** The state is whole again, up to this event: what the archive had was durable all along. */
  public void recoveryCompleted(double lastSeq) {
    claim = claim.completed();
    if (durable instanceof Durable.ViaSqlite sqlite && sqlite.outage()) {
      durable = durable.caughtUp();
    }
    seqs.rebuilt(lastSeq);
    backlog.delivered(lastSeq);
  }

  /**
   * A recovery has given up on an intact state, or there was none to make.
   *
   * <p>The next write begins an epoch of its own: a start that finds the claim of this one would go
   * on in it, and may not know of events that were sent meanwhile.
   *
   * @return whether the Pipeline has refused events meanwhile: an outage has begun
   */
  public boolean recoveryAbandoned() {
    if (!(claim instanceof Claim.Recovering recovering)) {
      return false;
    }
    claim = claim.abandoned();
    return recovering.refusal().isPresent() && beginOutage(recovering.refusal().get());
  }

  // ---- a write

  /** Whether that much more may be written, or the client has to come again later. */
  public boolean hasRoom(int events, double bytes) {
    return isLogging() ? log.hasRoom() : sender.hasRoom(events + 1, bytes);
  }

  /**
   * The epoch of the next event. The first one of a life begins an epoch of its own, which the next
   * turn claims before the event leaves.
   */
  public double beginWrite() {
    if (claim instanceof Claim.Unclaimed) {
      seqs.beginEpoch();
      claim = claim.write(Event.fence(origin, seqs.epoch(), origin.clock().nowMs()));
    }
    return seqs.epoch();
  }

  /** Takes applied events, from the first of a request on, which stand or fall together. */
  public void append(AppliedEvent first) {
    boolean logging = isLogging();
    if (!logging) {
      takeFence().ifPresent(sender::offer);
    }
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      seqs.apply(applied.event().seq());
      pending.add(applied);
      if (logging) {
        group.add(applied.event());
      } else {
        sender.offer(applied.event());
      }
    }
    if (!logging) {
      backlog.offered(seqs.applied());
    }
    lastWriteMs = origin.clock().nowMs();
  }

  private Optional<Event> takeFence() {
    Optional<Event> fence = claim.unsentFence();
    if (fence.isPresent()) {
      claim = claim.fenceTaken();
    }
    return fence;
  }

  private boolean isLogging() {
    return durable instanceof Durable.ViaSqlite;
  }

  // ---- the turn: the claim

  /** Whether SQLite says that events of this epoch may be where it does not have them. */
  private boolean isClaimed() {
    return claim instanceof Claim.Writing
        && seqs.recorded().open()
        && seqs.recorded().epoch() == seqs.epoch();
  }

  /** Whether events wait for which SQLite has to say first that they may exist. */
  public boolean needsClaim() {
    return !pending.isEmpty() && claim instanceof Claim.Writing && !isLogging() && !isClaimed();
  }

  /**
   * Whether a checkpoint has to come before the next write.
   *
   * <p>The one that ends a recovery may have failed: what that brought is in memory alone, and the
   * next start would go on in the same epoch. And a claim must not carry events past its
   * checkpoint: the next crash would lose them, and there may be more than a record has room for.
   */
  public boolean needsCheckpointFirst() {
    return isRecoveryRecorded()
        || (!isLogging() && !isClaimed() && seqs.durable() > seqs.checkpointed());
  }

  /** Whether SQLite says that a recovery is under way, although it has ended. */
  public boolean isRecoveryRecorded() {
    return seqs.recorded().recovering() && !isRecovering();
  }

  /** Whether applied events are not durable yet. */
  public boolean hasPending() {
    return !pending.isEmpty();
  }

  public CommitPoint claimPoint() {
    return seqs.claimPoint(seqs.epoch(), false);
  }

  /** What the record of a claim carries: the events before those that wait for it. */
  public List<Event> claimOutbox() {
    return backlog.unlogged(seqs.durable(), Optional.empty());
  }

  /** What the record of a recovery's claim carries, its fence at the end. */
  public List<Event> recoveryOutbox(Event fence) {
    return backlog.unlogged(Double.POSITIVE_INFINITY, Optional.of(fence));
  }

  /** SQLite has the claim. */
  public void claimed(CommitPoint point) {
    seqs.record(point);
  }

  /** What is applied counts as durable, where nothing more is asked for. */
  public void countAtOnce() {
    if (durable instanceof Durable.AtOnce) {
      becomeDurable(seqs.applied());
    }
  }

  // ---- the turn: the event log

  /** Whether events have gathered for a row that is due. */
  public boolean groupIsDue() {
    return !group.isEmpty() && group.isDue();
  }

  public boolean hasGroup() {
    return !group.isEmpty();
  }

  /** The events of the next row: the fence of the epoch is the first. */
  public List<Event> groupEvents() {
    List<Event> events = new ArrayList<>(group.size() + 1);
    claim.unsentFence().ifPresent(events::add);
    events.addAll(group.events());
    return events;
  }

  /** Those events are in the event log, and durable. */
  public void groupCommitted(List<Event> events) {
    double before = seqs.applied() - group.size();
    takeFence();
    group.committed(
        durable instanceof Durable.ViaSqlite sqlite && sqlite.outage()
            ? WalOptions.DEGRADED_COMMIT_MS
            : options.groupCommitMs());
    backlog.logged(events, before, seqs.applied());
    becomeDurable(seqs.applied());
  }

  // ---- the turn: a checkpoint

  /**
   * The record of a checkpoint, which holds everything applied.
   *
   * @param closing whether the object should be clean afterwards even if writes are coming in
   */
  public CommitPoint checkpointPoint(boolean closing) {
    double quietMs = origin.clock().nowMs() - lastWriteMs;
    // Less than nothing, when the clock has jumped back.
    boolean busy = quietMs >= 0 && quietMs < options.busyMs();
    // While events go to SQLite it has all of them, and a start needs nothing else.
    return seqs.checkpointPoint(isClaimed() && busy && !closing && !isLogging());
  }

  /** The events that the Pipeline may not have and no row of the event log has. */
  public List<Event> outbox() {
    return backlog.unlogged(Double.POSITIVE_INFINITY, Optional.empty());
  }

  /**
   * A checkpoint with this record has committed: everything it holds is durable.
   *
   * @param logged whether its outbox went to rows of the event log
   */
  public void checkpointed(CommitPoint point, boolean logged) {
    seqs.record(point);
    if (logged) {
      backlog.logged(point.checkpointSeq());
    }
    becomeDurable(point.checkpointSeq());
  }

  // ---- the turn: sends

  public boolean hasOutcome() {
    return sender.hasOutcome();
  }

  /**
   * Takes up what became of the last send, if it has ended.
   *
   * @return whether an outage has begun: events go to SQLite from now on
   */
  public boolean takeOutcome() {
    Optional<Sender.Outcome> outcome = sender.takeOutcome();
    if (outcome.isEmpty()) {
      return false;
    }
    if (outcome.get() instanceof Sender.Outcome.Accepted accepted) {
      for (Event event : accepted.batch()) {
        // A fence has no seq, and may be the last.
        seqs.accept(event.seq());
      }
      // During a recovery the Pipeline may have more than the state.
      becomeDurable(Math.min(seqs.accepted(), seqs.applied()));
      return false;
    }
    Sender.Outcome.Failed failed = (Sender.Outcome.Failed) outcome.get();
    if (failed.pastRetries() == 1 && hasDeadLetters) {
      sender.sendDeadLetters(error -> {});
    }
    return failed.pastRetries() > 0 && pipelineRefuses(failed.error());
  }

  private boolean pipelineRefuses(String error) {
    if (isRecovering()) {
      // The state in memory is not whole: a checkpoint would say that it is.
      claim = claim.refused(error);
      return false;
    }
    return beginOutage(error);
  }

  private boolean beginOutage(String error) {
    if (isLogging()) {
      return false;
    }
    durable = durable.beginOutage();
    observer.warning(
        about(
            "the Pipeline does not accept events ("
                + error
                + "); they go to SQLite until it does"));
    return true;
  }

  /** Whether the Pipeline has everything that went to SQLite during an outage. */
  public boolean hasCaughtUp() {
    return durable instanceof Durable.ViaSqlite sqlite
        && sqlite.outage()
        && !isRecovering()
        && backlog.isEmpty()
        && sender.queued() == 0;
  }

  /** Whether what has gathered for the next row may be sent in its place. */
  public boolean mayEndOutage() {
    return group.isEmpty() || isClaimed();
  }

  /** Ends the time of SQLite commits: what has gathered for the next one is sent in its place. */
  public void endOutage() {
    durable = durable.caughtUp();
    observer.info("namespace " + origin.namespace() + ": the Pipeline has caught up");
    if (!group.isEmpty()) {
      takeFence().ifPresent(sender::offer);
      group.events().forEach(sender::offer);
      group.clear();
    }
    backlog.offered(seqs.applied());
  }

  /**
   * Sends what is due: what SQLite has for the Pipeline, then the fence of a recovery, then what
   * was applied since.
   */
  public void send() {
    if (!backlog.isEmpty() && feedTimer.isEmpty()) {
      backlog.feed().ifPresent(this::feedAgainLater);
    }
    if (isRecovering() && backlog.isEmpty()) {
      takeFence().ifPresent(sender::offer);
    }
    sender.sendDue(isRecovering());
  }

  /** Tries later to read on in the event log: an error of SQLite may be gone by then. */
  private void feedAgainLater(RuntimeException error) {
    observer.error(about("events wait in SQLite that cannot be read: " + error.getMessage()));
    feedTimer = Optional.of(timers.after(FEED_AGAIN_MS, () -> feedTimer = Optional.empty()));
  }

  /** Frees the rows of events that a checkpoint covers and the Pipeline has. */
  public void releaseRows() {
    log.release(Math.min(seqs.checkpointed(), seqs.accepted()));
  }

  // ---- outcomes

  private void becomeDurable(double seq) {
    seqs.becomeDurable(seq);
    while (!pending.isEmpty() && pending.peek().event().seq() <= seqs.durable()) {
      pending.poll();
    }
  }

  /**
   * Undoes every write that is not durable.
   *
   * <p>What was sent of them may have arrived all the same: the next write begins another epoch,
   * which voids it.
   */
  public void undo(String why) {
    observer.error(
        about(
            why
                + "; events "
                + (long) (seqs.durable() + 1)
                + " to "
                + (long) seqs.applied()
                + " are undone"));
    while (!pending.isEmpty()) {
      pending.pollLast().undo().undo();
    }
    boolean offered = group.isEmpty();
    group.clear();
    seqs.undo();
    backlog.undone(seqs.durable());
    if (offered && claim instanceof Claim.Writing) {
      sender.abandonAfter(seqs.durable());
      claim = claim.undone();
    }
  }

  /**
   * Events go to the Pipeline again although it refuses them: SQLite has refused them too. The next
   * write begins another epoch, and with that a checkpoint of what neither has taken.
   */
  public void abandonOutage() {
    if (durable instanceof Durable.ViaSqlite sqlite && sqlite.outage()) {
      durable = durable.caughtUp();
      claim = claim instanceof Claim.Writing ? claim.undone() : claim;
    }
  }

  private String about(String message) {
    return "namespace " + origin.namespace() + ", epoch " + (long) seqs.epoch() + ": " + message;
  }
}
