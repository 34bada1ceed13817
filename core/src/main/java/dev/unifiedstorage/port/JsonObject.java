package dev.unifiedstorage.port;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of the host, held as it is.
 *
 * <p>Keys keep the order they came in, integer-like keys perhaps aside. The typed getters may only
 * be called after {@link #kind} has said that the value is of that kind.
 */
public interface JsonObject extends JsonValue {
  /** What is under {@code key}; {@link JsonKind#ABSENT} when nothing is. */
  JsonKind kind(String key);

  /** The string under a key. */
  String string(String key);

  /** The number under a key. */
  double number(String key);

  /** The boolean under a key. */
  boolean bool(String key);

  /** The object under a key: the one in this object, not a copy. */
  JsonObject object(String key);

  /** The array under a key. */
  JsonArray array(String key);

  /** What a member of a request is. */
  default JsonKind kind(Member member) {
    return kind(member.key());
  }

  /** The string that a member is, or null when it is something else. */
  default @Nullable String string(Member member) {
    return kind(member.key()) == JsonKind.STRING ? string(member.key()) : null;
  }

  /** The number that a member is, or NaN when it is something else. */
  default double number(Member member) {
    return kind(member.key()) == JsonKind.NUMBER ? number(member.key()) : Double.NaN;
  }

  /** The object that a member is, or null when it is something else. */
  default @Nullable JsonObject object(Member member) {
    return kind(member.key()) == JsonKind.OBJECT ? object(member.key()) : null;
  }

  /** The array that a member is, or null when it is something else. */
  default @Nullable JsonArray array(Member member) {
    return kind(member.key()) == JsonKind.ARRAY ? array(member.key()) : null;
  }

  /** What is under a key that there is. */
  JsonValue value(String key);

  /** All keys, in their order. */
  List<String> keys();

  /** Sets a string, in the place of what is there; gives this object back. */
  JsonObject set(String key, String value);

  /** Sets a number, in the place of what is there; gives this object back. */
  JsonObject set(String key, double value);

  /** Sets a value, shared and not copied. */
  JsonObject set(String key, JsonValue value);

  /** Sets a key to what it is in {@code other}, which has it; the value is shared, not copied. */
  JsonObject copy(String key, JsonObject other);

  /** Removes a key; does nothing when it is absent. */
  void remove(String key);

  /** Removes keys, many at little more than the cost of one; absent ones are passed over. */
  default void removeAll(List<String> keys) {
    for (String key : keys) {
      remove(key);
    }
  }

  /** Removes the members of a thing that only a store sets. */
  default void removeSystemFields() {
    remove("$id");
    remove("$type");
    remove("$version");
    remove("$createdAt");
    remove("$updatedAt");
  }

  /**
   * Leaves the fields that a client may name: what only a store sets is removed.
   *
   * @return a name that begins with {@code $} and that no store sets, or null; with such a name
   *     what is left is of no use
   */
  default @Nullable String keepOwnFields() {
    removeSystemFields();
    remove("$expiresAt");
    remove("$form");
    for (String key : keys()) {
      if (key.startsWith("$")) {
        return key;
      }
    }
    return null;
  }

  /**
   * Whether one of {@link Member#RARE} is there. They are looked for together, because every look
   * costs and nearly no request has one.
   */
  default boolean hasRareMember() {
    for (Member member : Member.RARE) {
      if (kind(member) != JsonKind.ABSENT) {
        return true;
      }
    }
    return false;
  }

  /** Sets every key of {@code other}, values shared, not copied. */
  JsonObject setAll(JsonObject other);

  /** How deep it nests: 1 for an object of scalars. Safe for any depth {@link Json} accepts. */
  @Override
  int depth();

  @Override
  default JsonKind kind() {
    return JsonKind.OBJECT;
  }

  @Override
  default JsonObject object() {
    return this;
  }

  @Override
  default JsonArray array() {
    throw new IllegalStateException("an object is no array");
  }
}
