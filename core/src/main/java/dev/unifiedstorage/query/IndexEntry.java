package dev.unifiedstorage.query;

/**
 * One thing in an index: its order keys, and its id as the last of them.
 *
 * <p>The thing itself is found by its id, wherever it is: an index stays right when things leave
 * the memory.
 */
final class IndexEntry {
  /** What an entry takes beside its texts: itself, its arrays, its place. */
  private static final int BYTES = 64;

  private static final int KEY_BYTES = 24;

  private final Object[] keys;

  IndexEntry(Object[] keys) {
    this.keys = keys;
  }

  static IndexEntry of(IndexDefinition definition, Candidate candidate) {
    Object[] keys = new Object[definition.levels()];
    for (int i = 0; i < keys.length - 1; i++) {
      keys[i] = OrderKey.of(definition.paths().get(i).in(candidate));
    }
    keys[keys.length - 1] = candidate.thing().id();
    return new IndexEntry(keys);
  }

  Object key(int level) {
    return keys[level];
  }

  String id() {
    return (String) keys[keys.length - 1];
  }

  /** How it compares in the first levels. */
  int compareTo(Object[] others, int levels) {
    for (int i = 0; i < levels; i++) {
      int order = OrderKey.compare(keys[i], others[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** How it compares in all levels. */
  int compareTo(IndexEntry other) {
    return compareTo(other.keys, keys.length);
  }

  Object[] keys() {
    return keys;
  }

  /**
   * Takes over equal texts of its neighbour: many things share few values.
   *
   * @return whether it is the same thing
   */
  boolean share(IndexEntry neighbour) {
    for (int i = 0; i < keys.length - 1; i++) {
      if (OrderKey.compare(keys[i], neighbour.keys[i]) != 0) {
        return false;
      }
      keys[i] = neighbour.keys[i];
    }
    return id().equals(neighbour.id());
  }

  /** The estimated size, whatever is shared. */
  int bytes() {
    int bytes = BYTES;
    for (Object key : keys) {
      bytes += key instanceof String text ? KEY_BYTES + text.length() : KEY_BYTES;
    }
    return bytes;
  }
}
