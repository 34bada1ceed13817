package dev.unifiedstorage.state;

/**
 * A row of SQLite whose text is not kept in memory: a packed segment of a store that evicts, or a
 * row of the normalized layout.
 *
 * <p>The things that lie in a packed one are there as objects, or have left, and then what stays of
 * each is where its line starts. There is one of these for each row that is written, so that a row
 * in the same slot later is another one.
 */
public final class AwayRow implements StoredRow {
  /** Stands for all rows of the normalized layout: their things are found by their ids. */
  static final AwayRow NORMALIZED = new AwayRow(0, 0, Double.POSITIVE_INFINITY);

  private final int slot;
  private final double tx;
  private final double lastSeq;

  /** How many evicted things lie in it. */
  private int evicted;

  public AwayRow(int slot, double tx, double lastSeq) {
    this.slot = slot;
    this.tx = tx;
    this.lastSeq = lastSeq;
  }

  /** The transaction that wrote it. */
  public double tx() {
    return tx;
  }

  /** Whether any evicted thing lies in it; its slot may be another row's when none does. */
  public boolean isNeeded() {
    return evicted > 0;
  }

  void addEvicted(int more) {
    evicted += more;
  }

  @Override
  public Thing thing(int start, String type) {
    throw away();
  }

  @Override
  public int length(int start) {
    throw away();
  }

  @Override
  public double seq(int start) {
    throw away();
  }

  @Override
  public int charBytes() {
    throw away();
  }

  @Override
  public String id(int start) {
    throw away();
  }

  @Override
  public double expiresAtMs(int start) {
    throw away();
  }

  private IllegalStateException away() {
    return new IllegalStateException("the text of the row in slot " + slot + " is not in memory");
  }

  @Override
  public double lastSeq() {
    return lastSeq;
  }

  @Override
  public int slot() {
    return slot;
  }
}
