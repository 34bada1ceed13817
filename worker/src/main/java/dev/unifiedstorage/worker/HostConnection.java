package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Connection;

/**
 * The way back to the sender of one message.
 *
 * <p>It sends one reply: should an internal error and the regular reply both come, the client sees
 * the first.
 */
final class HostConnection implements Connection {
  private final Socket socket;
  private boolean answered;

  HostConnection(Socket socket) {
    this.socket = socket;
  }

  @Override
  public void send(String text) {
    if (!answered) {
      answered = true;
      socket.send(text);
    }
  }
}
