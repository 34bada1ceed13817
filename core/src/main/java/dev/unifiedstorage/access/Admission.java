package dev.unifiedstorage.access;

import dev.unifiedstorage.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Whether a socket may open.
 *
 * @param status 101, or that of the refusal
 * @param code of the refusal, or null
 * @param message of the refusal, or null
 * @param kept what the socket keeps of it, for {@link Visitors#opened}
 */
public record Admission(
    int status, @Nullable String code, @Nullable String message, @Nullable String kept) {
  private static final int SWITCHING_PROTOCOLS = 101;

  static Admission granted(String kept) {
    return new Admission(SWITCHING_PROTOCOLS, null, null, kept);
  }

  static Admission refused(ErrorCode code, String message) {
    return new Admission(code.httpStatus(), code.name(), message, null);
  }

  static Admission unauthorized(String message) {
    return new Admission(401, "UNAUTHORIZED", message, null);
  }

  public boolean isRefused() {
    return status != SWITCHING_PROTOCOLS;
  }
}
