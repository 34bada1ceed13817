package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.query.Mismatch;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not carried out.
 *
 * @param message a sentence: what was expected, what was found
 * @param details a JSON object's text with what a program needs to go on, or null
 */
public record Refusal(ErrorCode code, String message, @Nullable String details) {
  public static Refusal of(ErrorCode code, String message) {
    return new Refusal(code, message, null);
  }

  /** A request of which one part is wrong. */
  public static Refusal ofField(String field, String message, Json json) {
    String details = json.writer().raw("{\"field\":").string(field).raw("}").text();
    return new Refusal(ErrorCode.VALIDATION_ERROR, message, details);
  }

  /** A request whose member of that name is not what it must be. */
  public static Refusal ofMember(JsonObject in, String name, String must, Json json) {
    return ofField(name, Mismatch.of(in, name, must, json), json);
  }

  /** A list of which one element is wrong. */
  public static Refusal ofIndex(ErrorCode code, int index, String message, Json json) {
    String details = json.writer().raw("{\"index\":").number(index).raw("}").text();
    return new Refusal(code, message, details);
  }

  /** The same refusal of a write of a session, behind one that is still due. */
  public Refusal expecting(double n, Json json) {
    String more = details == null ? "}" : "," + details.substring(1);
    return new Refusal(
        code, message, json.writer().raw("{\"expected\":").number(n).raw(more).text());
  }

  /** A write that met another version than it may. */
  public static Refusal conflict(String message, double version, Json json) {
    String details = json.writer().raw("{\"version\":").number(version).raw("}").text();
    return new Refusal(ErrorCode.CONFLICT, message, details);
  }

  /** A request of a frame whose reply would be past what the replies to one frame may have. */
  public static Refusal frameIsFull(Json json) {
    return overloaded(
        "expected replies to one frame of at most "
            + Limits.REPLY_BYTES
            + " bytes together; send this request again",
        json);
  }

  /** A query of a frame whose other queries have looked at as much as they may together. */
  public static Refusal frameHasLooked(double most, Json json) {
    return overloaded(
        "expected the queries of one frame to look at fewer than "
            + json.writer().number(most).text()
            + " things together; send this request again",
        json);
  }

  /** A write, or a socket, of more than there may be. */
  public static Refusal overLimit(String message, double limit, Json json) {
    String details = json.writer().raw("{\"limit\":").number(limit).raw("}").text();
    return new Refusal(ErrorCode.QUOTA_EXCEEDED, message, details);
  }

  /** What there is no room for now: a client asks again in a moment. */
  public static Refusal overloaded(String message, Json json) {
    return retryLater(ErrorCode.OVERLOADED, message, Limits.RETRY_AFTER_MS, json);
  }

  /** A refusal that will not last. */
  public static Refusal retryLater(ErrorCode code, String message, double retryAfterMs, Json json) {
    String details = json.writer().raw("{\"retryAfterMs\":").number(retryAfterMs).raw("}").text();
    return new Refusal(code, message, details);
  }
}
