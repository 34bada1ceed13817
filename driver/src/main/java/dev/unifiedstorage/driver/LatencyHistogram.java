package dev.unifiedstorage.driver;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Latencies in buckets that are 1/32 of a power of two wide: any number of samples in constant
 * memory, each percentile at most 3% too high.
 *
 * <p>Thread-safe. The maximum is exact.
 */
public final class LatencyHistogram {
  private static final int STEPS_LOG2 = 5;
  private static final int STEPS = 1 << STEPS_LOG2;

  private final AtomicLongArray buckets = new AtomicLongArray(64 * STEPS);
  private final LongAccumulator max = new LongAccumulator(Long::max, 0);

  /** Counts one sample. */
  public void record(long nanos) {
    long value = Math.max(1, nanos);
    buckets.incrementAndGet(bucket(value));
    max.accumulate(value);
  }

  /** How many samples there are. */
  public long count() {
    long count = 0;
    for (int i = 0; i < buckets.length(); i++) {
      count += buckets.get(i);
    }
    return count;
  }

  /** The value that {@code percent} of the samples do not exceed, in milliseconds. */
  public double percentileMillis(double percent) {
    long rank = (long) Math.ceil(count() * percent / 100);
    long seen = 0;
    for (int i = 0; i < buckets.length(); i++) {
      seen += buckets.get(i);
      if (seen >= rank && seen > 0) {
        return Math.min(upperBound(i), max.get()) / 1e6;
      }
    }
    return 0;
  }

  /** The largest sample, in milliseconds. */
  public double maxMillis() {
    return max.get() / 1e6;
  }

  private static int bucket(long value) {
    int magnitude = 63 - Long.numberOfLeadingZeros(value);
    int shift = Math.max(0, magnitude - STEPS_LOG2);
    return (magnitude * STEPS) + (int) ((value >>> shift) & (STEPS - 1));
  }

  private static long upperBound(int bucket) {
    int magnitude = bucket / STEPS;
    int shift = Math.max(0, magnitude - STEPS_LOG2);
    long floor = magnitude < STEPS_LOG2 ? 0 : 1L << magnitude;
    return floor + ((long) (bucket % STEPS + 1) << shift) - 1;
  }
}
