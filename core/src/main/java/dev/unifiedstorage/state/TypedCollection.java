package dev.unifiedstorage.state;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All things of one type.
 *
 * <p>It counts what exists, in memory or evicted, and knows whether anything in it, deletions
 * included, has changed since its last checkpoint.
 */
public final class TypedCollection {
  private final String type;
  private final EntriesByRow inMemory = new EntriesByRow();
  private int entriesInMemory;
  private int evicted;

  /** Those of the evicted whose places are known. */
  private final EntriesByRow away = new EntriesByRow();

  private int evictedEntries;
  private double bytes;
  private boolean dirty;
  private boolean evictable;
  private boolean ownRows;
  private boolean mayExpire;
  private double lastSeq;
  private double lastSeqInRows = Double.POSITIVE_INFINITY;
  private @Nullable CollectionListener listener;

  /** Where walks stand in the list of entries; null while there is none. */
  private Walk.@Nullable Place places;

  TypedCollection(String type, boolean evictable) {
    this.type = type;
    this.evictable = evictable;
  }

  public String type() {
    return type;
  }

  /** How many things of this type exist. */
  public int size() {
    return entriesInMemory + evicted;
  }

  /** How many of them are in SQLite alone. */
  public int evicted() {
    return evicted;
  }

  /** How many of these have an entry that says where in a packed row they are. */
  public int evictedEntries() {
    return evictedEntries;
  }

  /** How many of these have nothing in memory: each is found by its id, in a row of its own. */
  public int evictedRows() {
    return evicted - evictedEntries;
  }

  /** The estimated size of those in memory. */
  public double bytes() {
    return bytes;
  }

  /** Whether a checkpoint has something to write for it. */
  public boolean isDirty() {
    return dirty;
  }

  public void setDirty(boolean changed) {
    dirty = changed;
  }

  /**
   * Whether any of its things, in memory or evicted, may expire: a type that never says so is free.
   */
  public boolean mayExpire() {
    return mayExpire;
  }

  public void setMayExpire(boolean may) {
    mayExpire = may;
  }

  /**
   * The newest event to any thing of this type, deletions included, or 0 when none was applied
   * since the last one that a checkpoint covers. Events that were undone count too.
   */
  public double lastSeq() {
    return lastSeq;
  }

  /** No thing of this type that has a row of its own is there of a later event. */
  public double lastSeqInRows() {
    return lastSeqInRows;
  }

  public void setLastSeqInRows(double seq) {
    lastSeqInRows = seq;
  }

  void changedBy(double seq) {
    lastSeq = Math.max(lastSeq, seq);
  }

  /** Has somebody told of every change from now on. */
  public void setListener(CollectionListener watching) {
    listener = watching;
  }

  /** Null while there is no listener. */
  @Nullable CollectionListener listener() {
    return listener;
  }

  /** Whether clean entries may leave memory, because single ones can be read back from SQLite. */
  public boolean isEvictable() {
    return evictable;
  }

  void setEvictable(boolean allowed) {
    evictable = allowed;
  }

  /** Whether each of its things has a row of its own in SQLite. */
  boolean hasOwnRows() {
    return ownRows;
  }

  public void setOwnRows(boolean own) {
    ownRows = own;
  }

  void setEvicted(int count) {
    evicted = count;
  }

  /** Visits every entry in memory, in no particular order; the visitor must not add or remove. */
  public void forEach(Consumer<Entry> visitor) {
    inMemory.forEachInRowsBehind(-1, visitor);
  }

  /** Visits those in rows that may have something of an event behind that one, or in none yet. */
  void forEachInRowsBehind(double seq, Consumer<Entry> visitor) {
    inMemory.forEachInRowsBehind(seq, visitor);
  }

  /** Visits the entry of each evicted thing that has one; the visitor must not add or remove. */
  public void forEachEvicted(Consumer<Entry> visitor) {
    forEachEvicted(-1, visitor);
  }

  /** Visits those in rows that may have something of an event behind that one. */
  public void forEachEvicted(double behindSeq, Consumer<Entry> visitor) {
    away.forEachInRowsBehind(behindSeq, visitor);
  }

  /** A place at the first entry, which keeps up with entries that go until it is removed. */
  Walk.Place addPlace() {
    Walk.Place place = new Walk.Place(inMemory.first(), places);
    places = place;
    return place;
  }

  void remove(Walk.Place place) {
    if (places == place) {
      places = place.other;
      return;
    }
    for (Walk.Place at = places; at != null; at = at.other) {
      if (at.other == place) {
        at.other = place.other;
      }
    }
  }

  void add(Entry entry, int entryBytes) {
    inMemory.add(entry);
    entriesInMemory++;
    bytes += entryBytes;
  }

  /** Adds the entry of a thing that is in its packed row alone. */
  void addEvicted(Entry entry) {
    away.add(entry);
    evictedEntries++;
    evicted++;
  }

  void removeEvicted(Entry entry) {
    away.remove(entry);
    evictedEntries--;
    evicted--;
  }

  void remove(Entry entry, int entryBytes) {
    leave(entry);
    entriesInMemory--;
    bytes -= entryBytes;
  }

  private void leave(Entry entry) {
    for (Walk.Place place = places; place != null; place = place.other) {
      if (place.next == entry) {
        place.next = entry.nextInCollection;
      }
    }
    inMemory.remove(entry);
  }

  /** An entry lies in another row from now on. */
  void moves(Entry entry, StoredRow row, int start) {
    leave(entry);
    entry.liesIn(row, start);
    inMemory.add(entry);
  }

  /** The same of an evicted one. */
  void movesEvicted(Entry entry, StoredRow row, int start) {
    away.remove(entry);
    entry.liesIn(row, start);
    away.add(entry);
  }

  void resize(int byBytes) {
    bytes += byBytes;
  }
}
