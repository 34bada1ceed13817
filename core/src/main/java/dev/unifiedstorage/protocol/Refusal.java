package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;

/**
 * Why a request was not carried out.
 *
 * @param message a sentence: what was expected, what was found
 * @param details a JSON object's text with what a program needs to go on, or null
 */
public record Refusal(ErrorCode code, String message, String details) {
  public static Refusal of(ErrorCode code, String message) {
    return new Refusal(code, message, null);
  }

  /** A write that met another version than it may. */
  public static Refusal conflict(String message, double version, Json json) {
    String details = json.writer().raw("{\"version\":").number(version).raw("}").text();
    return new Refusal(ErrorCode.CONFLICT, message, details);
  }

  /** A refusal that will not last. */
  public static Refusal retryLater(ErrorCode code, String message, double retryAfterMs, Json json) {
    String details = json.writer().raw("{\"retryAfterMs\":").number(retryAfterMs).raw("}").text();
    return new Refusal(code, message, details);
  }
}
