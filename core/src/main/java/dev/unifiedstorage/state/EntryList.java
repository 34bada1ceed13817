package dev.unifiedstorage.state;

/** A doubly linked list through the entries themselves, oldest first; O(1) throughout. */
final class EntryList {
  private Entry first;
  private Entry last;
  private int size;

  Entry first() {
    return first;
  }

  int size() {
    return size;
  }

  void addLast(Entry entry) {
    if (entry.list != null) {
      throw new IllegalStateException("entry " + entry.thing.id() + " is in a list already");
    }
    entry.list = this;
    entry.previousInList = last;
    if (last == null) {
      first = entry;
    } else {
      last.nextInList = entry;
    }
    last = entry;
    size++;
  }

  void remove(Entry entry) {
    if (entry.list != this) {
      throw new IllegalStateException("entry " + entry.thing.id() + " is not in this list");
    }
    if (entry.previousInList == null) {
      first = entry.nextInList;
    } else {
      entry.previousInList.nextInList = entry.nextInList;
    }
    if (entry.nextInList == null) {
      last = entry.previousInList;
    } else {
      entry.nextInList.previousInList = entry.previousInList;
    }
    entry.previousInList = null;
    entry.nextInList = null;
    entry.list = null;
    size--;
  }
}
