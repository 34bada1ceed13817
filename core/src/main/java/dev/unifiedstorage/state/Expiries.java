package dev.unifiedstorage.state;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which things expire next, evicted ones included.
 *
 * <p>It is a window of bounded size over all things that expire: those that expire before its
 * horizon are in it, each once and in order. What expires later is found by a walk over the types
 * that have such things, when the window has been used up and the horizon is reached; until then
 * the horizon stands for all of it. A store without such things has an empty window.
 */
public final class Expiries {
  /** How many things the window holds. */
  public static final int WINDOW = 4096;

  /** One thing of the window; no record, whose text and hash nothing here asks for. */
  private static final class Expiry {
    private final double atMs;
    private final String id;
    private final TypedCollection collection;

    private Expiry(double atMs, String id, TypedCollection collection) {
      this.atMs = atMs;
      this.id = id;
      this.collection = collection;
    }

    private boolean isBefore(Expiry other) {
      return atMs != other.atMs ? atMs < other.atMs : id.compareTo(other.id) < 0;
    }
  }

  private final Json json;
  private Expiry[] window = new Expiry[16];
  private int size;

  /** The window by id; null while there is none. */
  private @Nullable IdMap<Expiry> byId;

  private double horizonMs = Double.POSITIVE_INFINITY;

  Expiries(Json json) {
    this.json = json;
  }

  /**
   * No thing expires before that; positive infinity when none expires at all.
   *
   * <p>One that stands for the horizon alone may be too early, never too late.
   */
  public double nearestMs() {
    return size > 0 ? Math.min(window[0].atMs, horizonMs) : horizonMs;
  }

  /** The thing that expires first, if that is known and not after an instant; else null. */
  public @Nullable String firstUntil(double atMs) {
    return size > 0 && window[0].atMs <= atMs ? window[0].id : null;
  }

  /** Whether things that are not in the window may have expired at an instant. */
  public boolean isShortOf(double atMs) {
    return horizonMs <= atMs;
  }

  /** How many things of a type in the window have expired at an instant. */
  public int countUntil(double atMs, TypedCollection collection) {
    int count = 0;
    for (int i = 0; i < size && window[i].atMs <= atMs; i++) {
      count += window[i].collection == collection ? 1 : 0;
    }
    return count;
  }

  /** Says when a thing expires, 0 for not at all. */
  public void set(String id, TypedCollection collection, double atMs) {
    Expiry older = byId == null ? null : byId.get(id);
    if (older != null) {
      if (older.atMs == atMs && older.collection == collection) {
        return;
      }
      removeAt(placeOf(older));
    }
    if (atMs == 0 || atMs >= horizonMs) {
      return;
    }
    Expiry expiry = new Expiry(atMs, id, collection);
    if (size == WINDOW) {
      Expiry last = window[size - 1];
      if (!expiry.isBefore(last)) {
        horizonMs = atMs;
        return;
      }
      removeAt(size - 1);
      horizonMs = last.atMs;
    }
    insert(expiry);
  }

  /** Says that things which were not named may expire, none of them before an instant. */
  public void mayFollow(double fromMs) {
    horizonMs = Math.min(horizonMs, fromMs);
    while (size > 0 && window[size - 1].atMs >= horizonMs) {
      removeAt(size - 1);
    }
  }

  /** Forgets everything: what there is will be named anew. */
  public void clear() {
    window = new Expiry[16];
    size = 0;
    byId = null;
    horizonMs = Double.POSITIVE_INFINITY;
  }

  private void insert(Expiry expiry) {
    if (byId == null) {
      byId = json.map();
    }
    byId.put(expiry.id, expiry);
    if (size == window.length) {
      Expiry[] larger = new Expiry[2 * size];
      System.arraycopy(window, 0, larger, 0, size);
      window = larger;
    }
    int place = placeOf(expiry);
    System.arraycopy(window, place, window, place + 1, size - place);
    window[place] = expiry;
    size++;
  }

  private void removeAt(int place) {
    Objects.requireNonNull(byId).remove(window[place].id);
    size--;
    System.arraycopy(window, place + 1, window, place, size - place);
    window[size] = null;
  }

  /** Where in the window one stands, or would. */
  private int placeOf(Expiry expiry) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (window[middle].isBefore(expiry)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
