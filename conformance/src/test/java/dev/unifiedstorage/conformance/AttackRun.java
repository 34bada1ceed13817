package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * {@link Attack}s on one server, beside a client that goes on writing to a namespace of its own.
 *
 * <p>Whatever is sent: no answer is the server's fault (500), no answer has what lies outside of
 * the stores, no attacker's token is taken for one, every write of the other client is acknowledged
 * and there in the end, and the server is well.
 */
final class AttackRun {
  /** A file beside the data folder that no path may lead to. */
  static final String SECRET = "secret.txt";

  private static final String SECRET_TEXT = "nothing of this file leaves by any path";
  private static final int ATTACKERS = 16;
  private static final long MIXING = 0x9E3779B97F4A7C15L;
  private static final int SLOW_PIECES = 40;
  private static final long SLOW_NANOS = 20_000_000;
  private static final int HELD_BODIES = 100;
  private static final Duration DRIP = Duration.ofMillis(500);
  private static final int FAILURES_AT_MOST = 10;
  private static final int ANSWER_BYTES_AT_MOST = 1 << 20;

  /** An attacker that hears nothing for so long goes on to the next attack. */
  private static final Duration PATIENCE = Duration.ofMillis(250);

  private final StoreServer server;
  private final Path directory;
  private final Map<String, AtomicLong> counts = new ConcurrentSkipListMap<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Map<String, Boolean> known = new ConcurrentHashMap<>();
  private final AtomicLong next = new AtomicLong();

  private AttackRun(StoreServer server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /**
   * Attacks a new server.
   *
   * @param seed the first attack's; the next one's is one more
   * @param atLeast how many attacks
   * @param length how long, if that takes longer
   */
  static void run(Path directory, long seed, long atLeast, Duration length) throws Exception {
    Files.writeString(directory.resolve(SECRET), SECRET_TEXT);
    Setup setup =
        Setup.plain().with("AUTH_JWT_SECRET", Jwt.SECRET).with("ACCESS_TOKEN", "the-owners");
    // With no token the namespaces would be closed to most attacks; with an owner's they are open.
    for (boolean closed : new boolean[] {true, false}) {
      Path data = directory.resolve(closed ? "closed" : "open");
      try (StoreServer server = StoreServer.start(closed ? setup : Setup.plain(), data)) {
        AttackRun run = new AttackRun(server, directory);
        run.attack(seed, atLeast / 2, length.dividedBy(2), closed);
      }
    }
  }

  private void attack(long seed, long atLeast, Duration length, boolean closed) throws Exception {
    long end = System.nanoTime() + length.toNanos();
    next.set(seed);
    ExecutorService attackers = Executors.newFixedThreadPool(ATTACKERS + 1);
    CountDownLatch slow = new CountDownLatch(1);
    CountDownLatch fast = new CountDownLatch(ATTACKERS);
    attackers.submit(() -> holdBodies(slow, fast));
    slow.await();
    for (int i = 0; i < ATTACKERS; i++) {
      attackers.submit(
          () -> {
            long mine = next.getAndIncrement();
            while ((mine < seed + atLeast || System.nanoTime() < end)
                && failures.size() < FAILURES_AT_MOST) {
              attack(mine, closed);
              mine = next.getAndIncrement();
            }
            fast.countDown();
          });
    }
    attackers.shutdown();
    long writes =
        CountedWrites.beside(
            () -> attackers.awaitTermination(1, TimeUnit.MILLISECONDS),
            server,
            closed ? "access_token=the-owners" : "");
    System.out.println(
        "attacks on "
            + Target.current()
            + (closed ? ", closed: " : ", open: ")
            + counts
            + "; writes beside them: "
            + writes);
    assertEquals(List.of(), failures);
    assertTrue(server.http().healthy(), "the server is not well");
    assertEquals(SECRET_TEXT, Files.readString(directory.resolve(SECRET)));
  }

  /**
   * Holds more bodies that have begun than a server has threads, and drips into each until the
   * other attackers are through.
   *
   * @param held told when all have begun
   */
  private void holdBodies(CountDownLatch held, CountDownLatch others) {
    Socket[] bodies = new Socket[HELD_BODIES];
    long drips = 0;
    try {
      do {
        for (int i = 0; i < bodies.length; i++) {
          bodies[i] = drip(bodies[i], i % 2 == 0 ? "/stores/attacked-0/requests" : "/pipelines/a");
        }
        held.countDown();
        drips++;
        if (!server.http().healthy()) {
          failures.add("the server is not well while bodies are held");
        }
      } while (!others.await(DRIP.toMillis(), TimeUnit.MILLISECONDS));
      for (Socket body : bodies) {
        body.close();
      }
    } catch (IOException | InterruptedException e) {
      failures.add("a body could not be held: " + e);
    } finally {
      held.countDown();
    }
    counts.put("BODIES held, drips into each", new AtomicLong(drips));
  }

  /** The connection with one more character of its body sent; another one where it was ended. */
  private Socket drip(Socket body, String path) throws IOException {
    if (body != null) {
      try {
        body.getOutputStream().write('{');
        return body;
      } catch (IOException e) {
        body.close();
      }
    }
    Socket begun = new Socket(InetAddress.getLoopbackAddress(), server.process().port());
    begun
        .getOutputStream()
        .write(
            ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n{")
                .getBytes(StandardCharsets.ISO_8859_1));
    return begun;
  }

  private void attack(long seed, boolean closed) {
    // Neighbours of a seed would draw alike.
    Random random = new Random(seed * MIXING);
    Attack[] kinds = Attack.values();
    Attack attack = kinds[random.nextInt(kinds.length)];
    try {
      judge(
          seed,
          attack,
          new String(answer(attack.bytes(random), random), StandardCharsets.ISO_8859_1),
          closed);
    } catch (IOException e) {
      // The server may end a connection in the middle of what it does not take.
      count(attack, "ended");
    } catch (RuntimeException e) {
      failed(seed, attack, e.toString());
    }
  }

  private void judge(long seed, Attack attack, String answer, boolean closed) {
    if (answer.contains(SECRET_TEXT) || answer.contains("root:x:")) {
      failed(seed, attack, "a file outside of the stores was sent");
    }
    if (!answer.startsWith("HTTP/1.")) {
      count(attack, answer.isEmpty() ? "silence" : "other");
      return;
    }
    String status = answer.substring(9, Math.min(12, answer.length()));
    count(attack, status);
    if (status.equals("500") && Target.current().isOwnAnswer(answer)) {
      failed(seed, attack, answer.substring(0, Math.min(300, answer.length())));
    }
    if (closed && attack == Attack.TOKEN && status.equals("200")) {
      failed(seed, attack, "a token was taken for one");
    }
    if (answer.contains("INTERNAL_ERROR")) {
      failed(seed, attack, "an internal error: " + answer);
    }
  }

  private void failed(long seed, Attack attack, String what) {
    if (known.putIfAbsent(attack + what.substring(0, Math.min(60, what.length())), true) == null) {
      failures.add("make attack TARGET=… SEED=" + seed + " (" + attack + "): " + what);
    }
  }

  private void count(Attack attack, String what) {
    counts.computeIfAbsent(attack + " " + what, key -> new AtomicLong()).incrementAndGet();
  }

  /** What comes back, up to the connection's end. */
  private byte[] answer(byte[] attack, Random random) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      send(socket.getOutputStream(), attack, random);
      socket.shutdownOutput();
      return readToEnd(socket.getInputStream());
    }
  }

  /** In two pieces, or now and then in many and slowly: the server waits in the middle of it. */
  private static void send(OutputStream out, byte[] attack, Random random) throws IOException {
    boolean slowly = random.nextInt(16) == 0;
    int piece = slowly ? attack.length / SLOW_PIECES + 1 : attack.length / 2 + 1;
    for (int from = 0; from < attack.length; from += piece) {
      out.write(attack, from, Math.min(piece, attack.length - from));
      out.flush();
      if (slowly) {
        LockSupport.parkNanos(SLOW_NANOS);
      }
    }
  }

  private static byte[] readToEnd(InputStream in) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      int read = in.read(buffer);
      while (read >= 0 && answer.size() < ANSWER_BYTES_AT_MOST) {
        answer.write(buffer, 0, read);
        read = in.read(buffer);
      }
    } catch (SocketTimeoutException e) {
      // What came until now is the answer.
    }
    return answer.toByteArray();
  }
}
