package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.protocol.UnsentBound;

/** A client's socket, which is closed when too much waits for the client to read it. */
final class HostConnection implements Connection {
  private final Socket socket;

  HostConnection(Socket socket) {
    this.socket = socket;
  }

  @Override
  public void send(String text) {
    if (UnsentBound.isReached(socket.unsentBytes(), 0)) {
      socket.close(UnsentBound.CLOSE_CODE, UnsentBound.REASON);
    } else {
      socket.send(text);
    }
  }
}
