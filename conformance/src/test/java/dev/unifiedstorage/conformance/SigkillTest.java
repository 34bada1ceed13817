package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.client.StoreSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers killed by SIGKILL at random moments under mixed load, over one data directory, with the
 * layouts and the checkpoint interval changing from life to life.
 *
 * <p>After every kill the store must hold what its replies confirmed. At the end the Pipeline's log
 * must hold every acknowledged event, and must replay to the state of the store. The seed decides
 * the load and the moments, not the scheduling of threads, so that a seed makes a failure likely
 * again, not certain.
 */
@Order(3)
class SigkillTest {
  private static final String NAMESPACE = "killed";
  private static final int SOCKETS = 4;
  private static final int ENTITIES_PER_SOCKET = 60;
  private static final long SEED = Long.getLong("sigkill.seed", System.nanoTime());
  private static final int ROUNDS = Integer.getInteger("sigkill.rounds", 21);

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Oracle oracle = new Oracle();
  private final AtomicInteger acknowledged = new AtomicInteger();
  @TempDir private Path directory;

  /** The layouts in turn; with 240 entities of three types every one of them is really taken. */
  private Setup layout(Setup base, int round) {
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

  @Test
  @Timeout(170)
  void nothingAcknowledgedIsLostAndEveryEventReachesThePipeline() throws Exception {
    System.out.println("SigkillTest: repeat with -Dsigkill.seed=" + SEED);
    try (PipelineSink sink = new PipelineSink()) {
      Setup base = Setup.plain().sendingTo(sink).with("DURABILITY", "local");
      rounds(base, ROUNDS, () -> sink.log(NAMESPACE), sink);
    }
  }

  @Test
  @Timeout(100)
  void theEmbeddedPipelinesLogSurvivesTheSameKills() throws Exception {
    assumeTrue(Target.current().hasEmulatorRoutes(), "the embedded Pipeline is the emulator's");
    System.out.println("SigkillTest: repeat with -Dsigkill.seed=" + SEED);
    rounds(Setup.plain().with("DURABILITY", "local"), 5, null, null);
  }

  private void rounds(Setup base, int rounds, Callable<EventLog> log, PipelineSink sink)
      throws Exception {
    try (StoreServer server = StoreServer.start(layout(base, 0), directory.resolve("data"))) {
      for (int round = 1; round <= rounds; round++) {
        if (sink != null) {
          // an outage now and then, so that kills find undelivered events
          sink.mode(round % 3 == 0 ? PipelineSink.Mode.DUPLICATE : PipelineSink.Mode.OK);
        }
        killUnderLoad(server);
        server.startAgain(layout(base, round));
        settle(server);
      }
      if (sink != null) {
        sink.mode(PipelineSink.Mode.OK);
      }
      assertTrue(acknowledged.get() > rounds * 50, "too little load: " + acknowledged);
      Callable<EventLog> events = log != null ? log : () -> embeddedLog(server);
      EventLog complete =
          Until.within(Duration.ofSeconds(120))
              .sees("every acknowledged event", events, l -> delivered(server, l));
      oracle.assertReplays(complete);
    }
  }

  private boolean delivered(StoreServer server, EventLog log) {
    try (Session s = server.open(NAMESPACE)) {
      return oracle.missingFrom(log).isEmpty()
          && log.events().size() == s.stats().path("appliedSeq").asInt(-1);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private void killUnderLoad(StoreServer server) throws Exception {
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
        .sees("acknowledgements", acknowledged::get, n -> n > before + 60 || failed(failure));
    LockSupport.parkNanos(random.nextLong(400_000_000));
    server.process().kill();
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    if (failure.get() != null) {
      throw new AssertionError("seed " + SEED, failure.get());
    }
  }

  private static boolean failed(AtomicReference<Throwable> failure) {
    return failure.get() != null;
  }

  private void settle(StoreServer server) throws Exception {
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
        throw new AssertionError("seed " + SEED + ", stats " + s.stats(), e);
      }
    }
  }

  private static EventLog embeddedLog(StoreServer server) throws Exception {
    List<JsonNode> records = new ArrayList<>();
    JsonNode page = readPage(server, 0);
    while (!page.isEmpty()) {
      page.forEach(records::add);
      page = readPage(server, records.size());
    }
    return EventLog.of(
        records.stream().filter(r -> NAMESPACE.equals(r.path("ns").asText())).toList());
  }

  private static JsonNode readPage(StoreServer server, int from) throws Exception {
    String path = "/pipelines/events?from=" + from + "&limit=1000";
    return StoreSocket.JSON.readTree(server.http().request("GET", path, null).body());
  }
}
