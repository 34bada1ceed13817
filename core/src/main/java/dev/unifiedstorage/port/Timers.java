package dev.unifiedstorage.port;

/**
 * Delayed calls on the object's own event loop, and its one alarm.
 *
 * <p>A timer dies with the object's memory and keeps the object from hibernating while it is armed.
 * The alarm is kept by the platform: it outlives memory, wakes the object, fires at least once, may
 * be late, and setting it costs one row.
 */
public interface Timers {
  /** Runs {@code task} once, not before {@code delayMs} milliseconds have passed. */
  Timer after(double delayMs, Runnable task);

  /**
   * Replaces the object's alarm: {@code UnifiedStore.onAlarm} is called at that time or later.
   *
   * @param epochMs 0 for no alarm
   */
  void setAlarm(double epochMs);

  /** One armed call. */
  interface Timer {
    /** Disarms it; does nothing when it has already run. */
    void cancel();
  }

  /** No timer: nothing to cancel. */
  Timer NONE = () -> {};
}
