package dev.unifiedstorage.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client that sends a {@link Flood} as fast as the server takes it, until it is closed or has
 * sent it so many times.
 *
 * <p>It reads what comes back and looks at none of it: it shares the machine with what is measured,
 * and a client that does not read would be closed.
 */
final class FloodingClient implements AutoCloseable {
  private static final int CONNECTIONS = 4;
  private static final int PATIENCE_MILLIS = 250;

  private final int port;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong answers = new AtomicLong();
  private volatile boolean closed;
  private volatile Socket open;

  FloodingClient(Flood flood, int port) throws IOException {
    this.port = port;
    List<byte[]> all = flood.connections();
    if (flood.opensItsOwn()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        int first = i;
        start(() -> openEach(all, first));
      }
      return;
    }
    open = new Socket(InetAddress.getLoopbackAddress(), port);
    OutputStream out = open.getOutputStream();
    out.write(Attack.upgrade(flood.namespace()).toByteArray());
    readHead(open.getInputStream());
    start(() -> countFrames(open.getInputStream()));
    start(
        () -> {
          while (!closed) {
            out.write(all.get(0));
          }
        });
  }

  /** How many frames of the server's have come; of connections that it ended, how many. */
  long answers() {
    return answers.get();
  }

  /** Whether it still sends and hears. */
  boolean isAtWork() {
    return threads.stream().allMatch(Thread::isAlive);
  }

  private interface Work {
    void run() throws IOException;
  }

  private void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The connection has gone: by this client's end, or the server would have none.
              }
            },
            "flood");
    thread.start();
    threads.add(thread);
  }

  private void openEach(List<byte[]> all, int first) {
    for (int i = first; !closed; i += CONNECTIONS) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.getOutputStream().write(all.get(Math.floorMod(i, all.size())));
        socket.shutdownOutput();
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The server may end a connection in the middle of what it does not take.
      }
      answers.incrementAndGet();
    }
  }

  private static void readHead(InputStream in) throws IOException {
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server ended the connection before it was a socket");
      }
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
  }

  /** Counts frames by their heads; a server's have no mask. */
  private void countFrames(InputStream in) throws IOException {
    byte[] buffer = new byte[65_536];
    byte[] head = new byte[10];
    int inHead = 0;
    long left = 0;
    int count;
    while ((count = in.read(buffer)) >= 0) {
      int at = 0;
      while (at < count) {
        if (left > 0) {
          int passed = (int) Math.min(left, count - at);
          at += passed;
          left -= passed;
          continue;
        }
        head[inHead++] = buffer[at++];
        int length = inHead < 2 ? 0 : head[1] & 0x7f;
        int needed = length == 127 ? 10 : length == 126 ? 4 : 2;
        if (inHead >= 2 && inHead == needed) {
          left = lengthIn(head, needed);
          inHead = 0;
          answers.incrementAndGet();
        }
      }
    }
  }

  private static long lengthIn(byte[] head, int bytes) {
    if (bytes == 2) {
      return head[1] & 0x7f;
    }
    long length = 0;
    for (int i = 2; i < bytes; i++) {
      length = length << 8 | head[i] & 0xff;
    }
    return length;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (open != null) {
      open.close();
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
