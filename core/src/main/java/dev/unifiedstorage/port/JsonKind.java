package dev.unifiedstorage.port;

/** What a JSON value is; {@code ABSENT} when there is no value. */
public enum JsonKind {
  ABSENT,
  NULL,
  BOOLEAN,
  NUMBER,
  STRING,
  ARRAY,
  OBJECT
}
