package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import org.jspecify.annotations.Nullable;

/**
 * One message of a client.
 *
 * @param id the request's id as JSON text, {@code null} when unknown
 * @param chars the message's length
 * @param message the request as it came, of which a session reads more; null when it was no object
 */
public record Request(String id, Operation operation, int chars, @Nullable JsonObject message)
    implements Message {
  /** Stands for an {@code n} that is missing or no number of a write. */
  public static final double NO_NUMBER = -1;

  /** What stands for an id that is not known. */
  public static final String NO_ID = "null";

  static Request malformed(Refusal refusal) {
    return new Request(NO_ID, new Operation.Malformed(refusal), 0, null);
  }

  /** Whether its type is one of those that may change something, whatever else is wrong with it. */
  public boolean isWrite() {
    String type = message == null ? null : message.string(Member.TYPE);
    return type != null
        && switch (type) {
          case "create", "put", "update", "delete", "batch" -> true;
          default -> false;
        };
  }

  /** Whether its type is one that only a socket can ask for, whatever else is wrong with it. */
  public boolean isForSockets() {
    String type = message == null ? null : message.string(Member.TYPE);
    return type != null
        && switch (type) {
          case "subscribe", "hello" -> true;
          default -> false;
        };
  }

  /** The number of a session's write, or {@link #NO_NUMBER}. */
  public double number() {
    double n =
        message != null && message.kind("n") == JsonKind.NUMBER ? message.number("n") : NO_NUMBER;
    return n >= 1 && Math.floor(n) == n && n < Limits.NUMBERS ? n : NO_NUMBER;
  }

  /** The session that a request names itself: "" for one that is no name, null for none. */
  public @Nullable String session() {
    if (message == null || message.kind("session") == JsonKind.ABSENT) {
      return null;
    }
    boolean text = message.kind("session") == JsonKind.STRING;
    return text && isSessionName(message.string("session")) ? message.string("session") : "";
  }

  /** Says what is wrong with a session's name, without the name: a session is a secret. */
  public static String wrongSession(JsonObject message, Json json) {
    Value session = Value.of(message, "session");
    String got =
        session.kind() == JsonKind.STRING
            ? "a string of " + session.string().length() + " characters"
            : Mismatch.got(session, json);
    return "session must be a string of 1 to "
        + Limits.SESSION_CHARS
        + " printable ASCII characters, got "
        + got;
  }

  static boolean isSessionName(String text) {
    if (text.isEmpty() || text.length() > Limits.SESSION_CHARS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }
}
