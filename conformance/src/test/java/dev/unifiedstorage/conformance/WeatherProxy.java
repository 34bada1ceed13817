package dev.unifiedstorage.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** A proxy between clients and a store that delays, cuts and swallows what it carries. */
final class WeatherProxy implements AutoCloseable {
  /**
   * What happens to a piece of a stream.
   *
   * @param cut how likely it is the last of its connection, and does not arrive
   * @param halfOpen how likely the connection carries nothing any more from it on, without a word
   */
  record Phase(int delayMs, double cut, double halfOpen) {}

  private final ServerSocket server;
  private final int target;
  private final Random random;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Phase phase = new Phase(0, 0, 0);

  WeatherProxy(int target, long seed) throws IOException {
    this.target = target;
    this.random = new Random(seed);
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void set(Phase now) {
    phase = now;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = server.accept();
      Socket store;
      try {
        store = new Socket(InetAddress.getLoopbackAddress(), target);
      } catch (IOException e) {
        // The server is down at the moment.
        client.close();
        continue;
      }
      client.setTcpNoDelay(true);
      store.setTcpNoDelay(true);
      open.add(client);
      open.add(store);
      AtomicBoolean deaf = new AtomicBoolean();
      run(() -> carry(client, store, deaf));
      run(() -> carry(store, client, deaf));
    }
  }

  private void carry(Socket from, Socket to, AtomicBoolean deaf) throws IOException {
    byte[] piece = new byte[65_536];
    try (from) {
      for (int length; (length = from.getInputStream().read(piece)) >= 0; ) {
        Phase now = phase;
        if (random.nextDouble() < now.halfOpen) {
          deaf.set(true);
        }
        if (deaf.get()) {
          continue;
        }
        if (random.nextDouble() < now.cut) {
          return;
        }
        if (now.delayMs > 0) {
          Thread.sleep(random.nextInt(now.delayMs));
        }
        to.getOutputStream().write(piece, 0, length);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(from);
      if (!deaf.get()) {
        to.close();
      }
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void run(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // A connection ends in many ways here, which is what the proxy is for.
              }
            },
            "weather");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
