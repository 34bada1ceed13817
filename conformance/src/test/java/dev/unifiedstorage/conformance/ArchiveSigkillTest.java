package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link KillRounds} in {@code pipeline} durability, with an archive that lags several seconds:
 * what was acknowledged and not checkpointed exists in the Pipeline alone when the kill comes.
 */
@Order(2)
class ArchiveSigkillTest {
  private static final Duration LAG = Duration.ofSeconds(3);
  private static final int ROUNDS =
      Integer.getInteger("sigkill.archive.rounds", Target.current().archiveKillRounds());

  private final KillRounds kills = new KillRounds("ArchiveSigkillTest");
  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void nothingAcknowledgedIsLostWhenTheTailIsInThePipelineAlone() throws Exception {
    Setup base = Setup.plain();
    Setup first = KillRounds.layout(base, 0);
    try (ArchivedServer archived = ArchivedServer.start(first, directory, LAG)) {
      StoreServer server = archived.server();
      for (int round = 1; round <= ROUNDS; round++) {
        kills.killUnderLoad(server);
        archived.startAgain(KillRounds.layout(base, round), LAG);
        kills.settle(server);
      }
      kills.assertEnoughLoad(ROUNDS);
      JsonNode stats = server.http().stats(KillRounds.NAMESPACE);
      assertEquals("pipeline", stats.path("durability").asText(), stats::toString);
      // The archive alone leads to the same state, whatever the kills left in it.
      server.http().json("POST", "/stores/" + KillRounds.NAMESPACE + "/rebuild", "");
      kills.settle(server);
    }
  }
}
