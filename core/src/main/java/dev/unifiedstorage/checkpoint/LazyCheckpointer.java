package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.CommitSource;

/**
 * Decides when what is dirty goes to SQLite.
 *
 * <p>Dirty means that a checkpoint is due: a timer is armed, and an alarm as a net for evictions.
 * Clean means that neither a timer is armed nor a row written, so that the object can hibernate. A
 * failed checkpoint leaves everything dirty and is tried again after the interval.
 *
 * <p>A checkpoint is one synchronous transaction, so two never overlap; one that is asked for from
 * within another's callback does nothing, because there is nothing left to do.
 */
public final class LazyCheckpointer {
  private final LazyCheckpointerOptions options;
  private final InMemoryStateManager state;
  private final CommitSource source;
  private final CheckpointWriter writer;
  private final SqlStorage sql;
  private final Timers timers;
  private final Clock clock;

  private CheckpointerStats stats = CheckpointerStats.NONE;
  private Timers.Timer timer;
  private double alarmAtMs;
  private int alarms;
  private boolean started;
  private boolean running;

  /** The last attempt failed: the next one comes with the timer, not with the next write. */
  private boolean failing;

  /**
   * @param source the log whose position each checkpoint records; {@link CommitSource#NONE} for a
   *     checkpointer without one
   */
  public LazyCheckpointer(
      LazyCheckpointerOptions options,
      Persistence persistence,
      CommitSource source,
      Timers timers,
      Clock clock) {
    this.options = options;
    this.state = persistence.state();
    this.source = source;
    this.writer = persistence.writer();
    this.sql = persistence.tables().sql();
    this.timers = timers;
    this.clock = clock;
  }

  /** Begins to arm timers; what is dirty already counts. */
  public void start() {
    started = true;
    armIfDirty();
    armAlarm();
  }

  /** Says that something may have become dirty, or clean: may take a checkpoint at once. */
  public void notifyDirty() {
    if (!started || running) {
      return;
    }
    if (!isDirty()) {
      disarm();
      return;
    }
    if (failing) {
      armIfDirty();
    } else if (state.dirtyCount() >= options.dirtyCountThreshold()) {
      tryCheckpoint(Trigger.COUNT);
    } else if (state.dirtyBytes() >= options.memoryThresholdBytes()) {
      tryCheckpoint(Trigger.MEMORY);
    }
    armIfDirty();
  }

  /**
   * Says that a memory limit is passed: takes a checkpoint if that makes many things evictable.
   *
   * <p>Not for a few, or a store with a tight limit would write a row for every write.
   */
  public void notifyMemoryPressure() {
    boolean evictable = false;
    for (TypedCollection collection : state.collections()) {
      evictable |= collection.isEvictable() && collection.isDirty();
    }
    boolean many = state.dirtyCount() * 2 >= state.sizeInMemory();
    if (started && !running && !failing && evictable && many) {
      tryCheckpoint(Trigger.MEMORY);
    }
  }

  /** Whether a checkpoint has anything to write. */
  public boolean isDirty() {
    return state.dirtyCount() > 0 || source.hasUnrecorded();
  }

  /**
   * Takes a checkpoint now, if anything is dirty.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint(Trigger trigger) {
    if (running || !isDirty()) {
      return new CheckpointStats(trigger, 0, 0, 0, 0, 0, 0);
    }
    running = true;
    try {
      CheckpointStats done = write(trigger);
      stats = stats.plus(done);
      failing = false;
      options.onCheckpoint().accept(done);
      return done;
    } catch (RuntimeException e) {
      stats = stats.failed(e.getMessage());
      failing = true;
      options.onError().accept(e);
      throw e;
    } finally {
      running = false;
      disarm();
      armIfDirty();
      armAlarm();
    }
  }

  private CheckpointStats write(Trigger trigger) {
    double startMs = clock.nowMs();
    double rowsBefore = sql.rowsWritten();
    CommitPoint point = source.commitPoint(trigger.isClosing());
    int entities = state.dirtyCount();
    CheckpointWriter.Written written = writer.write(point, source.outbox());
    source.recorded(point, written.outboxLogged());
    return new CheckpointStats(
        trigger,
        entities,
        sql.rowsWritten() - rowsBefore,
        written.columnar(),
        written.packed(),
        written.normalized(),
        Math.max(0, clock.nowMs() - startMs));
  }

  /** Takes a checkpoint now, if anything is dirty; a failure is reported and tried again later. */
  public void tryCheckpoint(Trigger trigger) {
    try {
      checkpoint(trigger);
    } catch (RuntimeException e) {
      // It has been reported, and the timer that is armed now tries again.
    }
  }

  /** Takes a last checkpoint before the object may leave the memory. */
  public void beforeHibernation(Completion completion) {
    try {
      checkpoint(Trigger.HIBERNATION);
    } catch (RuntimeException e) {
      completion.failed(e.getMessage());
      return;
    }
    completion.succeeded();
  }

  /**
   * The platform's alarm: what is still dirty by then has lost its timer.
   *
   * <p>One that rings while nothing may be written is set again: it rings once, and whoever dies
   * now would leave nobody to be woken.
   */
  public void onAlarm() {
    alarmAtMs = 0;
    if (started) {
      tryCheckpoint(Trigger.ALARM);
      armAlarm();
    } else {
      setAlarm();
    }
  }

  /** How often the alarm was set, each time a row. */
  public int alarms() {
    return alarms;
  }

  public CheckpointerStats getStats() {
    return stats;
  }

  /** Disarms everything; nothing is written any more. */
  public void destroy() {
    started = false;
    disarm();
  }

  private void armIfDirty() {
    if (!started || running || timer != null || !isDirty()) {
      return;
    }
    timer =
        timers.after(
            options.intervalMs(),
            () -> {
              timer = null;
              tryCheckpoint(Trigger.INTERVAL);
            });
    armAlarm();
  }

  /**
   * Sets the alarm while something would be lost, or never delivered, without it: events in SQLite
   * that the Pipeline does not have wait for a life that sends them, even if nobody asks for one.
   */
  private void armAlarm() {
    boolean needed = isDirty() || source.hasUndelivered();
    double inMs = alarmAtMs - clock.nowMs();
    // It is further off than it can be when the clock has jumped back.
    if (started && needed && (inMs <= 0 || inMs > 2 * options.alarmDelayMs())) {
      setAlarm();
    }
  }

  private void setAlarm() {
    if (options.alarmDelayMs() > 0) {
      alarmAtMs = clock.nowMs() + options.alarmDelayMs();
      timers.setAlarm(alarmAtMs);
      alarms++;
    }
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
