package dev.unifiedstorage.port;

/** Where it is listed which namespaces have a store. */
public interface StoreDirectory {
  /**
   * Adds a namespace; one that is there stays as it is.
   *
   * @param createdAtMs when its store was made, as far as is known
   */
  void list(String namespace, double createdAtMs, Completion done);

  /** Removes a namespace; does nothing when it is not there. */
  void unlist(String namespace, Completion done);
}
