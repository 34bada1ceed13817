package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Undo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The applied events on their way to being durable: what waits, where it goes next, and the numbers
 * that say how far it has come.
 *
 * <p>Its methods change numbers and queues. Nothing is sent or written before the {@code Committer}
 * takes its turn, which asks here what is due and says here what became of it; nothing here calls
 * the Committer. A write that is not durable can be undone: when durability cannot be had,
 * everything past the durable event is, newest first.
 *
 * <p>{@link Outgoing} takes the events, and knows which way they go. {@link Claim} says whether
 * this instance has a life to write in.
 */
public final class WriteAheadLog {
  /** Events whose writing into a commit record costs less than the rows of its checkpoint. */
  private static final int SHORT_OUTBOX = 1_000;

  private final WalOptions options;
  private final Origin origin;
  private final StoreObserver observer;
  private final Outgoing outgoing;
  private final Seqs seqs;
  private final Lives lives;
  private final LifeSteps steps;

  private final Pending pending = new Pending();
  private double lastWriteMs;

  /** Whether events go to SQLite first because the archive does not keep up. */
  private boolean archiveLags;

  public WriteAheadLog(
      WalOptions options,
      Origin origin,
      Pipeline pipeline,
      @Nullable Pipeline deadLetters,
      Timers timers,
      StoreObserver observer,
      EventLog log,
      Ids ids) {
    this.options = options;
    this.origin = origin;
    this.observer = observer;
    PipelineEmitterConfig config = options.sends(origin.namespace(), deadLetters);
    Delivery delivery =
        new Delivery(
            config,
            options.records(),
            options.sendWindow(timers, origin.clock()),
            pipeline,
            log,
            timers,
            origin.clock());
    this.outgoing = new Outgoing(options, delivery, log, timers, origin.clock());
    this.seqs = new Seqs(origin.namespace());
    this.lives = new Lives(origin, seqs, ids);
    this.steps = new LifeSteps(observer, origin, seqs);
  }

  public Seqs seqs() {
    return seqs;
  }

  public Lives lives() {
    return lives;
  }

  /** Where the steps of the store's life are told. */
  public LifeSteps steps() {
    return steps;
  }

  public Outgoing outgoing() {
    return outgoing;
  }

  /** Nothing waits: not for a commit, not for the Pipeline. */
  public boolean isIdle() {
    return outgoing.isIdle() && pending.isEmpty();
  }

  /** Whether a commit record has something to say although no thing is dirty. */
  public boolean hasUnrecorded() {
    return seqs.applied() > seqs.checkpointed()
        || seqs.accepted() > seqs.recorded().acceptedSeq()
        || lives.isClaimed()
        || lives.mustClaim()
        || lives.isRecoveryRecorded();
  }

  /**
   * Checks the numbers, as after every turn.
   *
   * @throws IllegalStateException naming what does not fit
   */
  public void check() {
    seqs.check(lives.isRecovering(), pending.size());
  }

  // ---- a start

  /**
   * Takes over where the last life ended.
   *
   * @param point what its last commit record says
   * @param lastSeq its last event
   * @param outbox the events that only the commit record has
   * @param logged the last event in rows of the event log, 0 when there is none
   */
  public void recovered(CommitPoint point, double lastSeq, List<Event> outbox, double logged) {
    double known = logged;
    for (Event event : outbox) {
      known = Math.max(known, event.seq());
    }
    seqs.recovered(point, lastSeq, known);
    outgoing.recovered(seqs.accepted(), logged, outbox);
    // What is applied from now on goes behind it.
    feed();
  }

  /**
   * The state is whole, up to this event: what the archive had was durable all along. The next
   * commit claims a life, so that what may still land of the last one is past its end.
   *
   * @param newest the life that has brought it there
   */
  public void recoveryCompleted(Life newest, double lastSeq) {
    lives.recoveryEnded();
    seqs.adopt(newest);
    rebuilt(newest, lastSeq);
    lives.begin();
  }

  /** The state was made anew, up to the last event that there was before. */
  public void rebuilt(double lastSeq) {
    lives.recoveryEnded();
    rebuilt(seqs.life(), lastSeq);
  }

  private void rebuilt(Life newest, double lastSeq) {
    // The archive has just shown that it has everything.
    archiveLags = false;
    seqs.rebuilt(newest, lastSeq);
    pending.becameDurable(seqs.durable());
    outgoing.rebuilt(lastSeq);
  }

  /**
   * A recovery has given up on an intact state, or there was none to make.
   *
   * @return whether the Pipeline has refused events meanwhile: an outage has begun
   */
  public boolean recoveryAbandoned() {
    Optional<String> refusal = lives.recoveryEnded();
    return refusal.isPresent() && beginOutage(refusal.get());
  }

  /** Begins a life for a reason; see {@link Lives#begin(Event.Verb, String)}. */
  public void begin(Event.Verb verb, String more) {
    if (hasPending()) {
      throw new IllegalStateException(about("expected everything applied to be durable"));
    }
    forgetUnrecorded();
    lives.begin(verb, more);
  }

  /** A life that no record has claimed, and of whose events none is left, never was. */
  public void forgetUnrecorded() {
    if (lives.isUnrecorded()) {
      lives.undone();
    }
  }

  // ---- a write

  /** Takes applied events, from the first of a request on, which stand or fall together. */
  public void append(AppliedEvent first) {
    if (!outgoing.isLogging()) {
      offerFence();
    }
    for (AppliedEvent applied = first; applied != null; applied = applied.next()) {
      seqs.apply(applied.event().seq());
      pending.add(applied);
      outgoing.add(applied.event());
    }
    lastWriteMs = first.event().tsMs();
  }

  /** The fence of the life goes ahead of its first event. */
  public void offerFence() {
    lives.takeFence().ifPresent(outgoing::offer);
  }

  // ---- the turn: the claim

  /** Whether events wait for which SQLite has to say first that they may exist. */
  public boolean needsClaim() {
    return !pending.isEmpty() && lives.isWriting() && !outgoing.isLogging() && !lives.isClaimed();
  }

  /**
   * Whether a checkpoint has to come before the next write.
   *
   * <p>The one that ends a recovery may have failed: what that brought is in memory alone, and the
   * next start would look for it again. And a claim must not carry events past its checkpoint: the
   * next crash would lose them, and there may be more than a record has room for.
   */
  public boolean needsCheckpointFirst() {
    return lives.isRecoveryRecorded()
        || (!outgoing.isLogging() && !lives.isClaimed() && seqs.durable() > seqs.checkpointed());
  }

  /** Whether applied events are not durable yet. */
  public boolean hasPending() {
    return !pending.isEmpty();
  }

  /** Whether a commit record carries few events by now: not many that only the Pipeline gets. */
  public boolean hasShortOutbox() {
    return outgoing.isLogging() || seqs.applied() - seqs.accepted() <= SHORT_OUTBOX;
  }

  /** What is applied counts as durable, where nothing more is asked for. */
  public void countAtOnce() {
    if (outgoing.isDurableAtOnce()) {
      becomeDurable(seqs.applied());
    }
  }

  // ---- the turn: the event log

  /** The events of the next row: the fence of the life is the first. */
  public List<Event> groupEvents() {
    List<Event> events = new ArrayList<>();
    lives.unsentFence().ifPresent(events::add);
    events.addAll(outgoing.group());
    return events;
  }

  /** Those events are in the event log, and durable. */
  public void groupCommitted(List<Event> events) {
    lives.takeFence();
    outgoing.groupCommitted(events, seqs.applied());
    becomeDurable(seqs.applied());
  }

  // ---- the turn: a checkpoint

  /**
   * The record of a checkpoint, which holds everything applied.
   *
   * @param closing whether the object should be clean afterwards even if writes are coming in
   */
  public CommitPoint checkpointPoint(boolean closing) {
    double nowMs = origin.clock().nowMs();
    double quietMs = nowMs - lastWriteMs;
    // Less than nothing, when the clock has jumped back.
    boolean busy = quietMs >= 0 && quietMs < options.busyMs();
    // While events go to SQLite it has all of them, and a start needs nothing else.
    boolean open = lives.isClaimed() && busy && !closing && !outgoing.isLogging();
    return seqs.checkpointPoint(nowMs, open);
  }

  /**
   * A checkpoint with this record has committed: everything it holds is durable.
   *
   * @param logged whether its outbox went to rows of the event log
   */
  public void checkpointed(CommitPoint point, boolean logged) {
    seqs.record(point);
    if (logged) {
      outgoing.logged(point.checkpointSeq());
    }
    becomeDurable(point.checkpointSeq());
    // The record has it too, in case that it does not arrive.
    offerFence();
  }

  // ---- the turn: sends

  /**
   * Takes up what became of the last send, if it has ended.
   *
   * @return whether an outage has begun: events go to SQLite from now on
   */
  public boolean takeOutcome() {
    Optional<Sender.Outcome> outcome = outgoing.takeOutcome();
    if (outcome.isEmpty()) {
      return false;
    } else if (outcome.get() instanceof Sender.Outcome.Accepted accepted) {
      for (Event event : accepted.batch()) {
        // A fence has no seq, and may be the last.
        seqs.accept(event.seq());
      }
      // During a recovery the Pipeline may have more than the state.
      becomeDurable(Math.min(seqs.accepted(), seqs.applied()));
      return false;
    }
    Sender.Outcome.Failed failed = (Sender.Outcome.Failed) outcome.get();
    if (failed.pastRetries() > 0 && lives.isRecovering()) {
      // The state in memory is not whole: a checkpoint would say that it is.
      lives.refused(failed.error());
      return false;
    }
    return failed.pastRetries() > 0 && beginOutage(failed.error());
  }

  private boolean beginOutage(String error) {
    if (!outgoing.beginOutage()) {
      return false;
    }
    steps.say(
        LifeStep.DEGRADED,
        "the Pipeline does not accept events (" + error + "); they go to SQLite until it does");
    return true;
  }

  /**
   * Takes note of whether the archive lags too far behind what the Pipeline has accepted. While it
   * does, what waits for the Pipeline alone to be durable goes to SQLite first, as in an outage.
   *
   * @return whether that has begun
   */
  public boolean archiveLags(boolean lags) {
    archiveLags = lags && options.durability() == Durability.PIPELINE && !lives.isRecovering();
    return archiveLags && outgoing.beginOutage();
  }

  /** Whether events go to SQLite first because the archive lags. */
  public boolean isArchiveLagging() {
    return archiveLags;
  }

  /** Whether the Pipeline takes no events, so that they wait. */
  public boolean isPipelineRefusing() {
    return outgoing.isRefused();
  }

  /** Whether the Pipeline has everything that went to SQLite during an outage. */
  public boolean hasCaughtUp() {
    return outgoing.isOutage()
        && !archiveLags
        && !lives.isRecovering()
        && !outgoing.hasUndelivered();
  }

  /** Ends the time of SQLite commits: what has gathered for the next one is sent in its place. */
  public void endOutage() {
    steps.say(LifeStep.CAUGHT_UP, "the Pipeline has caught up");
    if (outgoing.hasGroup()) {
      offerFence();
    }
    outgoing.endOutage();
  }

  /**
   * Sends what is due: what SQLite has for the Pipeline, then the probe of a recovery, then what
   * was applied since.
   */
  public void send() {
    feed();
    if (lives.isRecovering() && outgoing.isFed()) {
      lives.takeProbe().ifPresent(outgoing::offer);
    }
    outgoing.send(lives.isRecovering());
  }

  private void feed() {
    Optional<RuntimeException> error = outgoing.feed();
    if (error.isPresent()) {
      observer.error(
          about("events wait in SQLite that cannot be read: " + error.get().getMessage()));
    }
  }

  /** Frees the rows of events that a checkpoint covers and the Pipeline has. */
  public void releaseRows() {
    outgoing.releaseRows(Math.min(seqs.checkpointed(), seqs.accepted()));
  }

  // ---- outcomes

  private void becomeDurable(double seq) {
    seqs.becomeDurable(seq);
    pending.becameDurable(seqs.durable());
  }

  /** The first write of a thing that is not durable yet, or null when its last one is. */
  public @Nullable Undo firstPending(String id) {
    return pending.firstOf(id);
  }

  /** Visits the events that are not durable yet, oldest first. */
  public void forEachPending(Consumer<AppliedEvent> visitor) {
    pending.forEach(visitor);
  }

  /** A commit that was to begin a life has failed: the next one begins another. */
  public void beginFailed() {
    lives.beginFailed();
  }

  /**
   * Undoes every write that is not durable.
   *
   * <p>What was sent of them may have arrived all the same: the next commit begins another life,
   * and what arrives is past the end of this one.
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
    pending.undo();
    seqs.undo();
    double unclaimed = lives.isUnrecorded() ? seqs.life().id() : 0;
    if (outgoing.undo(seqs.durable(), unclaimed)) {
      lives.undone();
    }
  }

  /**
   * Events go to the Pipeline again although it refuses them: SQLite has refused them too. The next
   * commit begins another life.
   */
  public void abandonOutage() {
    archiveLags = false;
    if (outgoing.isOutage()) {
      outgoing.abandonOutage();
      lives.undone();
    }
  }

  private String about(String message) {
    return "namespace " + origin.namespace() + ", epoch " + (long) seqs.epoch() + ": " + message;
  }
}
