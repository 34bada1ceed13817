package dev.unifiedstorage.state;

import dev.unifiedstorage.port.IdMap;
import dev.unifiedstorage.port.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The things in memory, and which of them SQLite does not have yet.
 *
 * <p>Every operation is O(1). What is dirty is never evicted; clean entries leave the memory least
 * recently used first, only when a limit is passed, and only from collections that can be read
 * back. A deletion leaves a {@link Tombstone} until a checkpoint has persisted it.
 */
public final class Things {
  /** What stays of an evicted thing beside its id: its entry, and its place in the map. */
  private static final int EVICTED_BYTES = 130;

  private StateOptions options;
  private final Json json;

  private final IdMap<Entry> entries;

  // These two are walked, and their order is that of rows: it must not depend on hash codes, which
  // every form the core is compiled to treats in its own way.
  private final Map<String, TypedCollection> collections = new LinkedHashMap<>();
  private final Map<String, Tombstone> tombstones = new LinkedHashMap<>();

  private final EntryList dirtyEntries = new EntryList(true);
  private Eviction eviction;
  private final Deletions deletions;
  private final Expiries expiries;
  private @Nullable WriteListener writes;
  private double bytes;
  private double dirtyBytes;
  private int evictedCount;

  /** Those of the evicted that have an entry, and what these take. */
  private int evictedEntries;

  private double evictedBytes;

  /** How many collections are dirty whose things have no rows of their own. */
  private int sharedRowsDirty;

  private double rewriteMs;
  private int rewrites;

  /** The walks under way, by their bits; null while there is none. */
  private Walk @Nullable [] walks;

  public Things(StateOptions options, Json json) {
    this(options, json, 0);
  }

  /**
   * @param deletionsKept how many deletions are kept for subscribers that come back
   */
  public Things(StateOptions options, Json json, int deletionsKept) {
    this.options = options;
    this.deletions = new Deletions(deletionsKept);
    this.json = json;
    this.entries = json.map();
    this.eviction = new Eviction(options);
    this.expiries = new Expiries(json);
  }

  /** Has clean things leave, from now on, past so many estimated bytes; there are none yet. */
  public void limitTo(double maxBytes) {
    options = options.withMaxBytes(maxBytes);
    eviction = new Eviction(options);
  }

  /** The thing, or null; it counts as used. */
  public @Nullable Thing get(String id) {
    Entry entry = entry(id);
    if (entry == null) {
      return null;
    }
    eviction.touch(entry);
    return entry.thing();
  }

  /** Says that SQLite has these now, deletions included; unknown ids are passed over. */
  public void markClean(Collection<String> cleanIds) {
    for (String id : cleanIds) {
      tombstones.remove(id);
      Entry entry = entries.get(id);
      if (entry != null && entry.isDirty()) {
        markClean(entry);
      }
    }
    evictOverLimit();
  }

  // ---- what there is

  /** How many things exist, evicted ones included. */
  public int size() {
    return entries.size() + evictedCount - evictedEntries;
  }

  /** How many of them are in memory. */
  public int sizeInMemory() {
    return entries.size() - evictedEntries;
  }

  public int evictedCount() {
    return evictedCount;
  }

  /** Whether there are evicted things of which only their own rows know. */
  public boolean hasEvictedRows() {
    return evictedCount > evictedEntries;
  }

  /** Whether a thing that is not in memory may be in SQLite alone, as far as is known here. */
  public boolean isPerhapsEvicted(String id) {
    return hasEvictedRows() || evictedEntry(id) != null;
  }

  /** The estimated size of the things in memory, and of what stays of those that have left. */
  public double estimatedBytes() {
    return bytes + evictedBytes;
  }

  /** How many things and deletions SQLite does not have. */
  public int dirtyCount() {
    return dirtyEntries.size() + tombstones.size();
  }

  /** The estimated size of the dirty things. */
  public double dirtyBytes() {
    return dirtyBytes;
  }

  /**
   * How many rows of single things a checkpoint would write, where it would write no others; else
   * 0.
   */
  public int dirtyOwnRows() {
    return sharedRowsDirty == 0 ? dirtyCount() : 0;
  }

  /**
   * How many of these rows would have been spared if the last checkpoint came now: their things had
   * just been written then, and are written again.
   */
  public int rewrites() {
    return rewrites;
  }

  /** Says how soon a thing has to be written again to count as one of {@link #rewrites}. */
  public void countRewritesWithin(double ms) {
    rewriteMs = ms;
  }

  /** When things expire. */
  public Expiries expiries() {
    return expiries;
  }

  /** The entry of a thing in memory, or null; it does not count as used. */
  public @Nullable Entry entry(String id) {
    Entry entry = entries.get(id);
    return entry != null && entry.isEvicted() ? null : entry;
  }

  /** The entry of a thing that has left for a packed row, or null. */
  public @Nullable Entry evictedEntry(String id) {
    Entry entry = evictedEntries == 0 ? null : entries.get(id);
    return entry != null && entry.isEvicted() ? entry : null;
  }

  /** The unpersisted deletion of a thing, or null. */
  public @Nullable Tombstone tombstone(String id) {
    // Mostly there is none at all, and hashing an id is not free.
    return tombstones.isEmpty() ? null : tombstones.get(id);
  }

  public Collection<Tombstone> tombstones() {
    return tombstones.values();
  }

  /** The newest deletions, for those who follow. */
  public Deletions deletions() {
    return deletions;
  }

  public Collection<TypedCollection> collections() {
    return collections.values();
  }

  /** The collection of a type, or null when there is none. */
  public @Nullable TypedCollection existingCollection(String type) {
    return collections.get(type);
  }

  /**
   * The collection of a type, if there is one, or those that there are now.
   *
   * @param type null for all
   */
  public List<TypedCollection> collectionsOf(@Nullable String type) {
    if (type == null) {
      return List.copyOf(collections.values());
    }
    TypedCollection collection = collections.get(type);
    return collection == null ? List.of() : List.of(collection);
  }

  /** The collection of a type, made when there is none. */
  public TypedCollection collection(String type) {
    TypedCollection collection = collections.get(type);
    if (collection == null) {
      collection = new TypedCollection(type, options.evictByDefault());
      collections.put(type, collection);
    }
    return collection;
  }

  /** Visits the dirty entries, longest dirty first; the visitor must not change any. */
  public void forEachDirty(Consumer<Entry> visitor) {
    for (EntryList.Place at = dirtyEntries.first(); at != null; at = at.next()) {
      visitor.accept(at.entry());
    }
  }

  /**
   * Visits the entries in memory of what an event behind that one has made what it is, some of them
   * twice. It looks at what is dirty and at rows that are newer, however much else there is.
   *
   * @param type null for all
   */
  public void forEachNewerThan(double seq, @Nullable String type, Consumer<Entry> visitor) {
    Consumer<Entry> newer =
        entry -> {
          boolean counts = type == null || type.equals(entry.collection.type());
          if (counts && entry.isNewerThan(seq)) {
            visitor.accept(entry);
          }
        };
    collectionsOf(type).forEach(collection -> collection.forEachInRowsBehind(seq, newer));
    // What is dirty may lie in an older row.
    forEachDirty(newer);
  }

  // ---- the store's writes

  /** What it takes to take one write back. */
  private final class UndoWrite implements Undo {
    private final String id;
    private final @Nullable Entry entry;
    private final @Nullable Thing thing;
    private final boolean dirty;
    private final @Nullable Tombstone tombstone;

    private UndoWrite(
        String id,
        @Nullable Entry entry,
        @Nullable Thing thing,
        boolean dirty,
        @Nullable Tombstone tombstone) {
      this.id = id;
      this.entry = entry;
      this.thing = thing;
      this.dirty = dirty;
      this.tombstone = tombstone;
    }

    @Override
    public void undo() {
      takeBack(this);
    }

    @Override
    public @Nullable Thing before() {
      if (entry == null || thing != null) {
        return thing;
      }
      return Objects.requireNonNull(entry.row).thing(entry.start(), entry.collection.type());
    }
  }

  /** Puts a new thing, or the next version of one that is in memory; it is dirty then. */
  public Undo put(Thing thing) {
    Entry entry = present(thing.id());
    UndoWrite undo = undoOf(thing.id(), entry);
    Thing older = watched(entry);
    if (entry == null) {
      entry = new Entry(collection(thing.type()), thing);
      link(thing.id(), entry, entry.bytes());
    } else {
      changes(entry);
      rewrites += isWrittenAgain(entry, thing.updatedAtMs()) ? 1 : 0;
      replace(entry, thing);
    }
    entry.collection.changedBy(thing.seq());
    markDirty(entry);
    expires(entry.collection, thing.id(), thing.expiresAtMs());
    tell(entry, older, thing);
    if (writes != null) {
      writes.wrote(thing.id(), older, thing, thing.seq());
    }
    evictOverLimit();
    return undo;
  }

  /**
   * Puts a thing as a state had it behind an event; what changed others of its type up to there is
   * not known one by one.
   */
  public void putAsOf(double seq, Thing thing) {
    put(thing);
    collection(thing.type()).changedBy(seq);
  }

  /** The entry of a thing that is about to change, which needs the version that there is. */
  private @Nullable Entry present(String id) {
    Entry entry = entries.get(id);
    if (entry != null && entry.isEvicted()) {
      throw new IllegalStateException("thing " + id + " is changed while it is not in memory");
    }
    return entry;
  }

  /**
   * Removes a thing that is in memory; null when there is none.
   *
   * @param atMs when the event that removes it happened
   */
  public @Nullable Undo remove(String id, double seq, double atMs) {
    Entry entry = present(id);
    if (entry == null) {
      return null;
    }
    UndoWrite undo = undoOf(id, entry);
    Tombstone older = undo.tombstone;
    int slot =
        entry.segmentSlot() != 0 || older == null ? entry.segmentSlot() : older.segmentSlot();
    boolean row = entry.hasRow() || (older != null && older.hasRow());
    Thing removed = watched(entry);
    changes(entry);
    if (isWrittenAgain(entry, atMs)) {
      // What was made and is gone between two checkpoints takes no row.
      rewrites += entry.thing().version() == 1 ? 2 : 1;
    }
    unlink(id, entry);
    entry.collection.changedBy(seq);
    becameDirty(entry.collection);
    tombstones.put(id, new Tombstone(id, seq, slot, row));
    deletions.add(new Deletion(id, entry.collection.type(), seq));
    expires(entry.collection, id, 0);
    tell(entry, removed, null);
    if (writes != null) {
      writes.wrote(id, removed, null, seq);
    }
    return undo;
  }

  /** Whether a write at that time is the second row of a thing within a short time. */
  private boolean isWrittenAgain(Entry entry, double atMs) {
    return entry.hasRow()
        && !entry.isDirty()
        && entry.thing != null
        && atMs - entry.thing.updatedAtMs() < rewriteMs;
  }

  /** The event that removed a thing which is there no more. */
  private double removedBy(String id) {
    return Objects.requireNonNull(tombstones.get(id)).seq();
  }

  private void takeBack(UndoWrite undo) {
    if (walks != null) {
      forEachWalk(Walk::undone);
    }
    Entry current = entries.get(undo.id);
    Thing newer = watched(current);
    if (writes != null) {
      writes.undone(newer != null ? newer.seq() : removedBy(undo.id));
    }
    if (current != null && current != undo.entry) {
      unlink(undo.id, current);
      becameDirty(current.collection);
      expires(current.collection, undo.id, 0);
      tell(current, newer, null);
      newer = null;
    }
    if (undo.entry != null) {
      if (current == null) {
        deletions.takeBack(removedBy(undo.id));
      }
      if (current == undo.entry) {
        replace(current, undo.thing);
        if (!undo.dirty) {
          markClean(current);
        }
      } else {
        undo.entry.thing = undo.thing;
        link(undo.id, undo.entry, undo.entry.bytes());
        if (undo.dirty) {
          markDirty(undo.entry);
        } else {
          becameClean(undo.entry);
        }
      }
      TypedCollection collection = undo.entry.collection;
      // A walk over what expires may have found that nothing of the type does any more.
      expires(collection, undo.id, undo.entry.expiresAtMs());
      tell(undo.entry, newer, watched(undo.entry));
    }
    if (undo.tombstone == null) {
      tombstones.remove(undo.id);
    } else {
      tombstones.put(undo.id, undo.tombstone);
    }
  }

  // ---- loading and checkpoints

  /** Adds a thing as SQLite has it: clean. */
  public Entry load(Thing thing) {
    return load(thing, null);
  }

  private Entry load(Thing thing, @Nullable AwayRow row) {
    if (entries.get(thing.id()) != null) {
      throw new IllegalStateException("thing " + thing.id() + " is loaded already");
    }
    thing.fields().compact(json);
    Entry entry = new Entry(collection(thing.type()), thing);
    entry.row = row;
    link(thing.id(), entry, entry.bytes());
    expires(entry.collection, thing.id(), thing.expiresAtMs());
    becameClean(entry);
    return entry;
  }

  /**
   * Adds a thing that stays in its row until it is asked for: clean.
   *
   * @param length its line's
   * @param expiresAtMs 0 when it stays
   * @return what had been loaded under this id and has made room, or null
   */
  public @Nullable Entry load(
      String id,
      TypedCollection collection,
      StoredRow row,
      int start,
      int length,
      double expiresAtMs) {
    Entry older = unload(id);
    Entry entry = new Entry(collection, row, start);
    link(id, entry, entry.bytesOf(length));
    expires(collection, id, expiresAtMs);
    becameClean(entry);
    return older;
  }

  /** Adds a thing as its own row of the normalized layout has it: clean. */
  public Entry loadNormalized(Thing thing) {
    return load(thing, AwayRow.NORMALIZED);
  }

  /** Whether a thing that is loaded may stay in memory as well as in its row. */
  public boolean hasRoom() {
    return eviction.hasRoom(sizeInMemory(), bytes, evictedBytes);
  }

  /**
   * Adds a thing that lies in a packed row whose text is not kept: clean.
   *
   * @return what had been loaded under its id and has made room, or null
   */
  public @Nullable Entry load(Thing thing, AwayRow row, int start) {
    Entry older = unload(thing.id());
    load(thing, row).liesIn(row, start);
    return older;
  }

  /**
   * Adds a thing that stays in its packed row, whose text is not kept: evicted.
   *
   * @param expiresAtMs 0 when it stays
   * @return what had been loaded under this id and has made room, or null
   */
  public @Nullable Entry loadEvicted(
      String id, TypedCollection collection, AwayRow row, int start, double expiresAtMs) {
    Entry older = unload(id);
    Entry entry = new Entry(collection, row, start);
    entries.put(id, entry);
    addEvicted(id, entry);
    expires(collection, id, expiresAtMs);
    return older;
  }

  /**
   * Brings an evicted thing back from its row. It stays at least until the next write or {@link
   * #evictOverLimit}, so that what is read back in order to be changed is there to be changed.
   */
  public Entry reload(Thing thing) {
    Entry entry = loadNormalized(thing);
    entry.collection.setEvicted(entry.collection.evicted() - 1);
    evictedCount--;
    if (walks != null) {
      forEachWalk(walk -> walk.returns(entry, thing));
    }
    if (entry.collection.listener() != null) {
      entry.collection.listener().moved(thing);
    }
    return entry;
  }

  /** Brings an evicted thing back that has an entry, as its row has it; else the same. */
  public Entry reload(Entry entry, Thing thing) {
    removeEvicted(thing.id(), entry);
    thing.fields().compact(json);
    entry.thing = thing;
    int entryBytes = entry.bytes();
    entry.collection.add(entry, entryBytes);
    bytes += entryBytes;
    becameClean(entry);
    if (walks != null) {
      forEachWalk(walk -> walk.returns(entry));
    }
    if (entry.collection.listener() != null) {
      entry.collection.listener().moved(thing);
    }
    return entry;
  }

  private void addEvicted(String id, Entry entry) {
    entry.collection.addEvicted(entry);
    entry.awayRow().addEvicted(1);
    evictedCount++;
    evictedEntries++;
    evictedBytes += id.length() + EVICTED_BYTES;
  }

  private void removeEvicted(String id, Entry entry) {
    entry.collection.removeEvicted(entry);
    entry.awayRow().addEvicted(-1);
    evictedCount--;
    evictedEntries--;
    evictedBytes -= id.length() + EVICTED_BYTES;
  }

  /** Removes a loaded thing without a trace: a later row says that it was deleted. */
  public @Nullable Entry unload(String id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      if (entry.isEvicted()) {
        removeEvicted(id, entry);
        entries.remove(id);
      } else {
        unlink(id, entry);
      }
      expires(entry.collection, id, 0);
    }
    return entry;
  }

  /** Says how many things of a type are in SQLite alone, when loading left them there. */
  public void setEvicted(TypedCollection collection, int count) {
    evictedCount += count - collection.evicted();
    collection.setEvicted(count);
  }

  /** Allows or forbids that clean entries of a collection leave the memory. */
  public void setEvictable(TypedCollection collection, boolean allowed) {
    if (collection.isEvictable() == allowed) {
      return;
    }
    collection.setEvictable(allowed);
    collection.forEach(
        entry -> {
          if (!allowed) {
            eviction.exclude(entry);
          } else if (!entry.isDirty()) {
            becameClean(entry);
          }
        });
  }

  /** Says that a checkpoint has written an entry, and where: from now on it lies there. */
  public void stored(Entry entry, StoredRow row, int start, int length) {
    int before = entry.bytes();
    entry.collection.moves(entry, row, start);
    entry.thing = null;
    resized(entry, entry.bytesOf(length) - before);
  }

  /** Says that a checkpoint has written an entry to its own row of the normalized layout. */
  public void storedNormalized(Entry entry) {
    stored(entry, entry.thing(), AwayRow.NORMALIZED, 0);
  }

  /**
   * Says that a checkpoint has written an entry to a row whose text is not kept, and where in it.
   *
   * @param thing the version in it, which stays in memory until it has to leave
   */
  public void stored(Entry entry, Thing thing, AwayRow row, int start) {
    int before = entry.bytes();
    thing.fields().compact(json);
    entry.thing = thing;
    entry.collection.moves(entry, row, start);
    resized(entry, entry.bytes() - before);
  }

  /** Says that the line of an evicted entry has been carried to another row. */
  public void carried(Entry entry, AwayRow row, int start) {
    entry.awayRow().addEvicted(-1);
    entry.collection.movesEvicted(entry, row, start);
    row.addEvicted(1);
  }

  /** Says that a checkpoint has persisted everything there is. */
  public void checkpointed() {
    while (dirtyEntries.first() != null) {
      markClean(dirtyEntries.first().entry());
    }
    tombstones.clear();
    sharedRowsDirty = 0;
    rewrites = 0;
    List<String> empty = new ArrayList<>();
    for (TypedCollection collection : collections.values()) {
      collection.setDirty(false);
      if (collection.size() == 0 && collection.listener() == null) {
        empty.add(collection.type());
      }
    }
    for (String type : empty) {
      collections.remove(type);
    }
    evictOverLimit();
  }

  /**
   * Holds nothing any more, because the store was deleted; who follows its things is told.
   *
   * @param seq the last event before that
   */
  public void empty(double seq) {
    WriteListener told = writes;
    if (told != null && evictedCount == 0) {
      for (TypedCollection collection : collections.values()) {
        collection.forEach(entry -> told.wrote(entry.id(), entry.thing(), null, seq));
      }
    } else if (told != null) {
      // What is not in memory could not be named.
      told.cleared();
    }
    forget();
    deletions.forgetUpTo(seq);
  }

  /** Forgets everything, as if never loaded. */
  public void clear() {
    if (writes != null) {
      writes.cleared();
    }
    forget();
  }

  private void forget() {
    if (walks != null) {
      forEachWalk(walk -> walk.breakOff("the state is made anew"));
    }
    for (TypedCollection collection : collections.values()) {
      if (collection.listener() != null) {
        collection.listener().cleared();
      }
    }
    entries.clear();
    collections.clear();
    tombstones.clear();
    deletions.clear();
    while (dirtyEntries.first() != null) {
      dirtyEntries.remove(dirtyEntries.first().entry());
    }
    eviction.clear();
    expiries.clear();
    bytes = 0;
    dirtyBytes = 0;
    sharedRowsDirty = 0;
    rewrites = 0;
    evictedCount = 0;
    evictedEntries = 0;
    evictedBytes = 0;
  }

  // ---- walks

  /** Begins to tell a walk of writes; false when there are as many as there can be. */
  public boolean begin(Walk walk) {
    if (walks == null) {
      walks = new Walk[Walk.MOST];
    }
    for (int i = 0; i < walks.length; i++) {
      if (walks[i] == null) {
        walks[i] = walk;
        walk.begin(Walk.FIRST_BIT + i);
        return true;
      }
    }
    return false;
  }

  /** Forgets a walk. */
  public void end(Walk walk) {
    boolean any = false;
    for (int i = 0; walks != null && i < walks.length; i++) {
      if (walks[i] == walk) {
        walks[i] = null;
        walk.forget();
      }
      any |= walks[i] != null;
    }
    if (!any) {
      walks = null;
    }
  }

  private void forEachWalk(Consumer<Walk> visitor) {
    for (Walk walk : Objects.requireNonNull(walks)) {
      if (walk != null) {
        visitor.accept(walk);
      }
    }
  }

  /** Says that a thing is about to have another version, or to be removed. */
  private void changes(Entry entry) {
    if (walks != null) {
      forEachWalk(walk -> walk.changes(entry));
    }
  }

  // ---- entries

  private UndoWrite undoOf(String id, @Nullable Entry entry) {
    Tombstone tombstone = tombstone(id);
    return entry == null
        ? new UndoWrite(id, null, null, false, tombstone)
        : new UndoWrite(id, entry, entry.thing, entry.isDirty(), tombstone);
  }

  /** What a listener is told was there: nothing has to be read for it where there is none. */
  private @Nullable Thing watched(@Nullable Entry entry) {
    return entry == null || (writes == null && entry.collection.listener() == null)
        ? null
        : entry.thing();
  }

  /** Has a listener told of every write from now on; null for no listener. */
  public void setWriteListener(@Nullable WriteListener listener) {
    writes = listener;
  }

  private static void tell(Entry entry, @Nullable Thing older, @Nullable Thing newer) {
    CollectionListener listener = entry.collection.listener();
    if (listener != null) {
      listener.changed(older, newer);
    }
  }

  /** Keeps when a thing that exists expires; 0 for not at all, or because it is gone. */
  private void expires(TypedCollection collection, String id, double atMs) {
    if (atMs != 0) {
      collection.setMayExpire(true);
    } else if (!collection.mayExpire()) {
      return;
    }
    expiries.set(id, collection, atMs);
  }

  private void link(String id, Entry entry, int entryBytes) {
    entries.put(id, entry);
    entry.collection.add(entry, entryBytes);
    bytes += entryBytes;
  }

  private void unlink(String id, Entry entry) {
    entries.remove(id);
    leaveMemory(entry);
  }

  /** Takes an entry out of everything that counts and orders what is in memory. */
  private void leaveMemory(Entry entry) {
    int entryBytes = entry.bytes();
    entry.collection.remove(entry, entryBytes);
    bytes -= entryBytes;
    if (entry.isDirty()) {
      dirtyBytes -= entryBytes;
    }
    if (entry.place != null) {
      entry.place.list().remove(entry);
    }
  }

  /** Puts another version in; null for the one in the entry's row. */
  private void replace(Entry entry, @Nullable Thing thing) {
    int before = entry.bytes();
    entry.thing = thing;
    resized(entry, entry.bytes() - before);
  }

  private void resized(Entry entry, int growth) {
    entry.collection.resize(growth);
    bytes += growth;
    if (entry.isDirty()) {
      dirtyBytes += growth;
    }
  }

  private void becameDirty(TypedCollection collection) {
    if (!collection.isDirty() && !collection.hasOwnRows()) {
      sharedRowsDirty++;
    }
    collection.setDirty(true);
  }

  private void markDirty(Entry entry) {
    becameDirty(entry.collection);
    if (entry.isDirty()) {
      return;
    }
    if (entry.place != null) {
      entry.place.list().remove(entry);
    }
    dirtyBytes += entry.bytes();
    dirtyEntries.addLast(entry);
  }

  private void markClean(Entry entry) {
    dirtyEntries.remove(entry);
    dirtyBytes -= entry.bytes();
    becameClean(entry);
  }

  private void becameClean(Entry entry) {
    eviction.include(entry);
  }

  /**
   * Whether more is in memory than the limits allow. What no row has yet is there as an object and
   * as text: it is counted twice.
   */
  public boolean isOverLimit() {
    return eviction.isOver(sizeInMemory(), bytes, evictedBytes + dirtyBytes);
  }

  /** Evicts clean entries until the limits hold, or none is left. */
  public void evictOverLimit() {
    if (!isOverLimit()) {
      return;
    }
    List<Thing> evicted = new ArrayList<>();
    while (isOverLimit() && eviction.oldest() != null) {
      Entry entry = eviction.oldest();
      Thing thing = entry.thing();
      if (walks != null) {
        forEachWalk(walk -> walk.leaves(entry, thing));
      }
      leave(entry, thing);
      evicted.add(thing);
      if (entry.collection.listener() != null) {
        entry.collection.listener().moved(thing);
      }
    }
    if (!evicted.isEmpty()) {
      options.onEvict().accept(evicted);
    }
  }

  /** Lets a thing go; of one in a packed row the entry stays, and says where it is. */
  private void leave(Entry entry, Thing thing) {
    String id = thing.id();
    if (entry.isPlaced()) {
      leaveMemory(entry);
      entry.thing = null;
      addEvicted(id, entry);
    } else {
      unlink(id, entry);
      entry.collection.setEvicted(entry.collection.evicted() + 1);
      evictedCount++;
    }
  }
}
