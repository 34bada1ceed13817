package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a socket may open.
 *
 * @param status 101, or that of the refusal
 * @param headers of the refusal, names and values in turn
 * @param body of the refusal, JSON; empty for none
 * @param kept what the socket keeps of it, for {@link Visitors#opened}, or null
 */
public record Admission(int status, List<String> headers, String body, @Nullable String kept) {
  private static final int SWITCHING_PROTOCOLS = 101;

  static Admission granted(String kept) {
    return new Admission(SWITCHING_PROTOCOLS, List.of(), "", kept);
  }

  static Admission refused(Refusal refusal, Json json) {
    return new Admission(
        refusal.code().httpStatus(),
        ReplyWriter.retryAfter(refusal, json),
        ReplyWriter.httpError(refusal, json),
        null);
  }

  static Admission unauthorized(String message, Json json) {
    return new Admission(
        401, List.of(), ReplyWriter.httpError("UNAUTHORIZED", message, json), null);
  }

  public boolean isRefused() {
    return status != SWITCHING_PROTOCOLS;
  }
}
