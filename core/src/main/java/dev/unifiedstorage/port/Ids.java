package dev.unifiedstorage.port;

/** Where random identifiers come from. */
public interface Ids {
  /** A new UUID version 4 in its 36-character lower-case form. */
  String uuid();
}
