package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.Callable;
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
  private final LoadedStore store;

  KillRounds(String name) {
    String repeat = name + ": repeat with -Dsigkill.seed=" + SEED;
    System.out.println(repeat);
    store = new LoadedStore(repeat, NAMESPACE, SOCKETS, ENTITIES_PER_SOCKET, random.split(), false);
  }

  /** Waits until the Pipeline has every acknowledged event, and checks where they lead to. */
  void assertDelivered(StoreServer server, Callable<EventLog> log) throws Exception {
    store.assertDelivered(server, log);
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
    store.startLoad(server);
    store.awaitAcknowledged(60);
    LockSupport.parkNanos(random.nextLong(400_000_000));
    server.process().kill();
    store.awaitLoadsEnd();
  }

  /** Compares what the store holds with what it may hold. */
  void settle(StoreServer server) throws Exception {
    store.settle(server);
  }

  void assertEnoughLoad(int rounds) {
    assertTrue(store.acknowledged() > rounds * 50, "too little load: " + store.acknowledged());
  }
}
