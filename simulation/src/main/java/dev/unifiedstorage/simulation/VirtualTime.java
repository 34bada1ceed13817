package dev.unifiedstorage.simulation;

import java.util.PriorityQueue;

/**
 * Time that passes only when told to, and a wall clock that need not follow it.
 *
 * <p>Tasks run by the time that passes; the wall clock may stand still or jump meanwhile.
 */
final class VirtualTime {
  private static final double EPOCH_MS = 1_769_860_800_000.0;

  /** Something to be done later. */
  static final class Task implements Comparable<Task> {
    private final double atMs;
    private final long order;
    private final Runnable body;
    private boolean cancelled;

    private Task(double atMs, long order, Runnable body) {
      this.atMs = atMs;
      this.order = order;
      this.body = body;
    }

    void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Double.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long scheduled;
  private double nowMs;
  private double wallOffsetMs;
  private double frozenUntilMs;
  private double frozenAtMs;

  /** Milliseconds since the world began. */
  double nowMs() {
    return nowMs;
  }

  /** What a clock on the wall shows. */
  double wallMs() {
    double elapsed = nowMs < frozenUntilMs ? frozenAtMs : nowMs;
    return Math.floor(EPOCH_MS + wallOffsetMs + elapsed);
  }

  /** What a clock on the wall would show that nothing disturbs. */
  double undisturbedMs() {
    return Math.floor(EPOCH_MS + nowMs);
  }

  void jumpWall(double ms) {
    wallOffsetMs += ms;
  }

  void freezeWall(double forMs) {
    frozenAtMs = nowMs < frozenUntilMs ? frozenAtMs : nowMs;
    frozenUntilMs = Math.max(frozenUntilMs, nowMs + forMs);
  }

  Task after(double delayMs, Runnable body) {
    Task task = new Task(nowMs + Math.max(0, delayMs), scheduled++, body);
    tasks.add(task);
    return task;
  }

  /** Lets time pass, running what is due in its order. */
  void advance(double ms) {
    double untilMs = nowMs + ms;
    while (!tasks.isEmpty() && tasks.peek().atMs <= untilMs) {
      Task next = tasks.poll();
      if (!next.cancelled) {
        nowMs = Math.max(nowMs, next.atMs);
        next.body.run();
      }
    }
    nowMs = untilMs;
  }
}
