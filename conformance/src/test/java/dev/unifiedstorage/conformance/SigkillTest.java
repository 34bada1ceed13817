package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link KillRounds} in {@code local} durability: at the end the Pipeline's log must hold every
 * acknowledged event, and must replay to the state of the store.
 */
@Order(3)
class SigkillTest {
  private static final int ROUNDS = Integer.getInteger("sigkill.rounds", 12);

  private final KillRounds kills = new KillRounds("SigkillTest");
  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void nothingAcknowledgedIsLostAndEveryEventReachesThePipeline() throws Exception {
    try (PipelineSink sink = new PipelineSink()) {
      Setup base = Setup.plain().sendingTo(sink).with("DURABILITY", "local");
      rounds(base, ROUNDS, () -> sink.log(KillRounds.NAMESPACE), sink);
    }
  }

  @Test
  @Timeout(400)
  void theEmbeddedPipelinesLogSurvivesTheSameKills() throws Exception {
    assumeTrue(Target.current().hasEmulatorRoutes(), "the embedded Pipeline is the emulator's");
    // A sink that rolls would let go of the log.
    Setup base = Setup.plain().with("DURABILITY", "local").rollingEvery(Duration.ofHours(1));
    rounds(base, 5, null, null);
  }

  private void rounds(Setup base, int rounds, Callable<EventLog> log, PipelineSink sink)
      throws Exception {
    Setup first = KillRounds.layout(base, 0);
    try (StoreServer server = StoreServer.start(first, directory.resolve("data"))) {
      for (int round = 1; round <= rounds; round++) {
        if (sink != null) {
          // an outage now and then, so that kills find undelivered events
          sink.mode(round % 3 == 0 ? PipelineSink.Mode.DUPLICATE : PipelineSink.Mode.OK);
        }
        kills.killUnderLoad(server);
        server.startAgain(KillRounds.layout(base, round));
        kills.settle(server);
      }
      if (sink != null) {
        sink.mode(PipelineSink.Mode.OK);
      }
      kills.assertEnoughLoad(rounds);
      kills.assertDelivered(server, log != null ? log : () -> embeddedLog(server));
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
        records.stream().filter(r -> KillRounds.NAMESPACE.equals(r.path("ns").asText())).toList());
  }

  private static JsonNode readPage(StoreServer server, int from) throws Exception {
    String path = "/pipelines/events?from=" + from + "&limit=1000";
    return StoreSocket.JSON.readTree(server.http().request("GET", path, null).body());
  }
}
