package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A server killed again and again by SIGKILL under mixed load, over one data directory, with the
 * layouts and the checkpoint interval changing from life to life.
 *
 * <p>After every kill the store must hold what its replies confirmed. The seed decides the load and
 * the moments, not the scheduling of threads, so that a seed makes a failure likely again, not
 * certain.
 */
final class KillRounds {
  static final String NAMESPACE = "killed";
  private static final int SOCKETS = 4;
  private static final int ENTITIES_PER_SOCKET = 60;
  private static final long SEED = Long.getLong("sigkill.seed", System.nanoTime());

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Oracle oracle = new Oracle();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final String name;

  KillRounds(String name) {
    this.name = name;
    System.out.println(name + ": repeat with -Dsigkill.seed=" + SEED);
  }

  Oracle oracle() {
    return oracle;
  }

  /** The layouts in turn; with 240 entities of three types every one of them is really taken. */
  static Setup layout(Setup base, int round) {
    Setup withInterval =
        base.with("CHECKPOINT_INTERVAL", round % 2 == 0 ? "30" : "5000")
            .with("DIRTY_COUNT_THRESHOLD", round % 5 == 0 ? "25" : "10000");
    return switch (round % 4) {
      case 0 -> withInterval;
      case 1 -> withInterval.with("COLUMNAR_THRESHOLD", "20");
      case 2 ->
          withInterval.with("COLUMNAR_THRESHOLD", "20").with("LARGE_COLLECTIONS", "normalized");
      default -> withInterval.with("COLUMNAR_THRESHOLD", "20").with("MAX_ENTRIES", "40");
    };
  }

  void killUnderLoad(StoreServer server) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    int before = acknowledged.get();
    for (int i = 0; i < SOCKETS; i++) {
      MixedLoad load =
          new MixedLoad(
              server.open(NAMESPACE),
              oracle,
              random.split(),
              i,
              ENTITIES_PER_SOCKET,
              acknowledged,
              failure);
      Thread thread = new Thread(load, "load-" + i);
      thread.start();
      threads.add(thread);
    }
    Until.within(Duration.ofSeconds(20))
        .sees("acknowledgements", acknowledged::get, n -> n > before + 60 || failure.get() != null);
    LockSupport.parkNanos(random.nextLong(400_000_000));
    server.process().kill();
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    if (failure.get() != null) {
      throw new AssertionError(name + ", seed " + SEED, failure.get());
    }
  }

  /** Compares what the store holds with what it may hold. */
  void settle(StoreServer server) throws Exception {
    Map<String, Oracle.State> found = new HashMap<>();
    try (Session s = server.open(NAMESPACE)) {
      List<String> ids = oracle.ids();
      ObjectNode request = Session.json("{'type':'read'}");
      ids.forEach(request.withArray("$ids")::add);
      Reply reply = s.call(request).ok();
      ids.forEach(id -> found.put(id, Oracle.State.of(reply.thing(id))));
      try {
        oracle.settle(found);
      } catch (AssertionError e) {
        throw new AssertionError(name + ", seed " + SEED + ", stats " + s.stats(), e);
      }
    }
  }

  void assertEnoughLoad(int rounds) {
    assertTrue(acknowledged.get() > rounds * 50, "too little load: " + acknowledged);
  }
}
