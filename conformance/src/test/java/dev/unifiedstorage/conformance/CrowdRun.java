package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * More sockets than stores take, held open by clients that want nothing, beside a client that goes
 * on writing to a namespace of its own.
 *
 * <p>Of each namespace as many open as {@code MAX_SOCKETS} says, whatever came first, and the rest
 * is refused with 429. Those that are open are answered, and so is everyone else; when they have
 * gone, others may come.
 */
final class CrowdRun {
  private static final int CLIENTS = 16;
  private static final int ANSWER_TIMEOUT_MS = 60_000;
  private static final int ANSWER_BYTES_AT_MOST = 1 << 12;
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final StoreServer server;
  private final int namespaces;
  private final int most;
  private final Map<Integer, List<Socket>> open = new ConcurrentHashMap<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  private CrowdRun(StoreServer server, int namespaces, int most) {
    this.server = server;
    this.namespaces = namespaces;
    this.most = most;
    for (int i = 0; i < namespaces; i++) {
      open.put(i, new ArrayList<>());
    }
  }

  /**
   * Opens sockets to a new server.
   *
   * @param most how many of one namespace may be open
   * @param tooMany how many more than that want to be
   */
  static void run(Path directory, int namespaces, int most, int tooMany) throws Exception {
    Setup setup = Setup.plain().with("MAX_SOCKETS", Integer.toString(most));
    try (StoreServer server = StoreServer.start(setup, directory.resolve("crowd"))) {
      new CrowdRun(server, namespaces, most).crowd(tooMany);
    }
  }

  private void crowd(int tooMany) throws Exception {
    long start = System.nanoTime();
    AtomicInteger next = new AtomicInteger();
    int wanted = namespaces * (most + tooMany);
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
      clients.submit(
          () -> {
            for (int mine = next.getAndIncrement();
                mine < wanted && failures.isEmpty();
                mine = next.getAndIncrement()) {
              join(mine % namespaces);
            }
          });
    }
    clients.shutdown();
    try {
      long writes =
          CountedWrites.beside(
              () -> clients.awaitTermination(1, TimeUnit.MILLISECONDS), server, "");
      assertEquals(List.of(), List.copyOf(failures));
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "sockets of %s: %,d open, %,d refused, within %.1f s; writes beside them: %,d%n",
          Target.current(), namespaces * most, refused.get(), seconds, writes);
      for (List<Socket> sockets : open.values()) {
        assertEquals(most, sockets.size());
        assertAnswers(sockets.get(0));
        assertAnswers(sockets.get(most - 1));
      }
      assertEquals(namespaces * tooMany, refused.get());
      assertTrue(server.http().healthy(), "the server is not well");
    } finally {
      clients.shutdownNow();
      for (List<Socket> sockets : open.values()) {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
    Until.within(DEADLINE).sees("room for another", () -> opens("attacked-0"), opens -> opens);
  }

  private boolean opens(String namespace) throws IOException {
    try (Socket socket = connect()) {
      return status(socket, namespace).equals("101");
    }
  }

  private void join(int namespace) {
    try {
      Socket socket = connect();
      String status = status(socket, "attacked-" + namespace);
      if (status.equals("101")) {
        List<Socket> sockets = open.get(namespace);
        synchronized (sockets) {
          sockets.add(socket);
        }
        return;
      }
      socket.close();
      if (status.equals("429")) {
        refused.incrementAndGet();
      } else {
        failures.add("a socket of attacked-" + namespace + " is answered " + status);
      }
    } catch (IOException | RuntimeException e) {
      failures.add("a socket of attacked-" + namespace + ": " + e);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port());
    socket.setSoTimeout(ANSWER_TIMEOUT_MS);
    return socket;
  }

  /** The status of the answer to one that wants to be a socket, whose head is read. */
  private static String status(Socket socket, String namespace) throws IOException {
    socket.getOutputStream().write(Attack.upgrade(namespace).toByteArray());
    String head = read(socket.getInputStream(), "\r\n\r\n");
    return head.startsWith("HTTP/1.1 ") ? head.substring(9, 12) : "'" + head + "'";
  }

  private static void assertAnswers(Socket socket) throws IOException {
    byte[] ping = "{\"type\":\"ping\",\"id\":1}".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    Attack.frame(frame, 0x81, true, ping.length, ping);
    socket.getOutputStream().write(frame.toByteArray());
    String answer = read(socket.getInputStream(), "}");
    assertTrue(answer.endsWith("{\"id\":1,\"status\":\"ok\"}"), answer);
  }

  /** What comes up to some text, or to the end. */
  private static String read(InputStream in, String to) throws IOException {
    StringBuilder text = new StringBuilder();
    int read = in.read();
    while (read >= 0 && text.length() < ANSWER_BYTES_AT_MOST) {
      text.append((char) read);
      if (text.length() >= to.length() && text.indexOf(to, text.length() - to.length()) >= 0) {
        break;
      }
      read = in.read();
    }
    return text.toString();
  }
}
