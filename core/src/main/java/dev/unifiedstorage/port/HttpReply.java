package dev.unifiedstorage.port;

/** Receives the answer to one HTTP request; one of its methods is called exactly once. */
@FunctionalInterface
public interface HttpReply {
  void send(int status, String contentType, String body);

  /**
   * Sends an answer that can be asked for again by its version.
   *
   * @param etag the header of that name, or null
   */
  default void send(int status, String contentType, String etag, String body) {
    send(status, contentType, body);
  }
}
