package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The code that the guide shows, between its markers; {@link GuideSnippetsTest} holds that the
 * guide shows just this.
 */
class GuideTest {
  @RegisterExtension static UnifiedStorageExtension storage = new UnifiedStorageExtension();

  @BeforeEach
  void empty() {
    storage.reset();
  }

  // snippet: first
  @Test
  void writesAndReads() {
    StoreClient client = storage.client("tenant-1");
    Written written = client.create("Customer", Map.of("$id", "alice", "visits", 1));
    assertEquals(1, written.version());

    client.update("alice", Map.of("visits", 2));
    Thing alice = client.read("alice").orElseThrow();
    assertEquals(2, alice.number("visits"));
    assertEquals(storage.now(), alice.createdAt());
  }

  // end

  // snippet: refusals
  @Test
  void aRefusalIsAValueOrAnException() {
    StoreClient client = storage.client("tenant-1");
    client.create("Customer", Map.of("$id", "alice"));

    Reply reply = client.call(Map.of("type", "update", "$id", "bob", "data", Map.of()));
    assertEquals("NOT_FOUND", reply.code());
  }

  // end

  // snippet: outage
  @Test
  void aWriteWaitsForThePipeline() {
    StoreClient client = storage.client("tenant-1");
    storage.pipeline().hang();
    CompletableFuture<Reply> reply =
        client.send(Map.of("type", "create", "$type", "Customer", "data", Map.of("$id", "alice")));

    storage.advance(Duration.ofSeconds(1));
    assertFalse(reply.isDone());

    storage.pipeline().accept();
    storage.advance(Duration.ofMinutes(1));
    assertEquals("ack", reply.join().status());
  }

  // end

  // snippet: archive
  @Test
  void aStoreWaitsForTheArchiveAfterACrash() {
    StoreClient client = storage.client("tenant-1");
    client.create("Customer", Map.of("$id", "alice"));
    storage.archive().stall();
    storage.crash();

    Map<String, Object> read = Map.of("type", "read", "$ids", List.of("alice"));
    assertEquals("RECOVERING", client.call(read).code());

    storage.archive().resume();
    assertTrue(client.read("alice").isPresent());
  }

  // end

  // snippet: bookmark
  @Test
  void aRestoredFileIsThePast() {
    StoreClient client = storage.client("tenant-1");
    client.create("Customer", Map.of("$id", "alice", "visits", 1));
    storage.awaitCheckpoint("tenant-1");
    storage.evict("tenant-1");
    Bookmark before = storage.bookmark("tenant-1");

    client.update("alice", Map.of("visits", 2));
    storage.evict("tenant-1");
    storage.restore(before);
    assertEquals(1, client.read("alice").orElseThrow().number("visits"));
  }

  // end

  // snippet: rows
  @Test
  void aThousandWritesAreAFewRows() {
    StoreClient client = storage.client("tenant-1");
    client.create("Counter", Map.of("$id", "visits", "n", 0));
    for (int n = 1; n <= 1_000; n++) {
      client.update("visits", Map.of("n", n));
    }
    storage.awaitCheckpoint("tenant-1");

    double rows = (Double) storage.stats("tenant-1").get("rowsWritten");
    assertTrue(rows < 10, () -> rows + " rows");
    assertEquals(1_002, storage.events("tenant-1").size());
  }

  // end

  // snippet: http
  @Test
  void aServiceOfYourOwnUsesTheNetwork() throws Exception {
    URI health = URI.create(storage.url() + "/health");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals("{\"status\":\"ok\"}", answer.body());
    assertEquals("/stores/tenant-1", storage.socketUrl("tenant-1").getPath());
  }

  // end

  @RegisterExtension
  // snippet: options
  static UnifiedStorageExtension slow =
      new UnifiedStorageExtension(
          options ->
              options
                  .rollInterval(Duration.ofMinutes(5))
                  .var("RECOVERY_TIMEOUT", "600000")
                  .var("CHECKPOINT_INTERVAL", "1000"));

  // end

  @Test
  void theOptionsCount() {
    StoreClient client = slow.client("tenant-1");
    client.create("Customer", Map.of("$id", "alice"));
    slow.crash();
    slow.advance(Duration.ofMinutes(4));
    assertEquals(
        "RECOVERING", client.call(Map.of("type", "read", "$ids", List.of("alice"))).code());
    assertTrue(client.read("alice").isPresent());
  }

  @Test
  void withoutJUnit() throws Exception {
    // snippet: emulator
    try (Emulator emulator = Emulator.start(EmulatorOptions.builder().virtualClock().build())) {
      URI socket = emulator.socketUrl("tenant-1");
      emulator.advance(Duration.ofDays(1));
      // end
      assertEquals(emulator.port(), socket.getPort());
    }
  }
}
