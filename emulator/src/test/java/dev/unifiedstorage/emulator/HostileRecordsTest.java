package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Records in the stream that no store sent: somebody else could write to it. */
class HostileRecordsTest {
  private static final int ATTEMPTS = 100;

  /** Each makes of a store's own record one that it never sent: what is replaced, and by what. */
  private static final String[][] FORGERIES = {
    {"\"life\":\\d+,", ""},
    {"\"epoch\":\\d+", "\"epoch\":900"},
    {"\"seq\":\\d+", "\"seq\":\"x\""},
    {"\"payload\":\\{[^}]*\\}", "\"payload\":\"x\""},
    {"\"verb\":\"[a-z.]+\"", "\"verb\":\"store.fence\""},
    {"\"verb\":\"[a-z.]+\"", "\"verb\":\"store.deleted\""}
  };

  @Test
  void areNeverMixedIn() throws Exception {
    EmulatorOptions options =
        EmulatorOptions.builder()
            .port(0)
            .virtualClock()
            // Behind a checkpoint nobody looks into the archive.
            .var("CHECKPOINT_INTERVAL", "3600000")
            .build();
    try (Emulator emulator = Emulator.start(options)) {
      Store store = emulator.store("victim");
      emulator.await(store.create("T", Map.of("$id", "own", "n", 1)));
      String own = emulator.events(0).get(1);
      // The life is random and told to nobody: with it a record is as good as the store's own.
      String next =
          own.replace("\"own", "\"forged")
              .replaceFirst("\"seq\":1\\b", "\"seq\":2")
              .replaceFirst("\"life\":\\d+", "\"life\":7");
      List<String> forged = new ArrayList<>();
      forged.add(next);
      for (String[] forgery : FORGERIES) {
        String changed = next.replaceFirst(forgery[0], forgery[1]);
        assertNotEquals(next, changed);
        forged.add(changed);
      }
      send(emulator, forged);
      emulator.crash();
      assertEquals(Set.of("own"), things(emulator, store));
      String stats = emulator.stats("victim");
      // They were looked at: the tail came from the archive.
      assertTrue(stats.contains("\"eventsReplayed\":1,"), stats);
      assertTrue(stats.contains("\"branchLives\":[1,7]"), stats);
      recovered(emulator, () -> store.create("T", Map.of("$id", "later", "n", 1)));
      send(emulator, forged);
      emulator.crash();
      assertEquals(Set.of("own", "later"), things(emulator, store));
    }
  }

  private static Set<String> things(Emulator emulator, Store store) {
    return recovered(emulator, () -> store.read(List.of("own", "later", "forged"))).keySet();
  }

  /** Asks, and asks again while the store recovers. */
  private static <T> T recovered(Emulator emulator, Supplier<CompletableFuture<T>> request) {
    for (int attempt = 1; ; attempt++) {
      try {
        return emulator.await(request.get());
      } catch (StoreRefusedException e) {
        if (attempt == ATTEMPTS || !e.getMessage().startsWith("RECOVERING")) {
          throw e;
        }
        emulator.advance(Duration.ofSeconds(1));
      }
    }
  }

  private static void send(Emulator emulator, List<String> records) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(emulator.url() + "/pipelines/events"))
                    .timeout(Duration.ofSeconds(20))
                    .POST(HttpRequest.BodyPublishers.ofString(records.toString()))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer::body);
    // Long enough for the sink, and too short for an idle object to leave the memory.
    emulator.advance(Duration.ofSeconds(3));
    assertTrue(emulator.isArchived());
  }
}
