package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;

/**
 * A value that is neither an object nor an array, or one that cannot be looked into; in a tree such
 * values stand without this.
 *
 * @param value a string, a number, a boolean, {@link JsoniterObject#NULL}, or {@link TooDeep}
 */
record JsoniterScalar(Object value) implements JsonValue {
  @Override
  public JsonKind kind() {
    return JsoniterObject.kindOf(value);
  }

  @Override
  public JsonObject object() {
    throw new IllegalStateException("expected an object, found " + kind());
  }

  @Override
  public JsonArray array() {
    throw new IllegalStateException("expected an array, found " + kind());
  }

  @Override
  public int depth() {
    return JsoniterObject.depthOf(value);
  }

  @Override
  public boolean same(JsonValue other) {
    return same(value, of(other));
  }

  /** A value of a tree as the core sees it. */
  static JsonValue wrapped(Object value) {
    return value instanceof JsonValue container ? container : new JsoniterScalar(value);
  }

  /** The value as a tree has it. */
  static Object of(JsonValue value) {
    return value instanceof JsoniterScalar scalar ? scalar.value : value;
  }

  /** Whether two values of trees say the same. */
  static boolean same(Object left, Object right) {
    if (left == right) {
      return true;
    }
    if (left instanceof JsoniterObject object) {
      return right instanceof JsoniterObject other && object.sameFields(other);
    }
    if (left instanceof JsoniterArray array) {
      return right instanceof JsoniterArray other && array.sameValues(other);
    }
    return plain(left).equals(plain(right));
  }

  /** Numbers without a sign of zero, and null in place of what is no number in JSON. */
  private static Object plain(Object scalar) {
    if (scalar instanceof Double number) {
      return Double.isFinite(number) ? (Object) (number + 0.0) : JsoniterObject.NULL;
    }
    return scalar;
  }
}
