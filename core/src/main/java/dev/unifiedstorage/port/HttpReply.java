package dev.unifiedstorage.port;

import java.util.List;

/** Receives the answer to one HTTP request; one of its methods is called exactly once. */
@FunctionalInterface
public interface HttpReply {
  void send(int status, String contentType, String body);

  /**
   * Sends an answer with more headers than that of its type.
   *
   * @param headers names in lower case and values, in turn
   */
  default void send(int status, String contentType, List<String> headers, String body) {
    send(status, contentType, body);
  }
}
