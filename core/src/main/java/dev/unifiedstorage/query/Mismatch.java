package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonObject;

/**
 * The sentence of an error about a value of a client's that is not what it must be.
 *
 * <p>All of them have one form, {@code $ids[3] must be a string, got 3}, so that the sentence alone
 * says which value to change. What was got is shown when it is short: an error must not be as large
 * as the request.
 */
public final class Mismatch {
  private static final int SHOWN_CHARS = 40;

  private Mismatch() {}

  /** Of the member of that name, which may be absent. */
  public static String of(JsonObject in, String name, String must, Json json) {
    return of(name, must, Value.of(in, name), json);
  }

  /** Of an element, shown as {@code name[index]}. */
  public static String of(JsonArray in, int index, String name, String must, Json json) {
    return of(name + "[" + index + "]", must, Value.of(in, index), json);
  }

  /** Of the value that the sentence calls {@code name}. */
  public static String of(String name, String must, Value value, Json json) {
    return name + " must be " + must + ", got " + got(value, json);
  }

  /** What a value is, in a few words. */
  public static String got(Value value, Json json) {
    return switch (value.kind()) {
      case ABSENT -> "nothing";
      case NULL -> "null";
      case BOOLEAN -> value.number() == 0 ? "false" : "true";
      case NUMBER -> json.writer().number(value.number()).text();
      case STRING -> {
        String text = value.string();
        yield text.length() > SHOWN_CHARS
            ? "a string of " + text.length() + " characters"
            : json.writer().string(text).text();
      }
      case ARRAY -> "an array";
      case OBJECT -> "an object";
    };
  }
}
