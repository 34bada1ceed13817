package dev.unifiedstorage.cost;

/**
 * Counts the rows that a store with one row a thing would have written for the same operations.
 *
 * <p>That store is the usual one: {@code things(id TEXT PRIMARY KEY, body TEXT)}, one statement a
 * write. Its primary key is an index of its own, so that an insert and a delete count two rows, an
 * update one.
 */
public final class CostMeter {
  private double naiveRows;

  public void created() {
    naiveRows += 2;
  }

  public void updated() {
    naiveRows += 1;
  }

  public void deleted() {
    naiveRows += 2;
  }

  public double naiveRowsWritten() {
    return naiveRows;
  }
}
