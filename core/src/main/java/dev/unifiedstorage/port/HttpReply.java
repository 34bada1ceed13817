package dev.unifiedstorage.port;

import java.util.List;

/** Receives the answer to one HTTP request; one of its methods is called exactly once. */
@FunctionalInterface
public interface HttpReply {
  /** Sends an answer. */
  void send(int status, String contentType, String body);

  /**
   * Sends an answer with more headers than that of its type.
   *
   * @param headers names in lower case and values, in turn
   */
  default void send(int status, String contentType, List<String> headers, String body) {
    send(status, contentType, body);
  }

  /**
   * Sends an answer as fast as its client reads it.
   *
   * @param body asked for its parts one by one; one that fails ends the answer where it is
   * @throws UnsupportedOperationException when the client takes no answer in parts
   */
  default void stream(int status, String contentType, HttpBody body) {
    throw new UnsupportedOperationException("this client takes no answer in parts");
  }
}
