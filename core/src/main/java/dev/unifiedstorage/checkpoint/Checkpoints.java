package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import java.util.List;
import java.util.Optional;

/**
 * When a checkpoint is due, and the taking of it.
 *
 * <p>Dirty means that a checkpoint is due: a timer is armed, and an alarm as a net for evictions.
 * Clean means that neither a timer is armed nor a row written, so that the object can hibernate. A
 * failed checkpoint leaves everything dirty and is tried again after the interval.
 *
 * <p>Timer, alarm and requests only ask; whose turn it is looks at {@link #due}, takes the
 * checkpoint, and arms what is to come at the end with {@link #arm}.
 */
class Checkpoints {
  private static final double LEAST_MS_BETWEEN_COUNTS = 1000;

  /** As many rows of single things take some milliseconds. */
  private static final int SLICE_ROWS = 250;

  /** Where few dirty bytes trigger a checkpoint already, a slice is a row for so many of them. */
  private static final double BYTES_PER_SLICE_ROW = 400;

  /** Slices may cost one more row in so many. */
  private static final int ROWS_PER_REWRITE = 10;

  private final LazyCheckpointerOptions options;
  private final Things state;
  private final CheckpointWriter writer;
  private final SqlStorage sql;
  private final Timers timers;
  private final Clock clock;

  private CheckpointerStats stats = CheckpointerStats.NONE;
  private Optional<Trigger> asked = Optional.empty();
  private Timers.Timer timer = Timers.NONE;
  private final Alarm alarm;
  private double countedAtMs;
  private boolean started;

  private final int sliceRows;

  /** The last attempt failed: the next one comes with the timer, not with the next write. */
  private boolean failing;

  Checkpoints(
      LazyCheckpointerOptions options,
      Persistence persistence,
      Timers timers,
      Clock clock,
      Alarm alarm) {
    this.options = options;
    this.state = persistence.state();
    this.writer = persistence.writer();
    this.sql = persistence.tables().sql();
    this.timers = timers;
    this.clock = clock;
    this.alarm = alarm;
    // What is written again within half an interval waits for the same checkpoint, on average.
    state.countRewritesWithin(options.intervalMs() / 2);
    this.sliceRows =
        (int)
            Math.max(1, Math.min(SLICE_ROWS, options.memoryThresholdBytes() / BYTES_PER_SLICE_ROW));
  }

  /** Checkpoints come from now on; what is dirty already counts. */
  void start() {
    started = true;
  }

  /** None comes any more: the state is about to be only half of one, or to be dropped. */
  void stop() {
    started = false;
    disarm();
  }

  boolean isStarted() {
    return started;
  }

  CheckpointerStats stats() {
    return stats;
  }

  // ---- when

  void ask(Trigger trigger) {
    asked = Optional.of(trigger);
  }

  /**
   * The platform's alarm rang: what is still dirty by then has lost its timer.
   *
   * <p>One that rings while nothing may be written is set again: it rings once, and an object that
   * leaves the memory now would not be woken.
   */
  void onAlarm() {
    alarm.rang();
    if (started) {
      ask(Trigger.ALARM);
    } else {
      wantAlarm();
      alarm.arm();
    }
  }

  /**
   * Why a checkpoint is to be taken in this turn, if it is; what was asked for is answered by that.
   *
   * @param unrecorded whether the log has something to record although no thing is dirty
   */
  Optional<Trigger> due(boolean unrecorded) {
    if (asked.isPresent()) {
      Optional<Trigger> trigger = asked;
      asked = Optional.empty();
      return isDirty(unrecorded) ? trigger : Optional.empty();
    }
    if (!started || failing) {
      return Optional.empty();
    }
    if (dirtyCount() >= options.dirtyCountThreshold() && mayCount()) {
      return Optional.of(Trigger.COUNT);
    }
    boolean full = dirtyBytes() >= options.memoryThresholdBytes();
    return full || isEvictionShort() ? Optional.of(Trigger.MEMORY) : Optional.empty();
  }

  /**
   * Whether a checkpoint of a few rows is due, so that one of many does not keep requests waiting.
   *
   * <p>A row of a single thing costs the same whenever it is written, if the thing is written once
   * in an interval. So slices come while nearly all are, and nothing else is dirty: what shares a
   * row would be written with each of them.
   */
  boolean isSliceDue() {
    int rows = state.dirtyOwnRows();
    return started && !failing && rows >= sliceRows && state.rewrites() * ROWS_PER_REWRITE <= rows;
  }

  /**
   * Whether the last checkpoint for the count is long enough ago: with a low threshold there would
   * be many a second, and each is a row. What waits is bounded by its bytes, and by the interval.
   * One for the alarm counts too: a minute under steady load would have 61 otherwise.
   */
  private boolean mayCount() {
    double sinceMs = clock.nowMs() - countedAtMs;
    return sinceMs >= LEAST_MS_BETWEEN_COUNTS || sinceMs < 0;
  }

  boolean isDirty(boolean unrecorded) {
    return unrecorded || dirtyCount() > 0;
  }

  /** How many things and deletions SQLite does not have. */
  int dirtyCount() {
    return state.dirtyCount();
  }

  /** How large they are. */
  double dirtyBytes() {
    return state.dirtyBytes();
  }

  /** Whether a trigger waits for the next turn. */
  boolean isAsked() {
    return asked.isPresent();
  }

  /**
   * Whether a memory limit is passed and a checkpoint makes many things evictable.
   *
   * <p>Not for a few, or a store with a tight limit would write a row for every write.
   */
  private boolean isEvictionShort() {
    if (!state.isOverLimit() || state.dirtyCount() * 2 < state.sizeInMemory()) {
      return false;
    }
    boolean evictable = false;
    for (TypedCollection collection : state.collections()) {
      evictable |= collection.isEvictable() && collection.isDirty();
    }
    return evictable;
  }

  // ---- taking one

  /**
   * Takes a checkpoint.
   *
   * @param point the record of it
   * @param outbox the events that the record carries
   * @return what was written, or nothing when SQLite refused; {@link #outcome} says why
   */
  Optional<CheckpointWriter.Written> take(Trigger trigger, CommitPoint point, List<Event> outbox) {
    double startMs = clock.nowMs();
    double rowsBefore = sql.rowsWritten();
    int entities = state.dirtyCount();
    disarm();
    try {
      CheckpointWriter.Written written = writer.write(point, outbox);
      CheckpointStats done =
          new CheckpointStats(
              trigger,
              entities,
              sql.rowsWritten() - rowsBefore,
              written.columnar(),
              written.packed(),
              written.normalized(),
              Math.max(0, clock.nowMs() - startMs));
      stats = stats.plus(done);
      failing = false;
      if (trigger == Trigger.COUNT || trigger == Trigger.ALARM) {
        countedAtMs = startMs;
      }
      outcome = CheckpointOutcome.done(done);
      written();
      options.onCheckpoint().accept(done);
      return Optional.of(written);
    } catch (RuntimeException e) {
      failed(trigger, e);
      return Optional.empty();
    }
  }

  /** What was dirty is in SQLite; whose state it is may want to hear it. */
  void written() {}

  private CheckpointOutcome outcome = CheckpointOutcome.nothingToDo(Trigger.MANUAL);

  /** A checkpoint could not be taken, or not even begun. */
  void failed(Trigger trigger, RuntimeException error) {
    disarm();
    stats = stats.failed(String.valueOf(error.getMessage()));
    failing = true;
    outcome = CheckpointOutcome.failed(trigger, error);
    options.onError().accept(error);
  }

  /** Asks for a checkpoint in the next turn, whose {@link #outcome} is to be looked at. */
  void request(Trigger trigger) {
    outcome = CheckpointOutcome.nothingToDo(trigger);
    ask(trigger);
  }

  /** What became of the last one since it was requested. */
  CheckpointOutcome outcome() {
    return outcome;
  }

  // ---- the end of a turn

  /**
   * Arms what has to come while something is dirty, and disarms it when nothing is.
   *
   * @param unrecorded whether the log has something to record although no thing is dirty
   * @param undelivered whether events in SQLite wait for a life that sends them
   */
  void arm(boolean unrecorded, boolean undelivered) {
    if (!started) {
      return;
    }
    if (isDirty(unrecorded)) {
      armIfDirty();
      return;
    }
    disarm();
    if (undelivered) {
      armAlarm();
    }
  }

  private void armIfDirty() {
    if (timer != Timers.NONE) {
      return;
    }
    timer =
        timers.after(
            options.intervalMs(),
            () -> {
              timer = Timers.NONE;
              ask(Trigger.INTERVAL);
            });
    armAlarm();
  }

  /** Wants the alarm, unless one is to come that is no further off than it can be. */
  private void armAlarm() {
    double inMs = alarm.wantedAtMs(Alarm.Reason.CHECKPOINT) - clock.nowMs();
    // It is further off than it can be when the clock has jumped back.
    if (inMs <= 0 || inMs > 2 * options.alarmDelayMs()) {
      wantAlarm();
    }
  }

  private void wantAlarm() {
    if (options.alarmDelayMs() > 0) {
      alarm.distrust();
      alarm.want(Alarm.Reason.CHECKPOINT, clock.nowMs() + options.alarmDelayMs());
    }
  }

  private void disarm() {
    timer.cancel();
    timer = Timers.NONE;
  }
}
