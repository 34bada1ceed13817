package dev.unifiedstorage.protocol;

/**
 * One message of a client.
 *
 * @param id the request's id as JSON text, {@code null} when unknown
 * @param chars the message's length
 */
public record Request(String id, Operation operation, int chars) {
  static Request malformed(String id, ErrorCode code, String message) {
    return new Request(id, new Operation.Malformed(Refusal.of(code, message)), 0);
  }
}
