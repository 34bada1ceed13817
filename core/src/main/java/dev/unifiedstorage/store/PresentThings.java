package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.PackedPass;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Walk;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The things of some collections as they are at a moment that is the present one when it begins,
 * wherever each lies: in memory, in a packed row, in a row of its own.
 */
final class PresentThings implements Export.Source {
  private final List<TypedCollection> all;
  private final double atMs;
  private final Things state;
  private final ThingFinder finder;
  private final EvictedRows rows;
  private final Walk walk;
  private final PackedPass packed;

  /**
   * @param seq the last event that counts
   * @param atMs what has expired by then is passed over; 0 for nothing
   */
  PresentThings(
      List<TypedCollection> all,
      double seq,
      double atMs,
      Things state,
      ThingFinder finder,
      Json json) {
    this.all = all;
    this.atMs = atMs;
    this.state = state;
    this.finder = finder;
    List<TypedCollection> evicted = new ArrayList<>();
    for (TypedCollection collection : all) {
      if (collection.evictedRows() > 0) {
        evicted.add(collection);
      }
    }
    rows = new EvictedRows(evicted, seq, atMs, finder, json);
    walk = new Walk(all, seq, atMs, rows);
    state.begin(walk);
    packed = finder.packedPass(all, walk);
  }

  /** The way past what is in memory. */
  Walk walk() {
    return walk;
  }

  /** Passes what has expired and has left for packed rows, so that it is not counted. */
  void passExpired() {
    if (atMs == 0 || state.expiries().nearestMs() > atMs) {
      // Most of the time: no row is read to find that nothing has.
      return;
    }
    for (TypedCollection one : all) {
      if (one.mayExpire() && one.evictedEntries() > 0) {
        PackedPass pass = finder.packedPass(List.of(one), null);
        for (Thing thing = pass.next(); thing != null; thing = pass.next()) {
          if (thing.isExpired(atMs)) {
            walk.pass(Objects.requireNonNull(state.evictedEntry(thing.id())));
          }
        }
      }
    }
  }

  @Override
  public int size() {
    return walk.size() + rows.size();
  }

  @Override
  public @Nullable Thing next() {
    Thing thing = walk.nextKept();
    // Rows first: where they stand says whether what leaves the memory is still to come.
    if (thing == null) {
      thing = rows.next();
    }
    if (thing == null && walk.broken() == null) {
      thing = packed.next();
    }
    if (thing == null) {
      thing = walk.next();
    }
    if (thing == null && walk.broken() == null) {
      String late = walk.nextLate();
      thing = late == null ? null : finder.peek(late);
    }
    // What has left for packed rows meanwhile is looked for once nothing else is to be had.
    if (thing == null && walk.awaitsEvicted() && packed.gather()) {
      thing = packed.next();
    }
    return thing;
  }

  @Override
  public @Nullable String broken() {
    return walk.broken();
  }

  @Override
  public void end() {
    state.end(walk);
  }
}
