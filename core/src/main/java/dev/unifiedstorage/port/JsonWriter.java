package dev.unifiedstorage.port;

/**
 * A growing JSON text.
 *
 * <p>It exists so that the core can put together replies and rows from pieces already in text
 * without walking characters, and each host can append in the way it does fastest.
 */
public interface JsonWriter {
  /** Appends text as it is: punctuation, or JSON made before. */
  JsonWriter raw(String text);

  /** Appends a quoted and escaped string. */
  JsonWriter string(String value);

  /** Appends a number; it must be finite. */
  JsonWriter number(double value);

  /** Appends a whole object. */
  JsonWriter object(JsonObject value);

  /** Everything appended so far. */
  String text();
}
