package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.wal.Turns;
import java.util.List;

/**
 * Writes what is dirty to SQLite now and then: a checkpointer without a store around it.
 *
 * <p>A checkpoint comes after the interval while anything is dirty, and at once when too much is; a
 * failed one leaves everything dirty and is tried again after the interval. While nothing is dirty
 * no timer is armed and no row is written. In a store {@link Committer} takes this one's place.
 */
public final class LazyCheckpointer {
  private final Checkpoints checkpoints;

  public LazyCheckpointer(
      LazyCheckpointerOptions options, Persistence persistence, Timers timers, Clock clock) {
    Turns turns = new Turns();
    checkpoints = new Checkpoints(options, persistence, turns.timers(timers), clock);
    turns.begin(this::turn);
  }

  private void turn() {
    checkpoints
        .due(false)
        .ifPresent(trigger -> checkpoints.take(trigger, CommitPoint.NONE, List.of()));
    checkpoints.arm(false, false);
  }

  /** Begins to take checkpoints; what is dirty already counts. */
  public void start() {
    checkpoints.start();
    turn();
  }

  /** Says that something may have become dirty, or clean: may take a checkpoint at once. */
  public void notifyDirty() {
    turn();
  }

  /**
   * Takes a checkpoint now, if anything is dirty.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint(Trigger trigger) {
    checkpoints.request(trigger);
    turn();
    return checkpoints.outcome().orThrow();
  }

  /** Takes a last checkpoint before the object may leave the memory. */
  public void beforeHibernation(Completion completion) {
    checkpoints.request(Trigger.HIBERNATION);
    turn();
    checkpoints
        .outcome()
        .error()
        .ifPresentOrElse(error -> completion.failed(error.getMessage()), completion::succeeded);
  }

  /** The platform's alarm rang: what is still dirty by then has lost its timer. */
  public void onAlarm() {
    checkpoints.onAlarm();
    turn();
  }

  /** How often the alarm was set, each time a row. */
  public int alarms() {
    return checkpoints.alarms();
  }

  public CheckpointerStats getStats() {
    return checkpoints.stats();
  }

  /** Disarms everything; no checkpoint comes by itself any more. */
  public void destroy() {
    checkpoints.stop();
  }
}
