package dev.unifiedstorage.jvm.memory;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A clock and timers that move only when told to, on the caller's thread. */
public final class ManualTime implements Clock, Timers {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final class Armed implements Timer {
    private final double atMs;
    private final Runnable task;

    private Armed(double atMs, Runnable task) {
      this.atMs = atMs;
      this.task = task;
    }

    @Override
    public void cancel() {
      armed.remove(this);
    }
  }

  private final List<Armed> armed = new ArrayList<>();
  private double nowMs;

  /**
   * @param startMs the time at the beginning, in milliseconds since 1970
   */
  public ManualTime(double startMs) {
    nowMs = startMs;
  }

  @Override
  public double nowMs() {
    return nowMs;
  }

  @Override
  public String iso(double epochMs) {
    return ISO.format(Instant.ofEpochMilli((long) epochMs));
  }

  @Override
  public Timer after(double delayMs, Runnable task) {
    Armed timer = new Armed(nowMs + delayMs, task);
    armed.add(timer);
    return timer;
  }

  /** Nothing here loses its timers. */
  @Override
  public void setAlarm(double epochMs) {}

  /** How many timers are armed. */
  public int armed() {
    return armed.size();
  }

  /** Lets time pass, and calls what is due on the way, in its order. */
  public void advance(double ms) {
    double untilMs = nowMs + ms;
    for (Optional<Armed> next = due(untilMs); next.isPresent(); next = due(untilMs)) {
      armed.remove(next.get());
      nowMs = Math.max(nowMs, Math.ceil(next.get().atMs));
      next.get().task.run();
    }
    nowMs = untilMs;
  }

  private Optional<Armed> due(double untilMs) {
    return armed.stream()
        .filter(timer -> timer.atMs <= untilMs)
        .min(Comparator.comparingDouble(timer -> timer.atMs));
  }
}
