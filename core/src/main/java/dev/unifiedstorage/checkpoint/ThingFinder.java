package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Expiries;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Walk;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds a thing wherever it is: in memory, or, when it was evicted, in its packed row or its own.
 *
 * <p>What is in memory never touches SQLite, nor does what is not there while no collection is in
 * the normalized layout: only there the place of an evicted thing is not known.
 */
public final class ThingFinder {
  private final Things state;
  private final TableReader reader;
  private final RowTexts texts;
  private final Json json;

  ThingFinder(Things state, TableReader reader, Json json) {
    this.state = state;
    this.json = json;
    this.reader = reader;
    this.texts = new RowTexts(reader, json);
  }

  /** The entry of a thing, back in memory if it was not; null when it does not exist. */
  public @Nullable Entry find(String id) {
    Entry entry = state.entry(id);
    if (entry != null) {
      return entry;
    }
    Entry evicted = state.evictedEntry(id);
    if (evicted != null) {
      return state.reload(evicted, texts.thing(id, evicted));
    }
    // A row may outlive its thing until the deletion's checkpoint.
    if (!state.hasEvictedRows() || state.tombstone(id) != null) {
      return null;
    }
    TableReader.ThingRow row = reader.thing(id);
    return row == null ? null : state.reload(CheckpointLoader.thing(row, json));
  }

  /** A thing as it is, left where it is; null when it does not exist. */
  public @Nullable Thing peek(String id) {
    Entry entry = state.entry(id);
    if (entry != null) {
      return entry.thing();
    }
    Entry evicted = state.evictedEntry(id);
    if (evicted != null) {
      return texts.thing(id, evicted);
    }
    TableReader.ThingRow row = isEvicted(id) ? reader.thing(id) : null;
    return row == null ? null : CheckpointLoader.thing(row, json);
  }

  /** Whether {@link #countExpired} has to walk past all things of a type. */
  public boolean walksForExpired(TypedCollection collection, double atMs) {
    return collection.mayExpire() && state.expiries().isShortOf(atMs);
  }

  /** How many things of a type have expired at an instant, and are not deleted yet. */
  public int countExpired(TypedCollection collection, double atMs) {
    Expiries expiries = state.expiries();
    if (!collection.mayExpire() || expiries.nearestMs() > atMs) {
      return 0;
    }
    if (!walksForExpired(collection, atMs)) {
      return expiries.countUntil(atMs, collection);
    }
    int[] count = {0};
    collection.forEach(
        entry -> count[0] += entry.expiresAtMs() != 0 && entry.expiresAtMs() <= atMs ? 1 : 0);
    if (collection.evicted() > 0) {
      forEachEvicted(collection.type(), thing -> count[0] += thing.isExpired(atMs) ? 1 : 0);
    }
    return count[0];
  }

  /**
   * Fills the window of what expires next from everything that does: a walk over the types that
   * have such things, in memory and in rows of evicted ones.
   */
  public void refillExpiries() {
    Expiries expiries = state.expiries();
    double nearestMs = expiries.nearestMs();
    expiries.clear();
    try {
      nameExpiries(expiries);
    } catch (RuntimeException e) {
      // What was not come to must not be forgotten: the next look begins anew.
      expiries.clear();
      expiries.mayFollow(nearestMs);
      throw e;
    }
  }

  private void nameExpiries(Expiries expiries) {
    for (TypedCollection collection : state.collections()) {
      if (!collection.mayExpire()) {
        continue;
      }
      boolean[] any = {false};
      collection.forEach(
          entry -> {
            double atMs = entry.expiresAtMs();
            if (atMs != 0) {
              any[0] = true;
              expiries.set(entry.id(), collection, atMs);
            }
          });
      if (collection.evicted() > 0) {
        forEachEvicted(
            collection.type(),
            thing -> {
              if (thing.expiresAtMs() != 0) {
                any[0] = true;
                expiries.set(thing.id(), collection, thing.expiresAtMs());
              }
            });
      }
      collection.setMayExpire(any[0]);
    }
  }

  /** Whether a thing that has a row of its own is in that row alone. */
  public boolean isEvicted(String id) {
    return state.entry(id) == null && state.hasEvictedRows() && state.tombstone(id) == null;
  }

  /** A way past the things of some collections that have left for packed rows. */
  public PackedPass packedPass(List<TypedCollection> collections, @Nullable Walk walk) {
    return new PackedPass(collections, state, texts, walk, -1);
  }

  /** Visits the things of a type that are in rows alone, and leaves them there. */
  public void forEachEvicted(String type, Consumer<Thing> visitor) {
    forEachEvicted(type, -1, visitor);
  }

  /**
   * Visits those that an event behind that one has made what they are: no packed row is read that
   * is older, and no row of their own where all of these are.
   *
   * @param behindSeq negative for all
   */
  public void forEachEvicted(String type, double behindSeq, Consumer<Thing> visitor) {
    TypedCollection collection = state.existingCollection(type);
    if (collection != null && collection.evictedEntries() > 0) {
      PackedPass pass = new PackedPass(List.of(collection), state, texts, null, behindSeq);
      for (Thing thing = pass.next(); thing != null; thing = pass.next()) {
        visitor.accept(thing);
      }
    }
    if (collection == null
        || collection.evictedRows() == 0
        || collection.lastSeqInRows() <= behindSeq) {
      return;
    }
    reader.forEachThing(
        type,
        row -> {
          Thing thing = isEvicted(row.id()) ? CheckpointLoader.thing(row, json) : null;
          if (thing != null && thing.seq() > behindSeq) {
            visitor.accept(thing);
          }
        });
  }

  /**
   * The first things of a type behind an id that have their own rows, evicted or not; null for all.
   */
  public List<Thing> rowsAfter(@Nullable String id, String type, int most) {
    List<Thing> things = new ArrayList<>();
    for (TableReader.ThingRow row : reader.thingsAfter(id, type, most)) {
      things.add(CheckpointLoader.thing(row, json));
    }
    return things;
  }
}
