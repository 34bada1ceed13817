package dev.unifiedstorage.conformance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A wait for a condition, with a deadline.
 *
 * <p>The one place of the suite that lets time pass: what a test waits for is always a condition
 * that can be seen from outside.
 */
record Until(Duration deadline) {
  private static final long POLL_NANOS = 20_000_000;

  static Until within(Duration deadline) {
    return new Until(deadline);
  }

  /** The first value that satisfies {@code condition}; the last one seen is in the error. */
  <T> T sees(String what, Callable<T> value, Predicate<T> condition) throws Exception {
    long end = System.nanoTime() + deadline.toNanos();
    T seen = value.call();
    while (!condition.test(seen)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + deadline + ": " + what + "; last seen: " + seen);
      }
      LockSupport.parkNanos(POLL_NANOS);
      seen = value.call();
    }
    return seen;
  }
}
