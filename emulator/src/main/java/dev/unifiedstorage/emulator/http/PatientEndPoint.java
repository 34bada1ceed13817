package dev.unifiedstorage.emulator.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection whose reader learns that the client sends no more once everything that was asked
 * over it is answered.
 *
 * <p>A client may end its sending half right behind a request and read on. Jetty closes a WebSocket
 * at the end of its input, with the answer unsent.
 */
final class PatientEndPoint extends SocketChannelEndPoint {
  private volatile BooleanSupplier isAsked = () -> false;
  private volatile boolean endHeldBack;

  PatientEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /**
   * Holds back the end of the input from now on.
   *
   * @param asked whether something was asked and is not answered; when that changes, {@link
   *     #answered} has to be called
   */
  void holdEndWhile(BooleanSupplier asked) {
    isAsked = asked;
  }

  /** Tells the reader of the end if it was held back. */
  void answered() {
    if (endHeldBack) {
      endHeldBack = false;
      getFillInterest().fillable();
    }
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    int filled = super.fill(buffer);
    if (filled >= 0 || !isAsked.getAsBoolean()) {
      return filled;
    }
    endHeldBack = true;
    // The last answer may have left between the two lines above.
    return isAsked.getAsBoolean() ? 0 : filled;
  }

  /** At the end of the input the selector would call at once, and again, until it is taken. */
  @Override
  protected void needsFillInterest() {
    if (!endHeldBack) {
      super.needsFillInterest();
    }
  }
}
