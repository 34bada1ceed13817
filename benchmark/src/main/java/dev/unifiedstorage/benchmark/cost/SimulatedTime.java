package dev.unifiedstorage.benchmark.cost;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.PriorityQueue;

/**
 * A clock that jumps from event to event, and the time an object is billed for.
 *
 * <p>Billed is the time in which the object handles a message, has a timer armed or waits for an
 * answer, because then it cannot hibernate. The wait for hibernation itself is free.
 */
final class SimulatedTime implements Clock, Timers {
  /** How long handling one message takes at least: shorter ones are billed all the same. */
  private static final double MESSAGE_MS = 1;

  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final class Armed implements Timer, Comparable<Armed> {
    private final SimulatedTime time;
    private final double atMs;
    private final long order;
    private final Runnable task;
    private boolean live = true;

    private Armed(SimulatedTime time, double atMs, long order, Runnable task) {
      this.time = time;
      this.atMs = atMs;
      this.order = order;
      this.task = task;
    }

    @Override
    public void cancel() {
      if (live) {
        live = false;
        time.release();
      }
    }

    @Override
    public int compareTo(Armed other) {
      int byTime = Double.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Armed> timers = new PriorityQueue<>();
  private double nowMs = 1_769_860_800_000.0;
  private double alarmMs = Double.POSITIVE_INFINITY;
  private double alarmsSet;
  private long armed;
  private int holds;
  private double heldSinceMs;
  private double billedUntilMs;
  private double billedMs;
  private double isoMs = Double.NaN;
  private String iso;

  @Override
  public double nowMs() {
    return nowMs;
  }

  @Override
  public String iso(double epochMs) {
    if (epochMs != isoMs) {
      isoMs = epochMs;
      iso = ISO.format(Instant.ofEpochMilli((long) epochMs));
    }
    return iso;
  }

  @Override
  public Timer after(double delayMs, Runnable task) {
    Armed timer = new Armed(this, nowMs + delayMs, armed++, task);
    timers.add(timer);
    hold();
    return timer;
  }

  @Override
  public void setAlarm(double epochMs) {
    alarmMs = epochMs;
    alarmsSet++;
  }

  /** When the next timer or the alarm is due; infinite when neither is set. */
  double nextMs() {
    while (!timers.isEmpty() && !timers.peek().live) {
      timers.poll();
    }
    return Math.min(timers.isEmpty() ? Double.POSITIVE_INFINITY : timers.peek().atMs, alarmMs);
  }

  /** Moves to the next timer or the alarm and runs it. */
  void runNext(Runnable onAlarm) {
    double dueMs = nextMs();
    nowMs = Math.max(nowMs, dueMs);
    if (dueMs == alarmMs) {
      alarmMs = Double.POSITIVE_INFINITY;
      message();
      onAlarm.run();
      return;
    }
    Armed next = timers.poll();
    next.live = false;
    next.task.run();
    release();
  }

  /** Moves to an instant before which nothing is due. */
  void moveTo(double epochMs) {
    nowMs = epochMs;
  }

  /** A message or an alarm comes in. */
  void message() {
    if (holds == 0) {
      bill(nowMs, nowMs + MESSAGE_MS);
    }
  }

  private void hold() {
    if (holds++ == 0) {
      heldSinceMs = nowMs;
    }
  }

  private void release() {
    if (--holds == 0) {
      bill(heldSinceMs, nowMs);
    }
  }

  private void bill(double fromMs, double untilMs) {
    if (untilMs > billedUntilMs) {
      billedMs += untilMs - Math.max(fromMs, billedUntilMs);
      billedUntilMs = untilMs;
    }
  }

  /** Whether nothing keeps the object from hibernating. */
  boolean isIdle() {
    return holds == 0;
  }

  double alarmsSet() {
    return alarmsSet;
  }

  /** What was billed up to now. */
  double billedMs() {
    if (holds > 0) {
      bill(heldSinceMs, nowMs);
      heldSinceMs = nowMs;
    }
    return billedMs;
  }
}
