package dev.unifiedstorage.port;

/** Where identifiers come from. */
public interface Ids {
  /** A new UUID version 4 in its 36-character lower-case form. */
  String uuid();

  /** A new id for a thing: {@code {type in lower case}_{uuid v4}}. */
  String thingId(String type);
}
