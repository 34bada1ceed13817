package dev.unifiedstorage.cost;

/**
 * Counts the rows that a store with one row a thing would have written for the same operations.
 *
 * <p>That store is the usual one: {@code things(id TEXT PRIMARY KEY, body TEXT)}, one statement a
 * write. Its primary key is an index of its own, so that an insert counts two rows; an update
 * counts one, and so does a delete, the least it can cost.
 */
public final class CostMeter {
  private static final double ENOUGH_ROWS = 10_000;

  private double naiveRows;

  /** Counts a creation: two rows. */
  public void created() {
    naiveRows += 2;
  }

  /** Counts an update: one row. */
  public void updated() {
    naiveRows += 1;
  }

  /** Counts a deletion: one row. */
  public void deleted() {
    naiveRows += 1;
  }

  /** How many rows that store would have written so far. */
  public double naiveRowsWritten() {
    return naiveRows;
  }

  /**
   * Whether more than a tenth of the naive way's rows was written, as far as that can be said: of a
   * few writes it cannot.
   */
  public static boolean isMissed(double rowsWritten, double naiveRows) {
    return naiveRows >= ENOUGH_ROWS && rowsWritten * 10 > naiveRows;
  }
}
