package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Peer;
import org.jspecify.annotations.Nullable;

/**
 * The way back to the sender of one message, which takes exactly one reply, or those to a frame.
 *
 * <p>Should an internal error and the regular reply both come, the client sees the first: a second
 * one would be taken for the reply to another request.
 */
public final class OneReply implements Connection {
  private final Connection to;
  private boolean answered;
  private boolean several;

  public OneReply(Connection to) {
    this.to = to;
  }

  @Override
  public @Nullable Peer peer() {
    return to.peer();
  }

  @Override
  public void beginsFrame() {
    several = true;
    to.beginsFrame();
  }

  @Override
  public void endsFrame() {
    answered = true;
    to.endsFrame();
  }

  @Override
  public void send(String text) {
    if (!answered) {
      answered = !several;
      to.send(text);
    }
  }

  @Override
  public Connection origin() {
    return to.origin();
  }
}
