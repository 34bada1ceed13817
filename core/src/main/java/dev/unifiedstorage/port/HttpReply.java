package dev.unifiedstorage.port;

/** Receives the answer to one HTTP request; called exactly once. */
@FunctionalInterface
public interface HttpReply {
  void send(int status, String contentType, String body);
}
