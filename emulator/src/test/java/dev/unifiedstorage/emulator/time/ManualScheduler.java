package dev.unifiedstorage.emulator.time;

import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.jvm.time.SystemScheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that moves when a test says so. */
public final class ManualScheduler implements Scheduler {
  private final List<Waiting> waiting = new ArrayList<>();
  private long nowMs = 1_700_000_000_000L;

  private record Waiting(long dueMs, Runnable task) {}

  @Override
  public synchronized double nowMs() {
    return nowMs;
  }

  @Override
  public String iso(double epochMs) {
    return new SystemScheduler().iso(epochMs);
  }

  @Override
  public synchronized long monotonicMs() {
    return nowMs;
  }

  @Override
  public synchronized Task after(long delayMs, Runnable task) {
    Waiting armed = new Waiting(nowMs + Math.max(0, delayMs), task);
    waiting.add(armed);
    return () -> cancel(armed);
  }

  /** Moves on, and runs what falls due, in order, on the calling thread. */
  public void advance(long ms) {
    long until;
    synchronized (this) {
      until = nowMs + ms;
    }
    for (Waiting next = takeDue(until); next != null; next = takeDue(until)) {
      next.task.run();
    }
    synchronized (this) {
      nowMs = until;
    }
  }

  private synchronized Waiting takeDue(long until) {
    Waiting next = waiting.stream().min(Comparator.comparingLong(Waiting::dueMs)).orElse(null);
    if (next == null || next.dueMs > until) {
      return null;
    }
    waiting.remove(next);
    nowMs = Math.max(nowMs, next.dueMs);
    return next;
  }

  private synchronized void cancel(Waiting armed) {
    waiting.remove(armed);
  }
}
