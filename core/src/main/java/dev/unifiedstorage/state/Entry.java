package dev.unifiedstorage.state;

/**
 * The place of one thing in memory: what changes while the {@link Thing} in it does not.
 *
 * <p>It is dirty exactly when SQLite does not have this version. The links are part of the entry,
 * not separate lists, because they cost eight bytes each here and forty in a list of its own.
 */
public final class Entry {
  final TypedCollection collection;
  Thing thing;
  boolean dirty;

  /** Neighbours among the entries of the collection. */
  Entry previousInCollection;

  Entry nextInCollection;

  /** Neighbours among the dirty entries, or among the evictable ones: never both. */
  Entry previousInList;

  Entry nextInList;
  EntryList list;

  private int segmentSlot;
  private boolean hasRow;

  Entry(TypedCollection collection, Thing thing) {
    this.collection = collection;
    this.thing = thing;
  }

  public Thing thing() {
    return thing;
  }

  public TypedCollection collection() {
    return collection;
  }

  public boolean isDirty() {
    return dirty;
  }

  /** The slot of the packed segment that holds this entry's last written version, or 0. */
  public int segmentSlot() {
    return segmentSlot;
  }

  public void setSegmentSlot(int slot) {
    segmentSlot = slot;
  }

  /** Whether the normalized layout has a row for this entry, of this version or an older one. */
  public boolean hasRow() {
    return hasRow;
  }

  public void setHasRow(boolean present) {
    hasRow = present;
  }
}
