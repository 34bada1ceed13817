package dev.unifiedstorage.state;

import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list of entries, oldest first; O(1) throughout.
 *
 * <p>An entry is in one list at most and knows its place there. Most are in none, and then have
 * nothing to pay but the reference.
 */
final class EntryList {
  /** The place of one entry in one list. */
  static final class Place {
    private final EntryList list;
    private final Entry entry;
    private @Nullable Place previous;
    private @Nullable Place next;

    private Place(EntryList list, Entry entry) {
      this.list = list;
      this.entry = entry;
    }

    Entry entry() {
      return entry;
    }

    @Nullable Place next() {
      return next;
    }

    EntryList list() {
      return list;
    }
  }

  private final boolean ofDirty;
  private @Nullable Place first;
  private @Nullable Place last;
  private int size;

  EntryList(boolean ofDirty) {
    this.ofDirty = ofDirty;
  }

  /** Whether to be in this list is to be dirty. */
  boolean isOfDirty() {
    return ofDirty;
  }

  /** The place of the first entry, or null. */
  @Nullable Place first() {
    return first;
  }

  int size() {
    return size;
  }

  boolean contains(Entry entry) {
    return entry.place != null && entry.place.list == this;
  }

  void addLast(Entry entry) {
    if (entry.place != null) {
      throw new IllegalStateException("entry " + entry.thing().id() + " is in a list already");
    }
    Place place = new Place(this, entry);
    place.previous = last;
    if (last == null) {
      first = place;
    } else {
      last.next = place;
    }
    last = place;
    entry.place = place;
    size++;
  }

  void remove(Entry entry) {
    Place place = entry.place;
    if (place == null || place.list != this) {
      throw new IllegalStateException("entry " + entry.thing().id() + " is not in this list");
    }
    if (place.previous == null) {
      first = place.next;
    } else {
      place.previous.next = place.next;
    }
    if (place.next == null) {
      last = place.previous;
    } else {
      place.next.previous = place.previous;
    }
    entry.place = null;
    size--;
  }
}
