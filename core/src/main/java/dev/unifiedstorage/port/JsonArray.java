package dev.unifiedstorage.port;

/**
 * A JSON array of the host; it never changes. The getters may only be called when {@link #kind}
 * fits.
 */
public interface JsonArray extends JsonValue {
  int size();

  JsonKind kind(int index);

  String string(int index);

  double number(int index);

  boolean bool(int index);

  JsonObject object(int index);

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
