package dev.unifiedstorage.port;

/** What a JSON value is; {@code ABSENT} when there is none. */
public enum JsonKind {
  ABSENT,
  NULL,
  BOOLEAN,
  NUMBER,
  STRING,
  ARRAY,
  OBJECT
}
