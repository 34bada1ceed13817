package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * A map from ids to objects, the host's own.
 *
 * <p>It has no order, because it is never walked. It is a port because a Java map keeps an object
 * for each of its entries and one for each of its keys, and the Worker's host needs neither.
 */
public interface IdMap<V> {
  /** The object, or null. */
  @Nullable V get(String id);

  /** Puts an object under an id, in the place of what is there. */
  void put(String id, V value);

  /** Removes what is under an id; does nothing when there is nothing. */
  void remove(String id);

  /** How many ids there are. */
  int size();

  /** Removes everything. */
  void clear();
}
