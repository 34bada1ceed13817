package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Walk;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The things of some collections that are in their own rows alone, in the order of the table. */
final class EvictedRows implements Walk.Rows {
  /** How many rows are read at once: each may be a megabyte. */
  private static final int PAGE = 16;

  private final List<TypedCollection> collections;
  private final double seq;
  private final double atMs;
  private final ThingFinder finder;
  private final Json json;
  private final ArrayDeque<Thing> page = new ArrayDeque<>();
  private int collection;

  /** The id of the last row that was read of the collection, and as the table has it; or null. */
  private @Nullable String lastId;

  private @Nullable String lastKey;

  /**
   * @param collections those of which things have left the memory for rows of their own
   * @param seq what is newer than this event is passed over
   * @param atMs what has expired by then is passed over
   */
  EvictedRows(
      List<TypedCollection> collections, double seq, double atMs, ThingFinder finder, Json json) {
    this.collections = collections;
    this.seq = seq;
    this.atMs = atMs;
    this.finder = finder;
    this.json = json;
  }

  /** How many there are; those that may expire are counted one by one. */
  int size() {
    int[] count = {0};
    for (TypedCollection one : collections) {
      if (one.mayExpire() && atMs > 0) {
        finder.forEachEvicted(one.type(), thing -> count[0] += thing.isExpired(atMs) ? 0 : 1);
      } else {
        count[0] += one.evictedRows();
      }
    }
    return count[0];
  }

  /** The next one, or null. */
  @Nullable Thing next() {
    while (page.isEmpty() && !arePassed()) {
      readPage();
    }
    return page.poll();
  }

  private void readPage() {
    String type = collections.get(collection).type();
    List<Thing> rows = finder.rowsAfter(lastId, type, PAGE);
    for (Thing thing : rows) {
      lastId = thing.id();
      if (finder.isEvicted(lastId) && thing.seq() <= seq && !thing.isExpired(atMs)) {
        page.add(thing);
      }
    }
    if (rows.size() < PAGE) {
      collection++;
      lastId = null;
    }
    lastKey = lastId == null ? null : ThingLine.quote(lastId, json);
  }

  @Override
  public boolean arePassed() {
    return collection == collections.size();
  }

  @Override
  public boolean isAhead(TypedCollection of, String id) {
    int at = collections.indexOf(of);
    if (at != collection || lastKey == null) {
      return at >= collection;
    }
    return isBefore(lastKey, ThingLine.quote(id, json));
  }

  /** Whether a text comes before another one in SQLite, which compares their bytes in UTF-8. */
  static boolean isBefore(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return rank(x) < rank(y);
      }
    }
    return a.length() < b.length();
  }

  /** Pairs of surrogates stand for what comes behind every single character. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
