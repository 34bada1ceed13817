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

  default JsonKind kind(Member member) {
    return kind(member.key());
  }

  /** The string that a member is, or null when it is none. */
  default String string(Member member) {
    return kind(member.key()) == JsonKind.STRING ? string(member.key()) : null;
  }

  /** The number that a member is, or NaN when it is none. */
  default double number(Member member) {
    return kind(member.key()) == JsonKind.NUMBER ? number(member.key()) : Double.NaN;
  }

  /** The object that a member is, or null when it is none. */
  default JsonObject object(Member member) {
    return kind(member.key()) == JsonKind.OBJECT ? object(member.key()) : null;
  }

  /** The array that a member is, or null when it is none. */
  default JsonArray array(Member member) {
    return kind(member.key()) == JsonKind.ARRAY ? array(member.key()) : null;
  }

  List<String> keys();

  JsonObject set(String key, String value);

  JsonObject set(String key, double value);

  JsonObject set(String key, JsonObject value);

  /** Removes a key; does nothing when it is absent. */
  void remove(String key);

  /** Removes the members of a thing that only a store sets. */
  default void removeSystemFields() {
    remove("$id");
    remove("$type");
    remove("$version");
    remove("$createdAt");
    remove("$updatedAt");
  }

  /** Sets every key of {@code other}, values shared, not copied. */
  JsonObject setAll(JsonObject other);

  /** How deep it nests: 1 for an object of scalars. Safe for any depth {@link Json} accepts. */
  int depth();
}
