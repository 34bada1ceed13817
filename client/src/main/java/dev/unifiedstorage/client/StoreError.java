package dev.unifiedstorage.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal: {@link #code} says which, {@link #details} what a program needs to react.
 *
 * <p>Codes are the store's ({@code CONFLICT}, {@code NOT_FOUND}, …) and three of the client: {@code
 * CLOSED} (the client was closed before an answer came; whether a write was carried out is not
 * known), {@code QUEUE_FULL} (more waits than {@link ClientOptions#maxPending}; nothing was sent),
 * {@code TOO_LARGE} (a request is larger than a message may be; nothing was sent).
 */
public final class StoreError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String code;
  private final transient @Nullable Map<String, Object> details;

  StoreError(String code, String message, Map<String, Object> details) {
    super(code + ": " + message);
    this.code = code;
    this.details = details;
  }

  /** The error that a reply tells of. */
  static StoreError of(Map<String, Object> reply) {
    Object code = reply.get("code");
    Object message = reply.get("error");
    return new StoreError(
        code instanceof String text ? text : "INTERNAL_ERROR",
        message instanceof String text ? text : "no reason given",
        details(reply));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> details(Map<String, Object> reply) {
    return reply.get("details") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  /** Which refusal it is, such as {@code CONFLICT}. */
  public String code() {
    return code;
  }

  /** Never null; empty after serialisation. */
  public Map<String, Object> details() {
    return details == null ? Map.of() : details;
  }
}
