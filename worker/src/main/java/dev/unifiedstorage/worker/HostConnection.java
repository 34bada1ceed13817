package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.protocol.UnsentBound;

/** A client's socket, which is closed when too much waits for the client to read it. */
final class HostConnection implements Connection, Peer {
  private final Socket socket;

  HostConnection(Socket socket) {
    this.socket = socket;
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void send(String text) {
    if (UnsentBound.isReached(socket.unsentBytes(), 0)) {
      socket.close(UnsentBound.CLOSE_CODE, UnsentBound.REASON);
    } else {
      socket.send(text);
    }
  }

  @Override
  public Peer peer() {
    return this;
  }

  @Override
  public int id() {
    return socket.id();
  }

  @Override
  public String attachment() {
    return socket.attachment();
  }

  @Override
  public void attach(String text) {
    socket.attach(text);
  }

  @Override
  public boolean push(String text) {
    return socket.push(text);
  }

  @Override
  public double unsentBytes() {
    return socket.unsentBytes();
  }

  @Override
  public void close(int code, String reason) {
    socket.close(code, reason);
  }
}
