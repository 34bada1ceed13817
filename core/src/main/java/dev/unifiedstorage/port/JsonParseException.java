package dev.unifiedstorage.port;

/** The text is no JSON object; the message says what was found where. */
public final class JsonParseException extends RuntimeException {
  /**
   * @param message what was found where
   */
  public JsonParseException(String message) {
    super(message);
  }
}
