package dev.unifiedstorage.port;

/**
 * Any JSON value of the host, held as it is.
 *
 * <p>It may be looked at and put somewhere else, and must not be changed: it may lie in a thing, in
 * an event and in a request at once.
 */
public interface JsonValue {
  /** What it is; never {@link JsonKind#ABSENT}. */
  JsonKind kind();

  /** The value as an object; only when its kind says that it is one. */
  JsonObject object();

  /** The value as an array; only when its kind says that it is one. */
  JsonArray array();

  /** How deep it nests: 0 for a scalar, 1 for an object or array of scalars. */
  int depth();

  /**
   * Whether both say the same: numbers as doubles, objects whatever the order of their keys. A
   * number that JSON cannot say, such as 1e999, is written as null and counts as that.
   */
  boolean same(JsonValue other);
}
