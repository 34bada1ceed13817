package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.UnsentBound;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * One client's socket on Jetty's frames.
 *
 * <p>Frames come in pieces as the network has them, and a message is put together up to the
 * contract's limit and no further: the rest of one that is larger is read and forgotten. Nothing is
 * read while the object's mailbox is full. Outbound, frames gather in one buffer until the event
 * loop's turn ends and leave in one write. A client that does not read has its socket closed when
 * too much waits for it; the event loop never waits.
 *
 * <p>It works on frames and not on Jetty's messages because those have their size checked only by
 * closing the socket, and are decoded and handed over one by one.
 */
public final class ObjectSocket implements FrameHandler, ClientSocket {
  /** The largest message, in bytes of UTF-8. */
  public static final int MAX_MESSAGE_BYTES = Limits.MESSAGE_BYTES;

  private static final long CLOSE_GRACE_MS = 5_000;
  private static final int FIRST_BUFFER_BYTES = 4_096;
  private static final byte[] NOTHING = {};

  private final EmulatedDurableObject object;
  private final Scheduler scheduler;
  private final Attached attached = new Attached();
  private final AtomicInteger unsentFrames = new AtomicInteger();
  private final AtomicLong unsentBytes = new AtomicLong();

  /** Messages that were handed over and are not answered. */
  private final AtomicInteger asked = new AtomicInteger();

  private volatile Runnable whenAnswered = () -> {};
  private volatile CoreSession session;
  private volatile boolean closing;
  private volatile boolean aborted;

  // The message being read: Jetty's thread only.
  private byte[] message = NOTHING;
  private int length;
  private boolean oversize;

  // The event loop only.
  private boolean unflushed;

  ObjectSocket(EmulatedDurableObject object, Scheduler scheduler) {
    this.object = object;
    this.scheduler = scheduler;
  }

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    callback.succeeded();
    opened.demand();
    if (closing) {
      opened.abort();
    }
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    boolean room = true;
    switch (frame.getOpCode()) {
      case OpCode.PING -> pong(frame);
      case OpCode.PONG -> {}
      case OpCode.CLOSE -> {
        callback.succeeded();
        return;
      }
      default -> room = data(frame);
    }
    callback.succeeded();
    if (room) {
      session.demand();
    } else {
      object.whenRoom(session::demand);
    }
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    // The close that follows is what matters: clients vanish and networks break every day.
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    closing = true;
    message = NOTHING;
    object.socketClosed(this);
    callback.succeeded();
  }

  @Override
  public void send(String text) {
    if (closing) {
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!write(new Frame(OpCode.TEXT, ByteBuffer.wrap(bytes)), bytes.length)) {
      return;
    }
    if (!unflushed) {
      unflushed = true;
      object.flushAfterTurn(this);
    }
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
    return !closing;
  }

  @Override
  public double unsentBytes() {
    return unsentBytes.get();
  }

  @Override
  public void flush() {
    unflushed = false;
    session.flush(Callback.from(this::tellIfAnswered));
  }

  @Override
  public void answered() {
    asked.decrementAndGet();
    if (!unflushed) {
      tellIfAnswered();
    }
  }

  private void tellIfAnswered() {
    if (!isAsked()) {
      whenAnswered.run();
    }
  }

  /** Says that no connection came of it. */
  public void neverOpened() {
    closing = true;
    object.socketClosed(this);
  }

  /** Whether a message was handed over that is not answered. */
  public boolean isAsked() {
    return asked.get() > 0;
  }

  /** Has {@code told} run each time that all messages are answered and the answers have left. */
  public void whenAnswered(Runnable told) {
    whenAnswered = told;
  }

  @Override
  public void close(int code, String reason) {
    closing = true;
    CoreSession open = session;
    if (open == null) {
      return;
    }
    open.close(code, reason, Callback.NOOP);
    scheduler.after(CLOSE_GRACE_MS, open::abort);
  }

  @Override
  public void abort() {
    aborted = true;
    closing = true;
    CoreSession open = session;
    if (open != null) {
      open.abort();
    }
  }

  @Override
  public boolean isAborted() {
    return aborted;
  }

  @Override
  public boolean waitsForTime() {
    return true;
  }

  private boolean write(Frame frame, int bytes) {
    if (UnsentBound.isReached(unsentBytes.get(), unsentFrames.get())) {
      close(UnsentBound.CLOSE_CODE, UnsentBound.REASON);
      return false;
    }
    unsentFrames.incrementAndGet();
    unsentBytes.addAndGet(bytes);
    session.sendFrame(frame, new Sent(bytes), true);
    return true;
  }

  private void pong(Frame ping) {
    ByteBuffer payload = ByteBuffer.allocate(ping.getPayloadLength());
    if (ping.hasPayload()) {
      payload.put(ping.getPayload().slice());
    }
    if (!closing) {
      write(new Frame(OpCode.PONG, payload.flip()), payload.remaining());
    }
  }

  /** Takes a piece of a message; false when the object has no room for another message. */
  private boolean data(Frame frame) {
    ByteBuffer payload = frame.getPayload();
    int bytes = frame.getPayloadLength();
    if (oversize || length + bytes > MAX_MESSAGE_BYTES) {
      oversize = true;
      message = NOTHING;
    } else if (bytes > 0) {
      if (message.length < length + bytes) {
        grow(length + bytes, frame.isFin());
      }
      payload.get(message, length, bytes);
      length += bytes;
    }
    if (!frame.isFin()) {
      return true;
    }
    int size = length;
    length = 0;
    asked.incrementAndGet();
    if (oversize) {
      oversize = false;
      return object.oversizeMessage(this);
    }
    String text = Utf8.decode(message, size);
    if (message.length > FIRST_BUFFER_BYTES) {
      message = NOTHING;
    }
    return text == null ? object.undecodableMessage(this, size) : object.message(this, text, size);
  }

  private void grow(int needed, boolean last) {
    int room = last ? needed : Math.max(needed, Math.min(MAX_MESSAGE_BYTES, message.length * 2));
    message = Arrays.copyOf(message, Math.max(room, FIRST_BUFFER_BYTES));
  }

  /** Takes a frame off the count of what waits, sent or not. */
  private final class Sent implements Callback {
    private final int bytes;

    Sent(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public void succeeded() {
      unsentFrames.decrementAndGet();
      unsentBytes.addAndGet(-bytes);
    }

    @Override
    public void failed(Throwable cause) {
      succeeded();
    }
  }
}
