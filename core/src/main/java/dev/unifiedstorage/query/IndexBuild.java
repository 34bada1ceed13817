package dev.unifiedstorage.query;

import dev.unifiedstorage.checkpoint.PackedPass;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The building of an index, in slices.
 *
 * <p>First what was in memory when it began, then what is in SQLite alone, by ids and by rows. What
 * changes or moves between the two meanwhile is told by the state, so that each thing is met at
 * least once, and counted once.
 */
final class IndexBuild {
  /** A slice: a few milliseconds on any target; the core has no clock that runs meanwhile. */
  private static final int SLICE_THINGS = 2000;

  /** The first slice of many: compilers have not come to what it runs. */
  private static final int FIRST_THINGS = 250;

  /** The first things of a collection lie together, and may be unlike the others. */
  private static final int FEW_THINGS = 2_000;

  /** Rows read at a time: few, because each may be as large as a thing can be. */
  private static final int ROWS = 100;

  private static final double SLICE_BYTES = 2.0 * 1024 * 1024;

  private final Index index;
  private final TypedCollection collection;
  private final ThingFinder finder;
  private final Upcasts upcasts;

  /** What waits for the index. */
  final List<QueryEngine.Ready> waiting = new ArrayList<>();

  private int most;
  private List<Entry> inMemory = new ArrayList<>();
  private int at;
  private @Nullable String lastRow;
  private @Nullable PackedPass packed;
  private boolean foundAll;

  /** Whether what was found is sorted, so that there is time for more. */
  private boolean sorted = true;

  private boolean ended;

  IndexBuild(Index index, TypedCollection collection, ThingFinder finder, Upcasts upcasts) {
    this.index = index;
    this.collection = collection;
    this.finder = finder;
    this.upcasts = upcasts;
    this.most = collection.size() > SLICE_THINGS ? FIRST_THINGS : SLICE_THINGS;
    collection.forEach(inMemory::add);
  }

  Index index() {
    return index;
  }

  String type() {
    return collection.type();
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether the index has keys of more things than may be in memory themselves. */
  boolean isOfEvicted() {
    return collection.evicted() > 0;
  }

  /**
   * What the index has yet to take, if the things to come are like those that it has met; 0 while
   * these are too few to say.
   */
  double bytesToCome() {
    int met = index.size();
    int toCome = Math.max(0, collection.size() - met);
    return met < FEW_THINGS ? 0 : index.bytes() * toCome / met;
  }

  /** How many things the index is of. */
  int size() {
    return collection.size();
  }

  /** It is not wanted any more. */
  void abandon() {
    ended = true;
  }

  /** Builds on for one slice; the index is complete when it {@link #hasEnded}. */
  void slice() {
    if (sorted && !foundAll) {
      foundAll = find();
      most = Math.min(SLICE_THINGS, 2 * most);
    }
    sorted = index.sort(foundAll);
    ended = index.isComplete();
  }

  /** Finds a slice of the things; whether those were the last. */
  private boolean find() {
    int things = 0;
    double bytes = 0;
    while (at < inMemory.size() && things < most && bytes < SLICE_BYTES) {
      Entry entry = inMemory.get(at++);
      // What has left memory meanwhile has been told of, as what is gone.
      if (!entry.isEvicted()) {
        Thing thing = entry.thing();
        things++;
        bytes += thing.bytes();
        index.found(new Candidate(thing, upcasts));
      }
    }
    if (at < inMemory.size()) {
      return false;
    }
    inMemory = List.of();
    at = 0;
    boolean done = collection.evictedRows() == 0;
    while (!done && things < most && bytes < SLICE_BYTES) {
      List<Thing> rows = finder.rowsAfter(lastRow, collection.type(), ROWS);
      done = rows.isEmpty();
      for (Thing thing : rows) {
        lastRow = thing.id();
        things++;
        bytes += thing.bytes();
        if (finder.isEvicted(thing.id())) {
          index.found(new Candidate(thing, upcasts));
        }
      }
    }
    return done && passPacked(things, bytes);
  }

  /** Goes on with what is in packed rows alone; whether that has come to its end. */
  private boolean passPacked(int thingsBefore, double bytesBefore) {
    if (packed == null) {
      packed = finder.packedPass(List.of(collection), null);
    }
    int things = thingsBefore;
    double bytes = bytesBefore;
    while (things < most && bytes < SLICE_BYTES) {
      Thing thing = packed.next();
      if (thing == null) {
        // What was carried to a new row meanwhile may not have been met in the old one.
        if (!packed.gather()) {
          return true;
        }
      } else {
        things++;
        bytes += thing.bytes();
        index.found(new Candidate(thing, upcasts));
      }
    }
    return false;
  }
}
