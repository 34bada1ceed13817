package dev.unifiedstorage.port;

/** The text is no JSON object; the message says what was found where. */
public final class JsonParseException extends RuntimeException {
  public JsonParseException(String message) {
    super(message);
  }
}
