package dev.unifiedstorage.port;

/**
 * A JSON array of the host; it never changes. The getters may only be called when {@link #kind}
 * fits.
 */
public interface JsonArray extends JsonValue {
  /** How many values there are. */
  int size();

  /** What is at a place that there is. */
  JsonKind kind(int index);

  /** The string at a place. */
  String string(int index);

  /** The number at a place. */
  double number(int index);

  /** The boolean at a place. */
  boolean bool(int index);

  /** The object at a place. */
  JsonObject object(int index);

  /** The array at a place. */
  JsonArray array(int index);

  /** What is at a place that there is. */
  JsonValue value(int index);

  /** A copy with one more value before {@code index}, which is the size at most. */
  JsonArray inserted(int index, JsonValue value);

  /** A copy with another value at a place that there is. */
  JsonArray replaced(int index, JsonValue value);

  /** A copy without the value at a place that there is. */
  JsonArray removed(int index);

  @Override
  default JsonKind kind() {
    return JsonKind.ARRAY;
  }

  @Override
  default JsonObject object() {
    throw new IllegalStateException("an array is no object");
  }

  @Override
  default JsonArray array() {
    return this;
  }
}
