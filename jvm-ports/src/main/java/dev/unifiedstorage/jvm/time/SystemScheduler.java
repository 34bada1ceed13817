package dev.unifiedstorage.jvm.time;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The machine's clock, and one daemon thread that makes the delayed calls. */
public final class SystemScheduler implements Scheduler, AutoCloseable {
  private static final DateTimeFormatter ISO_SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The second written last, for nearly every event falls into it. */
  private record Written(long second, String text) {}

  private final ScheduledThreadPoolExecutor executor;
  private volatile @Nullable Written written;

  /** With a thread of its own, which {@link #close} ends. */
  public SystemScheduler() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "timers");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public double nowMs() {
    return System.currentTimeMillis();
  }

  @Override
  public String iso(double epochMs) {
    long ms = (long) epochMs;
    long second = Math.floorDiv(ms, 1000L);
    Written last = written;
    if (last == null || last.second != second) {
      last = new Written(second, ISO_SECONDS.format(Instant.ofEpochSecond(second)));
      written = last;
    }
    int millis = (int) (ms - second * 1000);
    String digits = Integer.toString(1000 + millis);
    return last.text.concat(digits.substring(1)).concat("Z");
  }

  @Override
  public long monotonicMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  @Override
  public Task after(long delayMs, Runnable task) {
    Future<?> future = executor.schedule(task, Math.max(0, delayMs), TimeUnit.MILLISECONDS);
    return () -> future.cancel(false);
  }

  /** Makes no more calls. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
