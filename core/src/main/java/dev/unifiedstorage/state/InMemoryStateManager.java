package dev.unifiedstorage.state;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Platform;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things in memory for direct use, without a store around them: created, read, updated and deleted
 * in O(1), with their versions and which of them are dirty.
 *
 * <p>Past a limit clean things leave the memory, least recently used first, and are handed to
 * {@code onEvict}; dirty ones stay. What has left still counts in {@link #size}, by its id, until a
 * thing of that id is created again.
 */
public final class InMemoryStateManager implements DirtyTracker {
  private final Things things;
  private final Json json;
  private final Clock clock;
  private final Ids ids;

  /** The types of the things that have left, by id. */
  private final Map<String, String> evicted = new HashMap<>();

  /** A builder, with the seed's options; no limits unless they are given. */
  public static Builder builder() {
    return new Builder();
  }

  InMemoryStateManager(StateOptions options, Json json, Clock clock, Ids ids) {
    this.things = new Things(options.alsoEvicting(this::left), json);
    this.json = json;
    this.clock = clock;
    this.ids = ids;
  }

  private void left(List<Thing> gone) {
    gone.forEach(thing -> evicted.put(thing.id(), thing.type()));
  }

  /** The things themselves. */
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
      boolean absent = data.kind(Thing.TYPE) == JsonKind.ABSENT;
      throw new IllegalArgumentException(
          "$type must be a string that is not empty, got "
              + (absent ? "nothing" : json.writer().value(data.value(Thing.TYPE)).text()));
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

  /** Adds a thing as SQLite or the archive has it, such as a recovery found it: it is clean. */
  public void load(Thing thing) {
    countNoLonger(thing.id());
    things.load(thing);
    things.evictOverLimit();
  }

  /** The thing, or null when there is none in memory; it counts as used. */
  @Override
  public @Nullable Thing get(String id) {
    return things.get(id);
  }

  /**
   * The next version with the changes laid over the fields, or null when there is no such thing.
   */
  public @Nullable Thing update(String id, JsonObject changes) {
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
    return things.remove(id, 0, clock.nowMs()) != null;
  }

  /** The ids of the dirty things and of the deleted ones whose deletion is not persisted. */
  @Override
  public Set<String> getDirtyEntries() {
    Set<String> dirty = new LinkedHashSet<>();
    things.tombstones().forEach(tombstone -> dirty.add(tombstone.id()));
    things.forEachDirty(entry -> dirty.add(entry.thing().id()));
    return dirty;
  }

  /** Says that SQLite has these now, deletions included; unknown ids are passed over. */
  @Override
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
  @Override
  public int getDirtyCount() {
    return things.dirtyCount();
  }

  /** The estimated size of the dirty things, in bytes. */
  @Override
  public double getDirtyBytes() {
    return things.dirtyBytes();
  }

  /** Whether more is in memory than the limits allow, because all of it is dirty. */
  public boolean isOverLimit() {
    return things.isOverLimit();
  }

  /** The options of a manager; {@link #on} is required. */
  public static final class Builder {
    private Platform platform;
    private int maxEntries;
    private double maxBytes;
    private Consumer<List<Thing>> onEvict = things -> {};

    @SuppressWarnings("NullAway.Init") // null until it is given: build() asks for what is required
    private Builder() {}

    /** The platform it runs on. */
    public Builder on(Platform runsOn) {
      platform = runsOn;
      return this;
    }

    /**
     * Things in memory before clean ones are evicted, least recently used first; 0 for no limit.
     */
    public Builder maxEntries(int entries) {
      maxEntries = entries;
      return this;
    }

    /** Estimated bytes in memory before the same happens; 0 for no limit. */
    public Builder maxBytes(double bytes) {
      maxBytes = bytes;
      return this;
    }

    /** Receives what was evicted, in one call an operation; null, the default, for no one. */
    public Builder onEvict(@Nullable Consumer<List<Thing>> receiver) {
      onEvict = receiver == null ? things -> {} : receiver;
      return this;
    }

    /**
     * The manager that these options describe.
     *
     * @throws NullPointerException when {@link #on} is missing
     * @throws IllegalArgumentException naming a limit that is negative
     */
    public InMemoryStateManager build() {
      Objects.requireNonNull(platform, "on(platform) is required");
      return new InMemoryStateManager(
          new StateOptions(maxEntries, maxBytes, true, onEvict),
          platform.json(),
          platform.clock(),
          platform.ids());
    }
  }
}
