package dev.unifiedstorage.driver;

import java.io.IOException;

/** A server's refusal to upgrade a connection to a WebSocket, with the HTTP status it answered. */
public final class HandshakeException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  HandshakeException(int status, String head) {
    super(
        "no WebSocket: the server answered " + status + ": " + head.lines().findFirst().orElse(""));
    this.status = status;
  }

  /** The HTTP status of the answer. */
  public int status() {
    return status;
  }
}
