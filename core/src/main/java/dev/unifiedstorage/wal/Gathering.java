package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;

/**
 * How long writes wait for one another, to share a send or a row.
 *
 * @param mostMs the longest wait; negative for the default: 50 ms for a row, and for a send 10 ms
 *     at most, as long as others keep coming
 * @param rowsPerSecond how many rows groups of writes may take in a second, on average; 0 for any
 *     number
 */
public record Gathering(double mostMs, double rowsPerSecond) {
  /** The longest wait for a row, where nothing is said. */
  private static final double ROW_MS = 50;

  /** The same where there is a budget of rows to be kept. */
  private static final double BUDGET_MS = 1_000;

  /** The longest wait for a send, where nothing is said. */
  private static final double SEND_MS = 10;

  /** The longest wait for a row. */
  public double rowMs() {
    if (mostMs >= 0) {
      return mostMs;
    }
    return rowsPerSecond > 0 ? BUDGET_MS : ROW_MS;
  }

  /** The wait for a row while a budget lasts. */
  double shortRowMs() {
    return Math.min(ROW_MS, rowMs());
  }

  SendWindow sendWindow(Timers timers, Clock clock) {
    return mostMs >= 0
        ? new SendWindow(timers, clock, mostMs, false)
        : new SendWindow(timers, clock, SEND_MS, true);
  }
}
