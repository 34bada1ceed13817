package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.StringJoiner;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link KillRounds} in {@code pipeline} durability, with an archive that lags several seconds:
 * what was acknowledged and not checkpointed exists in the Pipeline alone when the kill comes, and
 * is found again among the rows of a thousand other namespaces.
 */
@Order(2)
class ArchiveSigkillTest {
  private static final Duration LAG = Duration.ofSeconds(3);
  private static final int ROUNDS =
      Integer.getInteger("sigkill.archive.rounds", Target.current().archiveKillRounds());

  private static final int NEIGHBOURS = 1_000;
  private static final int NEIGHBOURS_PER_SEND = 250;
  private static final String FENCE = "{'parent':0,'parentSeq':0,'writer':'other'}";

  private final KillRounds kills = new KillRounds("ArchiveSigkillTest");
  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void nothingAcknowledgedIsLostWhenTheTailIsInThePipelineAlone() throws Exception {
    Setup base = Setup.plain();
    Setup first = KillRounds.layout(base, 0);
    try (ArchivedServer archived = ArchivedServer.start(first, directory, LAG)) {
      StoreServer server = archived.server();
      for (int from = 0; from < NEIGHBOURS; from += NEIGHBOURS_PER_SEND) {
        archived.send(rowsOfOthers(from, from + NEIGHBOURS_PER_SEND));
      }
      for (int round = 1; round <= ROUNDS; round++) {
        kills.killUnderLoad(server);
        archived.startAgain(KillRounds.layout(base, round), LAG);
        kills.settle(server);
      }
      kills.assertEnoughLoad(ROUNDS);
      JsonNode stats = server.http().stats(KillRounds.NAMESPACE);
      assertEquals("pipeline", stats.path("durability").asText(), stats::toString);
      String erased = archived.erase("namespace=" + neighbour(NEIGHBOURS - 1)).body();
      assertEquals(4, Session.json(erased).path("rows").asInt(), "none of its rows was dropped");
      // The archive alone leads to the same state, whatever the kills left in it.
      server.http().json("POST", "/stores/" + KillRounds.NAMESPACE + "/rebuild", "");
      kills.settle(server);
    }
  }

  /** What other stores have sent: each a life of its own with the seqs that the killed one has. */
  private static String rowsOfOthers(int from, int to) {
    StringJoiner records = new StringJoiner(",", "[", "]");
    for (int i = from; i < to; i++) {
      String namespace = neighbour(i);
      long life = (1L << 52) + i;
      records.add(row(namespace, life, 0, "store.fence", "", FENCE));
      for (int seq = 1; seq <= 3; seq++) {
        String verb = seq == 1 ? "thing.created" : "thing.updated";
        String entity = ",'entityId':'e','entityType':'Order','version':" + seq;
        records.add(row(namespace, life, seq, verb, entity, "{'$id':'e','n':" + seq + "}"));
      }
    }
    return records.toString().replace('\'', '"');
  }

  /** The names lie on both sides of the killed store's, whose rows are no block in the table. */
  private static String neighbour(int i) {
    return KillRounds.NAMESPACE.substring(0, 1 + i % KillRounds.NAMESPACE.length()) + i;
  }

  private static String row(
      String namespace, long life, int seq, String verb, String entity, String payload) {
    Instant now = Instant.now();
    return ("{'verb':'%s','store':'things','payload':%s,'timestamp':'%s',"
            + "'idempotencyKey':'%s:1.%d.%d','_meta':{'namespace':'%s'},"
            + "'ns':'%s','epoch':1,'seq':%d,'life':%d%s,'ts':%d}")
        .formatted(
            verb,
            payload,
            now,
            namespace,
            seq,
            life,
            namespace,
            namespace,
            seq,
            life,
            entity,
            now.toEpochMilli());
  }
}
