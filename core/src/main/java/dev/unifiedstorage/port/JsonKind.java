package dev.unifiedstorage.port;

/** What a JSON value is; {@code ABSENT} when there is no value. */
public enum JsonKind {
  /** There is no value. */
  ABSENT,
  /** {@code null}. */
  NULL,
  /** {@code true} or {@code false}. */
  BOOLEAN,
  /** An IEEE 754 double. */
  NUMBER,
  /** UTF-16 code units, halves of surrogate pairs too. */
  STRING,
  /** A {@link JsonArray}. */
  ARRAY,
  /** A {@link JsonObject}. */
  OBJECT
}
