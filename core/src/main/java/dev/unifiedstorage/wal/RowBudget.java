package dev.unifiedstorage.wal;

/**
 * How many rows groups of writes may still take: as many in a second as are allowed, and what was
 * not used in the ten seconds before.
 *
 * <p>So writes that come now and then, a handful of them together, are acknowledged at once, and
 * only those that go on coming wait. It never forbids a row: its owner says how long to wait at
 * most.
 */
final class RowBudget {
  private static final double SAVED_SECONDS = 10;

  private final Gathering gathering;
  private double left;
  private double atMs;

  RowBudget(Gathering gathering, double nowMs) {
    this.gathering = gathering;
    this.left = most();
    this.atMs = nowMs;
  }

  private double most() {
    return gathering.rowsPerSecond() * SAVED_SECONDS;
  }

  /** Takes a row; how long what comes next should wait for the one after it. */
  double take(double nowMs) {
    // Less than nothing, when the clock has jumped back.
    double sinceMs = Math.max(0, nowMs - atMs);
    atMs = nowMs;
    double saved = sinceMs * gathering.rowsPerSecond() / 1000;
    // What was taken beyond it is forgotten: the longest wait has been waited for that.
    left = Math.max(-1, Math.min(most(), left + saved) - 1);
    double missing = 1 - left;
    double waitMs = missing <= 0 ? 0 : missing * 1000 / gathering.rowsPerSecond();
    return Math.max(gathering.shortRowMs(), Math.min(waitMs, gathering.rowMs()));
  }
}
