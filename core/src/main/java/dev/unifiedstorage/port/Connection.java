package dev.unifiedstorage.port;

/**
 * One client's socket.
 *
 * <p>Sending never blocks and never throws: a socket that has gone swallows what is sent to it.
 */
public interface Connection {
  /** Sends one text message. */
  void send(String text);
}
