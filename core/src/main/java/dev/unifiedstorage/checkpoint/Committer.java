package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.EventLog;
import dev.unifiedstorage.wal.Outgoing;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.List;
import java.util.Optional;

/**
 * The one turn: it does what is due after an event from the host.
 *
 * <p>A message, a timer, an alarm, the end of a send change numbers and queues only. Then comes
 * {@link #turn}, where the log writes to SQLite and sends to the Pipeline, always in this order:
 *
 * <ol>
 *   <li>take up what became of the last send: events are accepted, or an outage begins;
 *   <li>claim: SQLite says that events of this life may exist, before the first of them leaves;
 *   <li>commit the group of events that is due, as a row of the event log;
 *   <li>take the checkpoint that is due;
 *   <li>send the batch that is due;
 *   <li>release the replies whose events are durable by now, and arm what is to come.
 * </ol>
 *
 * <p>Only the last two look outward, so a reply never leaves before what it shows is durable, and a
 * step that fails undoes what is not durable before anything of it has left. The first five are
 * repeated while a send was answered before it returned.
 *
 * <p>Beside it {@link #beginRecovery}, {@link #beginRebuild}, {@link #empty}, {@link #sweep} and
 * {@link #log} write at once, because their callers have to know what SQLite said before they go
 * on.
 */
public final class Committer {
  private static final double NEVER = Double.POSITIVE_INFINITY;

  /** The code of the replies to what was undone. */
  private static final String UNDONE = "UNAVAILABLE";

  private final WriteAheadLog wal;
  private final Outgoing outgoing;
  private final Tables tables;
  private final EventLog log;
  private final CheckpointWriter writer;
  private final Things state;
  private final Checkpoints checkpoints;
  private final Alarm alarm;
  private final Sessions sessions;
  private final ReplyGate gate;

  public Committer(
      LazyCheckpointerOptions options,
      Persistence persistence,
      WriteAheadLog wal,
      ReplyGate gate,
      Timers timers,
      Clock clock) {
    this.wal = wal;
    this.outgoing = wal.outgoing();
    this.tables = persistence.tables();
    this.log = persistence.log();
    this.writer = persistence.writer();
    this.state = persistence.state();
    this.sessions = persistence.sessions();
    this.alarm = new Alarm(timers, clock);
    this.checkpoints = new Checkpoints(options, persistence, timers, clock, alarm);
    this.gate = gate;
  }

  /** Takes a turn. */
  public void turn() {
    do {
      if (wal.takeOutcome()) {
        checkpoints.ask(Trigger.OUTAGE);
      }
      claim();
      commitGroupIfDue();
      state.evictOverLimit();
      checkpointIfDue();
      if (isTakenOver()) {
        // Nothing more leaves: what this instance holds may not be so any more.
        checkpoints.stop();
        return;
      }
      wal.send();
    } while (outgoing.hasOutcome());
    wal.releaseRows();
    gate.release(wal.seqs().durable());
    checkpoints.arm(hasUnrecorded(), outgoing.hasUndelivered());
    alarm.wantExpiry(checkpoints.isStarted() ? state.expiries().nearestMs() : NEVER);
    alarm.arm();
    wal.check();
  }

  // ---- what else is asked of it

  /** Checkpoints come from now on: the state is whole. */
  public void start() {
    checkpoints.start();
  }

  /** No checkpoint comes any more: one in the middle of a rebuild would persist half of a state. */
  public void stop() {
    checkpoints.stop();
  }

  /** Takes a turn with a checkpoint in it, if anything is dirty. */
  public CheckpointOutcome checkpoint(Trigger trigger) {
    checkpoints.request(trigger);
    turn();
    return checkpoints.outcome();
  }

  /**
   * Takes the checkpoint that has to come before a write, if any, in a turn of its own and before
   * the write looks at anything: what a checkpoint has written may leave the memory.
   *
   * @return why SQLite refuses it: then the write must not begin
   */
  public Optional<RuntimeException> prepareWrite() {
    if (!wal.needsCheckpointFirst()) {
      return Optional.empty();
    }
    return checkpoint(wal.lives().isRecoveryRecorded() ? Trigger.RECOVERY : Trigger.OUTAGE).error();
  }

  /** Asks for a checkpoint in the next turn. */
  public void ask(Trigger trigger) {
    checkpoints.ask(trigger);
  }

  /**
   * Has the alarm ring when a socket's token has expired, within a minute of it.
   *
   * @param expiresAtMs infinity for none
   */
  public void wantSocketCheck(double expiresAtMs) {
    alarm.wantToken(expiresAtMs);
  }

  public void onAlarm() {
    checkpoints.onAlarm();
  }

  /** Whether a checkpoint has anything to write. */
  public boolean isDirty() {
    return checkpoints.isDirty(hasUnrecorded());
  }

  /**
   * Whether a commit record has something to say although no thing is dirty. One that has events
   * for the Pipeline which that has by now would have each start send them again, and set an alarm.
   */
  private boolean hasUnrecorded() {
    return wal.hasUnrecorded()
        || writer.hasUnrecordedSnapshot()
        || (writer.hasOutbox() && !outgoing.hasUndelivered());
  }

  public CheckpointerStats stats() {
    return checkpoints.stats();
  }

  /** Whether another instance writes the database, or it has gone back in time. */
  public boolean isTakenOver() {
    return tables.isTakenOver();
  }

  /** The same, as SQLite says now. */
  public boolean looksTakenOver() {
    return !tables.isUnchanged();
  }

  /** How often the alarm was set, each time a row. */
  public int alarms() {
    return alarm.count();
  }

  // ---- the claim

  /**
   * Says in SQLite that a recovery is under way; its probe leaves in the next turn, behind
   * everything that waits.
   *
   * @return the numbers of the probes any of which shows how far the archive has come
   * @throws RuntimeException as SQLite gave it: nothing has changed then
   */
  public List<Double> beginRecovery() {
    log();
    CommitPoint point = wal.lives().recoveryPoint();
    writer.writeRecord(point, unsent());
    wal.lives().recover(point);
    return point.probes();
  }

  /**
   * The same for a state that is whole and is to be made anew.
   *
   * <p>It claims a life first. The record of a recovery is open, and should this one break off, a
   * start would take for the end of the last life what that one has written behind this state: in
   * the future of a file that was put back.
   */
  public List<Double> beginRebuild() {
    if (!wal.lives().isWriting() && wal.seqs().life().id() != 0) {
      wal.lives().begin();
    }
    // One that a refused write has begun is in no record either.
    if (wal.lives().isUnrecorded()) {
      Optional<String> error = writeClaim();
      if (error.isPresent()) {
        wal.beginFailed();
        throw new SqlException("the life could not be claimed: " + error.get(), false);
      }
      // Not with a first write: should this one break off, there may never be any.
      wal.offerFence();
    }
    return beginRecovery();
  }

  /**
   * Deletes everything the store holds; the log goes on in a life that says so first.
   *
   * @return why SQLite refuses it: nothing has changed then
   */
  public Optional<RuntimeException> empty() {
    Optional<RuntimeException> error = begin(Event.Verb.STORE_DELETED, "");
    if (error.isPresent()) {
      return error;
    }
    CommitPoint point = wal.checkpointPoint(true);
    List<Event> outbox = unsent();
    boolean logged;
    try {
      logged = writer.writeEmptied(point, outbox, false);
    } catch (RuntimeException e) {
      wal.beginFailed();
      return Optional.of(e);
    }
    state.empty(point.checkpointSeq());
    sessions.forgetAll();
    wal.checkpointed(point, logged);
    return Optional.empty();
  }

  /**
   * Deletes what is left of a store that was deleted, once the Pipeline has all of its events: one
   * row says where the log stands, and no alarm is set.
   */
  public void sweep() {
    // A record without an outbox must not name a life whose fence has not left.
    wal.forgetUnrecorded();
    CommitPoint point = wal.checkpointPoint(true);
    writer.writeEmptied(point, List.of(), true);
    wal.checkpointed(point, false);
    checkpoints.stop();
    alarm.clear();
    checkpoints.start();
  }

  /**
   * Begins a life for a reason, with everything applied in SQLite.
   *
   * @param more members of its fence's payload, each behind a comma
   * @return why SQLite refuses it: nothing has changed then
   */
  public Optional<RuntimeException> begin(Event.Verb verb, String more) {
    Optional<RuntimeException> error = checkpoint(Trigger.MANUAL).error();
    if (error.isEmpty()) {
      wal.begin(verb, more);
    }
    return error;
  }

  /** A recovery gave up on an intact state, or there was none to make. */
  public void recoveryAbandoned() {
    if (wal.recoveryAbandoned()) {
      checkpoints.ask(Trigger.OUTAGE);
    }
  }

  private void claim() {
    // An outage that SQLite does not let end now ends later: the group becomes another row.
    if (wal.hasCaughtUp()
        && (!outgoing.hasGroup() || wal.lives().isClaimed() || writeClaim().isEmpty())) {
      wal.endOutage();
    }
    if (wal.needsClaim()) {
      Optional<String> error = writeClaim();
      if (error.isPresent()) {
        undo("the life could not be claimed: " + error.get());
      }
    }
    wal.countAtOnce();
  }

  /** Claims the life; why SQLite refused, if it did. */
  private Optional<String> writeClaim() {
    CommitPoint point = wal.lives().claimPoint();
    try {
      // Not what waits for the claim.
      writer.writeRecord(point, outgoing.outbox(wal.seqs().durable(), wal.lives().unsentFence()));
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    wal.lives().claimed(point);
    return Optional.empty();
  }

  // ---- the event log

  /**
   * Commits what has gathered now: one transaction has all of it. The next turn could give it to a
   * Pipeline that has caught up, in more than one send.
   *
   * @return false when SQLite refused it and it was undone
   */
  public boolean log() {
    return !outgoing.hasGroup() || commitGroup();
  }

  private void commitGroupIfDue() {
    if (outgoing.groupIsDue()) {
      commitGroup();
    }
  }

  /** Commits what has gathered; false when SQLite refused and it was undone. */
  private boolean commitGroup() {
    List<Event> events = wal.groupEvents();
    EventLog.Written[] written = {EventLog.Written.NONE};
    Optional<CommitPoint> claim =
        wal.lives().isUnrecorded() ? Optional.of(wal.lives().groupPoint()) : Optional.empty();
    try {
      tables.transaction(
          () -> {
            double tx = tables.nextTx();
            if (claim.isPresent()) {
              writer.putRecord(
                  tx, claim.get(), outgoing.outbox(wal.seqs().durable(), Optional.empty()));
            }
            written[0] = log.write(events, tx);
          });
    } catch (SqlException e) {
      undo("the event log could not be written: " + e.getMessage());
      return false;
    }
    log.committed(written[0]);
    if (claim.isPresent()) {
      writer.recordCommitted();
      wal.lives().claimed(claim.get());
    }
    wal.groupCommitted(events);
    return true;
  }

  // ---- the checkpoint

  private void checkpointIfDue() {
    Optional<Trigger> due = checkpoints.due(hasUnrecorded());
    if (due.isEmpty() && !isSliceDue()) {
      return;
    }
    Trigger trigger = due.orElse(Trigger.COUNT);
    if (!log()) {
      checkpoints.failed(trigger, new SqlException("the event log could not be written", false));
      return;
    }
    boolean begins = wal.lives().mustBegin();
    if (begins) {
      // Or a start would find what was undone, and bring it back.
      wal.lives().begin();
    }
    boolean done = checkpoint(trigger, wal.checkpointPoint(trigger.isClosing()));
    if (begins && !done) {
      wal.beginFailed();
    }
    if (!done && trigger == Trigger.OUTAGE) {
      if (wal.hasPending()) {
        undo("neither the Pipeline nor SQLite takes events");
      }
      wal.abandonOutage();
    }
  }

  /**
   * Whether a checkpoint of a few rows is due, which would write little beside them: no group in a
   * row before its time, and no long outbox.
   */
  private boolean isSliceDue() {
    return !outgoing.hasGroup() && wal.hasShortOutbox() && checkpoints.isSliceDue();
  }

  private boolean checkpoint(Trigger trigger, CommitPoint point) {
    Optional<CheckpointWriter.Written> written = checkpoints.take(trigger, point, unsent());
    if (written.isEmpty()) {
      return false;
    }
    wal.checkpointed(point, written.get().outboxLogged());
    return true;
  }

  /** All that the Pipeline may not have and no row has. */
  private List<Event> unsent() {
    return outgoing.outbox(Double.POSITIVE_INFINITY, wal.lives().unsentFence());
  }

  private void undo(String why) {
    wal.undo(why);
    sessions.undone(wal.seqs().durable(), UNDONE);
    gate.undone(wal.seqs().durable());
  }
}
