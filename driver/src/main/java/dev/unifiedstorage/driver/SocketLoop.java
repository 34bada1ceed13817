package dev.unifiedstorage.driver;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one thread that moves the bytes of all sockets opened through it.
 *
 * <p>Replies complete their futures on this thread, and what a completion sends leaves with
 * everything else of the same turn, in one write a socket. That batching is why the loop exists: a
 * load generator next to the server it measures must not cost more than the server. {@code
 * java.net.http.WebSocket} allows one send at a time a socket and hands every message through an
 * executor.
 */
public final class SocketLoop implements AutoCloseable {
  private static final Duration CONNECT_DEADLINE = Duration.ofMinutes(2);

  private final Selector selector;
  private final Thread thread;
  private final ConcurrentLinkedQueue<StoreSocket> toFlush = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeupPending = new AtomicBoolean();
  private volatile boolean closed;

  /** Starts the loop's daemon thread. */
  public SocketLoop() throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, "socket-loop");
    thread.setDaemon(true);
    thread.start();
  }

  /** Opens a socket that lets {@code maxOutstanding} requests wait for their replies. */
  public StoreSocket connect(URI uri, int maxOutstanding) throws IOException {
    SocketChannel channel = Handshake.open(uri, CONNECT_DEADLINE);
    channel.configureBlocking(false);
    StoreSocket socket = new StoreSocket(this, channel, maxOutstanding);
    // Registering wakes nothing by itself: the selector sees the new key on its next turn.
    channel.register(selector, SelectionKey.OP_READ, socket);
    selector.wakeup();
    return socket;
  }

  boolean onLoopThread() {
    return Thread.currentThread() == thread;
  }

  /** Asks for {@code socket}'s bytes to leave at the end of this turn, or of the next. */
  void flushSoon(StoreSocket socket) {
    toFlush.add(socket);
    if (!onLoopThread() && wakeupPending.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(this::ready);
        wakeupPending.set(false);
        flushAll();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the selector failed", e);
    } finally {
      List<StoreSocket> open = new ArrayList<>();
      selector.keys().forEach(key -> open.add((StoreSocket) key.attachment()));
      open.forEach(StoreSocket::abort);
    }
  }

  private void flushAll() {
    for (StoreSocket socket = toFlush.poll(); socket != null; socket = toFlush.poll()) {
      flush(socket);
    }
  }

  private void flush(StoreSocket socket) {
    SelectionKey key = socket.channel().keyFor(selector);
    if (key == null || !key.isValid()) {
      return;
    }
    try {
      boolean drained = socket.flush();
      key.interestOps(
          drained ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    } catch (IOException e) {
      socket.lost(e);
    }
  }

  private void ready(SelectionKey key) {
    StoreSocket socket = (StoreSocket) key.attachment();
    try {
      if (key.isReadable()) {
        socket.readAvailable();
      }
    } catch (IOException | RuntimeException e) {
      socket.lost(e);
      return;
    }
    if (key.isValid() && key.isWritable()) {
      flush(socket);
    }
  }

  /** Ends the loop; sockets still open are dropped. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    selector.close();
  }
}
