package dev.unifiedstorage.port;

import java.util.List;

/**
 * A JSON object of the host, held as it is.
 *
 * <p>Keys keep the order they came in, integer-like keys perhaps aside. The typed getters may only
 * be called after {@link #kind} has said that the value is of that kind.
 */
public interface JsonObject {
  /** What is under {@code key}; {@link JsonKind#ABSENT} when nothing is. */
  JsonKind kind(String key);

  String string(String key);

  double number(String key);

  boolean bool(String key);

  JsonObject object(String key);

  JsonArray array(String key);

  List<String> keys();

  JsonObject set(String key, String value);

  JsonObject set(String key, double value);

  JsonObject set(String key, JsonObject value);

  /** Removes a key; does nothing when it is absent. */
  void remove(String key);

  /** Sets every key of {@code other}, values shared, not copied. */
  JsonObject setAll(JsonObject other);

  /** How deep it nests: 1 for an object of scalars. Safe for any depth {@link Json} accepts. */
  int depth();
}
