package dev.unifiedstorage.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The place of one thing in memory: what changes while the {@link Thing} in it does not.
 *
 * <p>It is dirty exactly when SQLite does not have this version; when it does, the version mostly
 * lies in its row alone, and in a store that evicts that row's text may not be in memory. A store
 * has one of these for every thing, so each field counts: the links to the neighbours are part of
 * it, because they cost four bytes each here and twenty in a list of its own, and what only some
 * entries need is a field together.
 */
public final class Entry {
  /** What a thing that lies in its row takes beside its line: this, its id, its place by that. */
  private static final int BESIDE_LINE_BYTES = 96;

  /**
   * What a thing takes as an object beside its text, where its row is not in memory; what no row
   * has yet leaves soon, and is counted by its text.
   */
  private static final int OBJECT_BYTES = 190;

  /** Masks the bits of a place in a row's text. */
  private static final int START = (1 << Walk.FIRST_BIT) - 1;

  final TypedCollection collection;

  /** Null while it lies in its row alone. */
  @Nullable Thing thing;

  /** The row that has it, of this version or an older one, and where in it; null when none has. */
  @Nullable StoredRow row;

  /**
   * The place in the row's text in its lower bits; a row is a few megabytes at most. Above it one
   * bit for each {@link Walk} that has yet to come here.
   */
  private int startAndWalks;

  /** Neighbours among the entries of the collection that are in memory, or that are not. */
  @Nullable Entry previousInCollection;

  @Nullable Entry nextInCollection;

  /** The place among the dirty entries, or among the evictable ones; null when it is neither. */
  EntryList.@Nullable Place place;

  Entry(TypedCollection collection, Thing thing) {
    this.collection = collection;
    this.thing = thing;
  }

  Entry(TypedCollection collection, StoredRow row, int start) {
    this.collection = collection;
    this.row = row;
    this.startAndWalks = start;
  }

  /** Where its line starts in the text of its row. */
  public int start() {
    return startAndWalks & START;
  }

  /** Says which row has this entry now, and where in it. */
  void liesIn(StoredRow newer, int start) {
    row = newer;
    startAndWalks = (startAndWalks & ~START) | start;
  }

  /** Whether a walk has yet to come here. */
  boolean awaits(int walk) {
    return (startAndWalks & (1 << walk)) != 0;
  }

  void setAwaits(int walk, boolean awaits) {
    startAndWalks = awaits ? startAndWalks | (1 << walk) : startAndWalks & ~(1 << walk);
  }

  /** The row of an entry that lies in it alone. */
  private StoredRow row() {
    return Objects.requireNonNull(row);
  }

  public Thing thing() {
    return thing != null ? thing : row().thing(start(), collection.type());
  }

  public String id() {
    return thing != null ? thing.id() : row().id(start());
  }

  /** Whether this version is of an event behind that one; a line is looked at only if it may be. */
  public boolean isNewerThan(double seq) {
    return thing != null ? thing.seq() > seq : row().lastSeq() > seq && row().seq(start()) > seq;
  }

  /** When the thing expires, 0 when it stays; it is not read out of its row for that. */
  public double expiresAtMs() {
    return thing != null ? thing.expiresAtMs() : row().expiresAtMs(start());
  }

  /** The estimated size of {@link #thing} in memory. */
  int bytes() {
    if (thing == null) {
      return bytesOf(row().length(start()));
    }
    return row instanceof AwayRow ? thing.memoryBytes() + OBJECT_BYTES : thing.memoryBytes();
  }

  /** The estimated size of a thing whose line in the row of this entry is that long. */
  int bytesOf(int lineLength) {
    return lineLength * row().charBytes() + BESIDE_LINE_BYTES;
  }

  public TypedCollection collection() {
    return collection;
  }

  public boolean isDirty() {
    return place != null && place.list().isOfDirty();
  }

  /** The slot of the packed segment that holds this entry's last written version, or 0. */
  public int segmentSlot() {
    return row == null ? 0 : row.slot();
  }

  /** Whether the normalized layout has a row for this entry, of this version or an older one. */
  public boolean hasRow() {
    return row == AwayRow.NORMALIZED;
  }

  /** Whether the thing is here as an object, whatever row has it too. */
  public boolean isObject() {
    return thing != null;
  }

  /** Whether its place in a packed row is all that stays when it leaves the memory. */
  boolean isPlaced() {
    return row instanceof AwayRow && row != AwayRow.NORMALIZED;
  }

  /** Whether the thing has left the memory: what is here is where its line is. */
  public boolean isEvicted() {
    return thing == null && isPlaced();
  }

  /** Whether its line starts there in that row, which is where it was read. */
  public boolean isAt(StoredRow read, int start) {
    return row == read && start() == start;
  }

  /** The packed row that an evicted entry lies in. */
  public AwayRow awayRow() {
    return (AwayRow) row();
  }
}
