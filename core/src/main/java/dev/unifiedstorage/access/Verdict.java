package dev.unifiedstorage.access;

import dev.unifiedstorage.port.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a request before it reaches its store.
 *
 * @param kind whether it goes on, and with what
 * @param grant what its client may do, null unless it was granted
 * @param status of a refusal over HTTP
 * @param code of a refusal
 * @param message of a refusal, a sentence
 */
public record Verdict(
    Kind kind, @Nullable Grant grant, int status, @Nullable String code, @Nullable String message) {

  /** How a request goes on. */
  public enum Kind {
    /** With what the client may do. */
    GRANTED,
    /** A socket without a token, which has a moment to bring one. */
    PENDING,
    /** A socket with a ticket, which its store knows. */
    TICKET,
    REFUSED
  }

  static Verdict granted(Grant grant) {
    return new Verdict(Kind.GRANTED, grant, 0, null, null);
  }

  static Verdict pending() {
    return new Verdict(Kind.PENDING, null, 0, null, null);
  }

  static Verdict ticket() {
    return new Verdict(Kind.TICKET, null, 0, null, null);
  }

  static Verdict unauthorized(String message) {
    return new Verdict(Kind.REFUSED, null, 401, "UNAUTHORIZED", message);
  }

  static Verdict forbidden(String message) {
    return new Verdict(Kind.REFUSED, null, 403, "FORBIDDEN", message);
  }

  static Verdict unavailable(String message) {
    return new Verdict(Kind.REFUSED, null, 503, "UNAVAILABLE", message);
  }

  /** What a request that goes on carries to its store; empty for one that may do everything. */
  public String carried(Json json) {
    return switch (kind) {
      case GRANTED -> granted().text(json);
      case PENDING -> AccessPolicy.PENDING;
      case TICKET -> AccessPolicy.TICKET;
      case REFUSED -> throw new IllegalStateException("a request that is refused goes nowhere");
    };
  }

  /** What the client may do, where that is known. */
  Grant granted() {
    return Objects.requireNonNull(grant);
  }

  public boolean isRefused() {
    return kind == Kind.REFUSED;
  }
}
