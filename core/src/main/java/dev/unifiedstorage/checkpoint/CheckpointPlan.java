package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CollectionRow;
import dev.unifiedstorage.layout.LargeCollection;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.LineWriter;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Tombstone;
import dev.unifiedstorage.state.TypedCollection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one checkpoint will write, worked out before its transaction begins.
 *
 * <p>Each dirty collection is given its layout; one that crosses a threshold moves whole, old rows
 * out and new rows in, so that no thing is ever in two layouts. Making the plan changes nothing but
 * the segments' count of dying lines, which {@link PackedSegments#failed} takes back.
 */
final class CheckpointPlan {
  /** Collections larger than this do not become one row, however few their things. */
  private static final double COLUMNAR_BYTES = 1_000_000;

  /** Large collections stand in the commit record: no more of them for their number of things. */
  private static final int MAX_LARGE = 300;

  /**
   * What texts of small collections a plan holds, in characters. Where more of them are dirty than
   * that, each text is made when it is written and once more when it has been: a store of many
   * small collections would else be in memory twice.
   */
  private static final double KEPT_CHARS = 4_000_000;

  final double tx;
  private final double seq;

  /** The collections that become a row each. */
  final List<TypedCollection> columnar = new ArrayList<>();

  final List<String> removedColumnar = new ArrayList<>();
  final List<Entry> normalized = new ArrayList<>();
  final List<String> deletedThings = new ArrayList<>();
  final List<String> emptiedThings = new ArrayList<>();
  final Map<String, LargeCollection> large;
  final PackedRows packed;

  private final Things state;
  private final PackedSegments segments;
  private final TableReader reader;
  private final Json json;
  private final int columnarThreshold;
  private final Layout largeLayout;
  private int largeCount;
  private final Map<TypedCollection, String> bodies = new HashMap<>();
  private double keptChars;

  /**
   * @param seq the event that the rows have the state up to
   */
  CheckpointPlan(
      double tx,
      double seq,
      Things state,
      PackedSegments segments,
      TableReader reader,
      Json json,
      Map<String, LargeCollection> large,
      int columnarThreshold,
      Layout largeLayout) {
    this.tx = tx;
    this.seq = seq;
    this.state = state;
    this.segments = segments;
    this.reader = reader;
    this.json = json;
    this.large = new HashMap<>(large);
    this.largeCount = large.size();
    this.packed = new PackedRows(json);
    this.columnarThreshold = columnarThreshold;
    this.largeLayout = largeLayout;
  }

  void make(Map<String, LargeCollection> current) {
    Map<TypedCollection, List<Entry>> dirty = new HashMap<>();
    state.forEachDirty(
        entry -> dirty.computeIfAbsent(entry.collection(), key -> new ArrayList<>()).add(entry));
    List<TypedCollection> collections = new ArrayList<>();
    for (TypedCollection collection : state.collections()) {
      if (collection.isDirty()) {
        collections.add(collection);
      }
    }
    // Layouts first: whether a deletion needs a row depends on where the id lives now.
    Map<TypedCollection, Layout> layouts = new HashMap<>();
    for (TypedCollection collection : collections) {
      Layout from = layoutOf(current, collection.type());
      Layout to = decide(collection, from);
      String body = to == Layout.COLUMNAR ? columnarBody(collection) : null;
      if (body != null && json.utf8Length(body) > Tables.ROW_LIMIT_BYTES) {
        to = largeLayout;
      } else if (body != null && keptChars + body.length() <= KEPT_CHARS) {
        keptChars += body.length();
        bodies.put(collection, body);
      }
      layouts.put(collection, to);
    }
    state.tombstones().forEach(tombstone -> addDeletion(tombstone, layouts));
    for (TypedCollection collection : collections) {
      Layout from = layoutOf(current, collection.type());
      List<Entry> changed = dirty.getOrDefault(collection, List.of());
      Layout to = Objects.requireNonNull(layouts.get(collection));
      add(collection, from, to, changed);
    }
    if (!packed.isEmpty() && segments.needCleaning()) {
      carryOldest(layouts);
    }
  }

  static Layout layoutOf(Map<String, LargeCollection> large, String type) {
    LargeCollection collection = large.get(type);
    return collection == null ? Layout.COLUMNAR : collection.layout();
  }

  /**
   * The layout a collection should have; it grows out of one row sooner than it shrinks into one.
   */
  private Layout decide(TypedCollection collection, Layout from) {
    int size = collection.size();
    if (from == Layout.COLUMNAR) {
      boolean few = size < columnarThreshold || largeCount >= MAX_LARGE;
      if (size == 0 || (few && collection.bytes() <= COLUMNAR_BYTES)) {
        return Layout.COLUMNAR;
      }
      largeCount++;
      return largeLayout;
    }
    if (collection.evicted() > 0) {
      // It can only move as a whole, and part of it is not here.
      return from;
    }
    boolean small = size <= columnarThreshold / 2 && collection.bytes() <= COLUMNAR_BYTES / 2;
    return small ? Layout.COLUMNAR : largeLayout;
  }

  /** The row that a small collection becomes. */
  CollectionRow columnarRow(TypedCollection collection) {
    String kept = bodies.get(collection);
    return new CollectionRow(collection.type(), tx, kept == null ? columnarBody(collection) : kept);
  }

  private String columnarBody(TypedCollection collection) {
    LineWriter body = json.lines();
    collection.forEach(entry -> body.add(ThingLine.write(entry.thing(), json)));
    return body.text();
  }

  private void addDeletion(Tombstone tombstone, Map<TypedCollection, Layout> layouts) {
    Entry successor = state.entry(tombstone.id());
    Layout now = successor == null ? null : layouts.get(successor.collection());
    if (tombstone.segmentSlot() != 0) {
      segments.dies(tombstone.segmentSlot());
      // A packed successor's line would do, until its collection moves and the line counts no more.
      packed.addDeletion(tombstone.id());
    }
    if (tombstone.hasRow() && now != Layout.NORMALIZED) {
      deletedThings.add(tombstone.id());
    }
  }

  private void add(TypedCollection collection, Layout from, Layout to, List<Entry> changed) {
    boolean moves = from != to;
    if (moves) {
      leave(collection, from);
    }
    if (to == Layout.COLUMNAR) {
      large.remove(collection.type());
      if (collection.size() == 0) {
        removedColumnar.add(collection.type());
      } else {
        columnar.add(collection);
      }
      return;
    }
    List<Entry> entries = changed;
    if (moves) {
      entries = new ArrayList<>();
      collection.forEach(entries::add);
    }
    for (Entry entry : entries) {
      if (to == Layout.NORMALIZED) {
        normalized.add(entry);
      } else {
        if (!moves) {
          segments.dies(entry.segmentSlot());
        }
        packed.addThing(entry, ThingLine.write(entry.thing(), json));
      }
    }
    double since = moves ? tx : Objects.requireNonNull(large.get(collection.type())).sinceTx();
    large.put(
        collection.type(),
        new LargeCollection(
            to,
            since,
            collection.size(),
            collection.mayExpire(),
            to == Layout.NORMALIZED ? seq : Double.POSITIVE_INFINITY));
  }

  /** Voids what the old layout holds of a collection that moves. */
  private void leave(TypedCollection collection, Layout from) {
    switch (from) {
      case COLUMNAR -> removedColumnar.add(collection.type());
      case NORMALIZED -> emptiedThings.add(collection.type());
      case PACKED -> collection.forEach(entry -> segments.dies(entry.segmentSlot()));
    }
  }

  private @Nullable Entry entry(String id) {
    Entry entry = state.entry(id);
    return entry != null ? entry : state.evictedEntry(id);
  }

  private void carryOldest(Map<TypedCollection, Layout> layouts) {
    int[] carried = {0};
    // As much as is appended, or the dead would grow without a bound beside what is cold.
    double most = Math.max(PackedSegments.CARRY_BYTES, packed.chars());
    for (PackedSegments.Segment segment : segments.oldestFirst()) {
      if (carried[0] >= most) {
        return;
      }
      if (segment.living == segment.dying) {
        continue;
      }
      String body = reader.segment(segment.slot).body();
      String row = SegmentRow.name(segment.slot);
      int start = 0;
      while (start < body.length() && carried[0] < most) {
        int end = json.indexOf(body, '\n', start);
        if (body.charAt(start) == '"') {
          String quotedId = ThingLine.quotedId(body, start, end, json, row);
          Entry entry = entry(ThingLine.unquote(quotedId, json));
          if (entry != null
              && !entry.isDirty()
              && entry.segmentSlot() == segment.slot
              && layouts.getOrDefault(entry.collection(), Layout.PACKED) == Layout.PACKED) {
            packed.addThing(entry, body.substring(start, end));
            segments.dies(segment.slot);
            carried[0] += end - start;
          }
        }
        start = end + 1;
      }
    }
  }
}
