package dev.unifiedstorage.protocol;

/**
 * One message of a client.
 *
 * @param id the request's id as JSON text, {@code null} when unknown
 * @param chars the message's length
 */
public record Request(String id, Operation operation, int chars) implements Message {
  /** What stands for an id that is not known. */
  public static final String NO_ID = "null";

  static Request malformed(Refusal refusal) {
    return new Request(NO_ID, new Operation.Malformed(refusal), 0);
  }
}
