package dev.unifiedstorage.state;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Things in memory for direct use, without a store around them: created, read, updated and deleted
 * in O(1), with their versions and which of them are dirty.
 *
 * <p>Past a limit clean things leave the memory, least recently used first, and are handed to
 * {@code onEvict}; dirty ones stay. What has left still counts in {@link #size}, by its id, until a
 * thing of that id is created again.
 */
public final class InMemoryStateManager {
  private final Things things;
  private final Json json;
  private final Clock clock;
  private final Ids ids;

  /** The types of the things that have left, by id. */
  private final Map<String, String> evicted = new HashMap<>();

  public InMemoryStateManager(StateOptions options, Json json, Clock clock, Ids ids) {
    this.things = new Things(options.alsoEvicting(this::left), json);
    this.json = json;
    this.clock = clock;
    this.ids = ids;
  }

  private void left(List<Thing> gone) {
    gone.forEach(thing -> evicted.put(thing.id(), thing.type()));
  }

  /** The things themselves, for a checkpointer over them. */
  public Things things() {
    return things;
  }

  /**
   * Creates a thing from an object with a {@code $type}; {@code $id} is made unless given.
   *
   * @throws IllegalArgumentException when the type is missing or the id is taken
   */
  public Thing create(JsonObject data) {
    if (data.kind(Thing.TYPE) != JsonKind.STRING || data.string(Thing.TYPE).isEmpty()) {
      throw new IllegalArgumentException("expected a $type that is a non-empty string");
    }
    String type = data.string(Thing.TYPE);
    String id = data.kind(Thing.ID) == JsonKind.STRING ? data.string(Thing.ID) : ids.thingId(type);
    if (things.entry(id) != null) {
      throw new IllegalArgumentException("a thing with $id " + id + " exists already");
    }
    JsonObject own = own(data);
    int size = json.writer().object(own).text().length();
    Thing thing = Thing.created(id, type, Fields.of(own), clock.nowMs(), 0, size);
    countNoLonger(id);
    things.put(thing);
    return thing;
  }

  private void countNoLonger(String id) {
    String type = evicted.remove(id);
    if (type != null) {
      TypedCollection collection = things.collection(type);
      things.setEvicted(collection, collection.evicted() - 1);
    }
  }

  private JsonObject own(JsonObject data) {
    return Fields.withoutSystemFields(json.object().setAll(data));
  }

  /** The thing, or null when there is none in memory; it counts as used. */
  public Thing get(String id) {
    return things.get(id);
  }

  /**
   * The next version with the changes laid over the fields, or null when there is no such thing.
   */
  public Thing update(String id, JsonObject changes) {
    Entry entry = things.entry(id);
    if (entry == null) {
      return null;
    }
    JsonObject own = own(changes);
    int size = json.writer().object(own).text().length();
    Thing next = entry.thing().updated(Fields.of(own), clock.nowMs(), 0, size, json);
    things.put(next);
    return next;
  }

  /** Whether there was such a thing; it is gone now. */
  public boolean delete(String id) {
    return things.remove(id, 0) != null;
  }

  /** The ids of the dirty things and of the deleted ones whose deletion is not persisted. */
  public Set<String> getDirtyEntries() {
    Set<String> dirty = new LinkedHashSet<>();
    things.tombstones().forEach(tombstone -> dirty.add(tombstone.id()));
    things.forEachDirty(entry -> dirty.add(entry.thing().id()));
    return dirty;
  }

  /** Says that SQLite has these now, deletions included; unknown ids are passed over. */
  public void markClean(Collection<String> cleanIds) {
    things.markClean(cleanIds);
  }

  /** How many things exist, those that have left the memory included. */
  public int size() {
    return things.size();
  }

  /** The estimated size of the things in memory, in bytes. */
  public double estimatedBytes() {
    return things.estimatedBytes();
  }

  /** How many things and deletions are dirty. */
  public int dirtyCount() {
    return things.dirtyCount();
  }

  /** Whether more is in memory than the limits allow, because all of it is dirty. */
  public boolean isOverLimit() {
    return things.isOverLimit();
  }
}
