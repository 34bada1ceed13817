package dev.unifiedstorage.junit5;

import java.nio.file.Path;

/** A copy of a store's SQLite file, as it was at one moment. */
public final class Bookmark {
  private final String namespace;
  private final Path folder;

  Bookmark(String namespace, Path folder) {
    this.namespace = namespace;
    this.folder = folder;
  }

  /** The store that it was taken of. */
  public String namespace() {
    return namespace;
  }

  Path folder() {
    return folder;
  }
}
