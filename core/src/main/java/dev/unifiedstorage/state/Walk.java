package dev.unifiedstorage.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way past all things of some collections as they were at one moment, while writes go on.
 *
 * <p>Each entry that was in memory at the moment has a bit that says that the walk has yet to come
 * there. The first write to such an entry takes the bit away and keeps the version of before; so
 * what is kept is what has changed and was not passed yet, and nothing else. An entry keeps its bit
 * when its thing leaves for a packed row, and when it comes back. What is in rows of its own alone
 * is brought by {@link Rows}, in an order of its own, before the entries; what goes to such rows
 * and comes back meanwhile is told apart by where the rows stand.
 */
public final class Walk {
  /** How many there may be at once. */
  public static final int MOST = 5;

  /** The first bit of an entry's number that stands for a walk. */
  static final int FIRST_BIT = 32 - MOST;

  /** The most text that is kept, in characters; with more the walk breaks off. */
  public static final double MOST_KEPT_CHARS = 16 * 1024 * 1024;

  /** What the place of one thing among those that are kept is counted as. */
  private static final int PLACE_CHARS = 64;

  /** The things that are in rows alone. */
  public interface Rows {
    /** Whether a thing is behind the place where the rows stand, so that it will be found there. */
    boolean isAhead(TypedCollection collection, String id);

    /** Whether they have come to their end. */
    boolean arePassed();
  }

  /** A place among the entries of a collection. */
  static final class Place {
    @Nullable Entry next;

    /** Another place in the same collection. */
    @Nullable Place other;

    Place(@Nullable Entry next, @Nullable Place other) {
      this.next = next;
      this.other = other;
    }
  }

  private final List<TypedCollection> collections;
  private final double seq;
  private final double atMs;
  private final Rows rows;
  private final ArrayDeque<Thing> kept = new ArrayDeque<>();

  /** Things that went to rows which the walk has passed, and that it has yet to show. */
  private final Set<String> late = new HashSet<>();

  private double keptChars;
  private int bit;
  private int awaited;

  /** The same of those whose things have left for packed rows. */
  private int awaitedEvicted;

  private int collection;
  private @Nullable Place place;
  private @Nullable String broken;

  /**
   * @param seq the last event that counts; what is newer in memory now is not awaited
   * @param atMs what has expired by then is passed over
   */
  public Walk(List<TypedCollection> collections, double seq, double atMs, Rows rows) {
    this.collections = collections;
    this.seq = seq;
    this.atMs = atMs;
    this.rows = rows;
  }

  void begin(int freeBit) {
    bit = freeBit;
    for (TypedCollection one : collections) {
      one.forEach(
          entry -> {
            boolean counts = !entry.isNewerThan(seq) && !isExpired(entry);
            entry.setAwaits(bit, counts);
            awaited += counts ? 1 : 0;
          });
      // What has left is in a checkpoint, and so durable.
      one.forEachEvicted(
          entry -> {
            entry.setAwaits(bit, true);
            awaitedEvicted++;
          });
    }
  }

  /** Whether it has yet to show a thing that is in its packed row alone. */
  public boolean awaits(Entry entry) {
    return entry.awaits(bit);
  }

  /** Passes an evicted thing, because it is shown or does not count; false when it has already. */
  public boolean pass(Entry entry) {
    if (!entry.awaits(bit)) {
      return false;
    }
    entry.setAwaits(bit, false);
    awaitedEvicted--;
    return true;
  }

  /** Whether things are in packed rows alone that it has yet to show. */
  public boolean awaitsEvicted() {
    return awaitedEvicted > 0 && broken == null;
  }

  private boolean isExpired(Entry entry) {
    double expiresAtMs = entry.collection.mayExpire() ? entry.expiresAtMs() : 0;
    return expiresAtMs != 0 && expiresAtMs <= atMs;
  }

  /** How many things it has yet to show, those aside that are in rows alone. */
  public int size() {
    return awaited + awaitedEvicted + kept.size();
  }

  /** Why it has broken off, or null. */
  public @Nullable String broken() {
    return broken;
  }

  /** Keeps a version of the moment that is in the state no more. */
  public void keep(Thing thing) {
    if (broken != null || thing.isExpired(atMs)) {
      return;
    }
    kept.add(thing);
    keep(thing.bytes() + (double) PLACE_CHARS);
  }

  private void keep(double chars) {
    keptChars += chars;
    if (keptChars > MOST_KEPT_CHARS) {
      breakOff("more than " + (long) MOST_KEPT_CHARS + " characters of old versions would be kept");
    }
  }

  /** The next of the old versions that are kept, or null. */
  public @Nullable Thing nextKept() {
    Thing thing = kept.poll();
    if (thing != null) {
      keptChars -= thing.bytes() + (double) PLACE_CHARS;
    }
    return thing;
  }

  /** The next thing that is in memory, or null when there is none at the moment. */
  public @Nullable Thing next() {
    while (awaited > 0 && broken == null) {
      Entry entry = nextEntry();
      if (entry.awaits(bit)) {
        take(entry);
        return entry.thing();
      }
    }
    return null;
  }

  /** The entry behind the last one; behind the last of all, the first: some may have come back. */
  private Entry nextEntry() {
    while (place == null || place.next == null) {
      leavePlace();
      place = collections.get(collection).addPlace();
    }
    Entry entry = place.next;
    place.next = entry.nextInCollection;
    return entry;
  }

  private void leavePlace() {
    if (place != null) {
      collections.get(collection).remove(place);
      place = null;
      collection = (collection + 1) % collections.size();
    }
  }

  /** The id of a thing that has to be looked for in its row; null when there is none. */
  public @Nullable String nextLate() {
    if (late.isEmpty()) {
      return null;
    }
    String id = late.iterator().next();
    late.remove(id);
    keptChars -= id.length() + PLACE_CHARS;
    return id;
  }

  private void take(Entry entry) {
    entry.setAwaits(bit, false);
    awaited--;
  }

  // ---- what happens meanwhile

  /** An entry is about to have another version, or to be removed. */
  void changes(Entry entry) {
    if (entry.awaits(bit)) {
      take(entry);
      keep(entry.thing());
    }
  }

  /** An entry is about to leave the memory. */
  void leaves(Entry entry, Thing thing) {
    if (entry.awaits(bit) && entry.isPlaced()) {
      awaited--;
      awaitedEvicted++;
    } else if (entry.awaits(bit)) {
      take(entry);
      if (!rows.isAhead(entry.collection, thing.id())) {
        late.add(thing.id());
        keep(thing.id().length() + PLACE_CHARS);
      }
    }
  }

  /** The thing of an entry that stayed has come back into the memory. */
  void returns(Entry entry) {
    if (entry.awaits(bit)) {
      awaited++;
      awaitedEvicted--;
    }
  }

  /** A thing has come back into the memory, and has a new entry. */
  void returns(Entry entry, Thing thing) {
    boolean wasLate = late.remove(thing.id());
    if (wasLate) {
      keptChars -= thing.id().length() + PLACE_CHARS;
    }
    boolean counts = collections.contains(entry.collection) && thing.seq() <= seq;
    if (counts && !thing.isExpired(atMs)) {
      boolean awaits = wasLate || rows.isAhead(entry.collection, thing.id());
      entry.setAwaits(bit, awaits);
      awaited += awaits ? 1 : 0;
    }
  }

  /** A write is about to be undone. */
  void undone() {
    if (!late.isEmpty() || !rows.arePassed()) {
      // What was kept of it may be found in its row again.
      breakOff("a write was undone");
    }
  }

  /** Ends it: the state has no more to say. */
  public void breakOff(String why) {
    if (broken == null) {
      broken = why;
      kept.clear();
      late.clear();
    }
  }

  void forget() {
    if (place != null) {
      collections.get(collection).remove(place);
      place = null;
    }
    for (TypedCollection one : new ArrayList<>(collections)) {
      one.forEach(entry -> entry.setAwaits(bit, false));
      one.forEachEvicted(entry -> entry.setAwaits(bit, false));
    }
    kept.clear();
    late.clear();
  }
}
