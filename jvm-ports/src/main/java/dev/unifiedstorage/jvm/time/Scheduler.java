package dev.unifiedstorage.jvm.time;

import dev.unifiedstorage.port.Clock;

/**
 * A clock and delayed calls.
 *
 * <p>A task runs on a thread of the scheduler's and must be short: what belongs to an object posts
 * itself onto the object's event loop.
 */
public interface Scheduler extends Clock {
  /** Milliseconds that only ever go forward, from an arbitrary start. */
  long monotonicMs();

  /** Runs {@code task} once, not before {@code delayMs} milliseconds have passed. */
  Task after(long delayMs, Runnable task);

  /** One delayed call. */
  interface Task {
    /** Disarms it; does nothing when it has already run. */
    void cancel();
  }
}
