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
  private @Nullable Entry first;
  private int entriesInMemory;
  private int evicted;

  /** Those of the evicted whose places are known. */
  private @Nullable Entry firstEvicted;

  private int evictedEntries;
  private double bytes;
  private boolean dirty;
  private boolean evictable;
  private boolean mayExpire;
  private double lastSeq;
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

  void setEvicted(int count) {
    evicted = count;
  }

  /** Visits every entry in memory, in no particular order; the visitor must not add or remove. */
  public void forEach(Consumer<Entry> visitor) {
    for (Entry entry = first; entry != null; entry = entry.nextInCollection) {
      visitor.accept(entry);
    }
  }

  /** Visits the entry of each evicted thing that has one; the visitor must not add or remove. */
  public void forEachEvicted(Consumer<Entry> visitor) {
    for (Entry entry = firstEvicted; entry != null; entry = entry.nextInCollection) {
      visitor.accept(entry);
    }
  }

  /** A place at the first entry, which keeps up with entries that go until it is removed. */
  Walk.Place addPlace() {
    Walk.Place place = new Walk.Place(first, places);
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
    first = before(first, entry);
    entriesInMemory++;
    bytes += entryBytes;
  }

  private static Entry before(@Nullable Entry first, Entry entry) {
    entry.previousInCollection = null;
    entry.nextInCollection = first;
    if (first != null) {
      first.previousInCollection = entry;
    }
    return entry;
  }

  /** Adds the entry of a thing that is in its packed row alone. */
  void addEvicted(Entry entry) {
    firstEvicted = before(firstEvicted, entry);
    evictedEntries++;
    evicted++;
  }

  void removeEvicted(Entry entry) {
    if (entry == firstEvicted) {
      firstEvicted = entry.nextInCollection;
    }
    unchain(entry);
    evictedEntries--;
    evicted--;
  }

  void remove(Entry entry, int entryBytes) {
    for (Walk.Place place = places; place != null; place = place.other) {
      if (place.next == entry) {
        place.next = entry.nextInCollection;
      }
    }
    if (entry == first) {
      first = entry.nextInCollection;
    }
    unchain(entry);
    entriesInMemory--;
    bytes -= entryBytes;
  }

  private static void unchain(Entry entry) {
    if (entry.previousInCollection != null) {
      entry.previousInCollection.nextInCollection = entry.nextInCollection;
    }
    if (entry.nextInCollection != null) {
      entry.nextInCollection.previousInCollection = entry.previousInCollection;
    }
    entry.previousInCollection = null;
    entry.nextInCollection = null;
  }

  void resize(int byBytes) {
    bytes += byBytes;
  }
}
