package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.protocol.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A socket without a network: its client is in the same process.
 *
 * <p>Messages take the way of any socket's from the object's mailbox on, with the same limits; what
 * is missing is the frames. A sender waits while the mailbox is full. Virtual time does not go on
 * by itself for it, because its client can move it.
 */
public final class DirectSocket implements ClientSocket {
  private static final int ABNORMAL = 1006;

  /** What the client is told, on the object's event loop. */
  public interface Listener {
    /** One message of the store's. */
    void message(String text);

    /**
     * The socket is closed, and nothing more comes.
     *
     * @param code as a WebSocket has it: 1006 when it broke off
     */
    void closed(int code, String reason);
  }

  private final EmulatedDurableObject object;
  private final Listener listener;
  private final Attached attached = new Attached();
  private volatile boolean closed;
  private volatile boolean aborted;

  // The event loop only.
  private List<String> unflushed = new ArrayList<>();

  DirectSocket(EmulatedDurableObject object, Listener listener) {
    this.object = object;
    this.listener = listener;
    object.socketOpened(this);
  }

  /** Sends a message to the store; does nothing when the socket is closed. */
  public void message(String text) {
    if (closed) {
      return;
    }
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    boolean room =
        bytes > Limits.MESSAGE_BYTES
            ? object.oversizeMessage(this)
            : object.message(this, text, bytes);
    if (!room) {
      awaitRoom();
    }
  }

  private void awaitRoom() {
    CountDownLatch room = new CountDownLatch(1);
    object.whenRoom(room::countDown);
    try {
      room.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes it from the client's side; the listener is not told. */
  public void close() {
    if (!closed) {
      closed = true;
      object.socketClosed(this);
    }
  }

  @Override
  public void send(String text) {
    if (closed) {
      return;
    }
    if (unflushed.isEmpty()) {
      object.flushAfterTurn(this);
    }
    unflushed.add(text);
  }

  @Override
  public int id() {
    return attached.id;
  }

  @Override
  public String attachment() {
    return attached.text;
  }

  @Override
  public void attach(String text) {
    attached.text = text;
  }

  @Override
  public boolean push(String text) {
    send(text);
    return !closed;
  }

  @Override
  public double unsentBytes() {
    return 0;
  }

  @Override
  public void flush() {
    List<String> texts = unflushed;
    unflushed = new ArrayList<>();
    texts.forEach(listener::message);
  }

  @Override
  public void answered() {
    // Its client closes it as a whole, and asks for nothing then.
  }

  @Override
  public void close(int code, String reason) {
    flush();
    end(code, reason);
  }

  @Override
  public void abort() {
    aborted = true;
    unflushed.clear();
    end(ABNORMAL, "the object has lost its memory");
  }

  private void end(int code, String reason) {
    if (!closed) {
      close();
      listener.closed(code, reason);
    }
  }

  @Override
  public boolean isAborted() {
    return aborted;
  }

  @Override
  public boolean waitsForTime() {
    return false;
  }
}
