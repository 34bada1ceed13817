package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

class UnifiedStorageExtensionTest {
  private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());

  @RegisterExtension
  static final UnifiedStorageExtension storage =
      new UnifiedStorageExtension(UnifiedStorageExtensionTest::silent);

  private static void silent(EmulatorOptions.Builder options) {
    options.log(SILENT);
  }

  private StoreClient client;

  @BeforeEach
  void anew() {
    storage.reset();
    client = storage.client("demo");
  }

  @Test
  void aClientWritesReadsAndIsRefused() {
    Written created = client.create("Customer", Map.of("$id", "a", "name", "Alice", "age", 41));
    assertEquals(new Written("a", 1), created);
    assertEquals(new Written("a", 2), client.update("a", Map.of("age", 42)));
    Thing thing = client.read("a").orElseThrow();
    assertEquals("Customer", thing.type());
    assertEquals(2, thing.version());
    assertEquals("Alice", thing.text("name"));
    assertEquals(42, thing.number("age"));
    assertEquals(storage.now(), thing.createdAt());
    assertThrows(IllegalStateException.class, () -> thing.text("age"));
    StoreException conflict =
        assertThrows(StoreException.class, () -> client.update("a", Map.of("age", 43), 1));
    assertEquals("CONFLICT", conflict.code());
    assertEquals(Map.of("version", 2.0), conflict.reply().details());
    assertTrue(conflict.getMessage().startsWith("CONFLICT: "), conflict.getMessage());
    client.delete("a");
    assertTrue(client.read("a").isEmpty());
    Reply reply = client.call(Map.of("type", "nonsense"));
    assertTrue(reply.isError());
    assertEquals("UNKNOWN_TYPE", reply.code());
  }

  @Test
  void aClientsStoreHasEveryVerb() {
    client.create("Customer", Map.of("$id", "a", "name", "Alice"));
    assertEquals("Alice", client.store().get("a").orElseThrow().get("name"));
    storage
        .emulator()
        .await(client.store().create("Customer", Map.of("$id", "b"), Map.of("expiresInMs", 500)));
    storage.advance(Duration.ofSeconds(1));
    assertTrue(client.store().get("b").isEmpty());
  }

  @Test
  void aStoreThatCrashesInsideTheArchivesLagFindsItsData() {
    client.create("Customer", Map.of("$id", "a"));
    Instant before = storage.now();
    storage.crash();
    assertEquals("RECOVERING", client.call(Map.of("type", "read", "$ids", List.of("a"))).code());
    assertTrue(client.read("a").isPresent());
    assertTrue(storage.now().isAfter(before), "the client waited for the archive");
  }

  @Test
  void hoursTakeMilliseconds() {
    client.create("Customer", Map.of("$id", "a"));
    storage.crash();
    storage.advance(Duration.ofHours(24));
    assertTrue(client.read("a").isPresent());
    assertEquals(
        Instant.parse("2026-01-02T00:00:00Z").getEpochSecond(), storage.now().getEpochSecond());
  }

  @Test
  void nothingIsAcknowledgedThatThePipelineHasNotAccepted() {
    storage.pipeline().hang();
    CompletableFuture<Reply> reply = client.send(create("a"));
    storage.advance(Duration.ofSeconds(1));
    assertFalse(reply.isDone());
    storage.pipeline().accept();
    storage.advance(Duration.ofMinutes(1));
    assertEquals("ack", reply.join().status());
    assertEquals(2, storage.events("demo").size(), "the fence and the event, once");
  }

  @Test
  void anOutageEndsByItself() {
    storage.pipeline().outage(Duration.ofMinutes(10));
    client.create("Customer", Map.of("$id", "a"));
    assertEquals(0, storage.events("demo").size());
    assertNotEquals("ok", pipelineStatus());
    storage.advance(Duration.ofMinutes(20));
    assertEquals(2, storage.events("demo").size());
  }

  @Test
  void whatWasSaidAfterAnOutageBeganCounts() {
    storage.pipeline().outage(Duration.ofMinutes(10));
    storage.pipeline().reject();
    storage.advance(Duration.ofMinutes(20));
    client.create("Customer", Map.of("$id", "a"));
    assertEquals(0, storage.events("demo").size());
  }

  @Test
  void aRejectingPipelineKeepsNothingAndADuplicatingOneTellsLies() {
    storage.pipeline().duplicate();
    CompletableFuture<Reply> reply = client.send(create("a"));
    storage.advance(Duration.ofMillis(100));
    assertFalse(reply.isDone());
    storage.pipeline().delay(Duration.ofMillis(300));
    storage.advance(Duration.ofMinutes(1));
    assertEquals("ack", reply.join().status());
    List<Object> keys = new ArrayList<>();
    storage.events("demo").forEach(record -> keys.add(record.get("idempotencyKey")));
    assertTrue(keys.size() > keys.stream().distinct().count(), "stored twice, with the same keys");
  }

  @Test
  void noTestWaitsForASinkThatStandsStill() {
    storage.archive().stall();
    client.create("Customer", Map.of("$id", "a"));
    assertThrows(IllegalStateException.class, () -> storage.awaitArchive("demo"));
    storage.crash();
    storage.advance(Duration.ofSeconds(20));
    assertEquals("RECOVERING", client.call(Map.of("type", "read", "$ids", List.of("a"))).code());
    storage.archive().resume();
    assertTrue(client.read("a").isPresent());
  }

  @Test
  void whatIsWaitedForHasHappened() {
    client.create("Customer", Map.of("$id", "a"));
    assertEquals(1.0, storage.stats("demo").get("dirty"));
    storage.awaitCheckpoint("demo");
    assertEquals(0.0, storage.stats("demo").get("dirty"));
    storage.awaitArchive("demo");
    assertTrue(storage.emulator().isArchived());
  }

  @Test
  void anEvictedStoreComesBackCleanAndItsClientsStay() {
    CompletableFuture<Reply> first = client.send(create("a"));
    storage.evict("demo");
    Object boot = storage.stats("demo").get("bootId");
    storage.evict("demo");
    assertNotEquals(boot, storage.stats("demo").get("bootId"));
    assertEquals("ack", first.join().status());
    assertTrue(client.read("a").isPresent());
  }

  @Test
  void aBookmarkIsWhatTheFileWas() {
    client.create("Customer", Map.of("$id", "a", "name", "Alice"));
    storage.evict("demo");
    Bookmark bookmark = storage.bookmark("demo");
    client.update("a", Map.of("name", "Bob"));
    storage.evict("demo");
    storage.restore(bookmark);
    assertEquals("Alice", client.read("a").orElseThrow().text("name"));
  }

  @Test
  void aBookmarkOfNothingIsALostFile() {
    Bookmark nothing = storage.bookmark("demo");
    client.create("Customer", Map.of("$id", "a"));
    storage.evict("demo");
    storage.restore(nothing);
    assertTrue(client.read("a").isPresent(), "rebuilt from the archive");
  }

  @Test
  void aCrashFailsWhatWaitsForAReply() {
    storage.pipeline().hang();
    CompletableFuture<Reply> reply = client.send(create("a"));
    storage.crash();
    CompletionException e = assertThrows(CompletionException.class, reply::join);
    assertInstanceOf(IllegalStateException.class, e.getCause());
    assertTrue(e.getMessage().contains("1006"), e.getMessage());
  }

  @Test
  void resetKeepsThePortAndNothingElse() {
    int port = storage.emulator().port();
    client.create("Customer", Map.of("$id", "a"));
    storage.pipeline().reject();
    storage.reset();
    assertEquals(port, storage.emulator().port());
    assertEquals(0, storage.events("demo").size());
    assertTrue(storage.client("demo").read("a").isEmpty());
    assertEquals(Instant.parse("2026-01-01T00:00:00Z"), storage.now());
  }

  @Nested
  class Inside {
    @Test
    void aNestedClassSharesTheEmulatorOfTheOneAround() {
      assertTrue(storage.client("demo").read("a").isEmpty());
    }
  }

  @Test
  void anInstanceFieldIsAnEmulatorATest() {
    run(AnEmulatorATest.class, 2);
    assertNotSame(AnEmulatorATest.seen.get(0), AnEmulatorATest.seen.get(1));
    assertEquals(2, AnEmulatorATest.seen.size());
  }

  static class AnEmulatorATest {
    private static final List<Emulator> seen = new ArrayList<>();

    @RegisterExtension
    final UnifiedStorageExtension own =
        new UnifiedStorageExtension(UnifiedStorageExtensionTest::silent);

    @Test
    void first() {
      seen.add(own.emulator());
    }

    @Test
    void second() {
      seen.add(own.emulator());
    }
  }

  @Test
  void aParameterIsTheEmulatorOfTheClass() {
    run(AsAParameter.class, 2);
    assertSame(AsAParameter.seen.get(0), AsAParameter.seen.get(1));
    assertThrows(
        IllegalStateException.class, () -> AsAParameter.last.emulator(), "it has ended since");
  }

  @ExtendWith(UnifiedStorageExtension.class)
  static class AsAParameter {
    private static final List<Emulator> seen = new ArrayList<>();
    private static UnifiedStorageExtension last;

    @Test
    void first(UnifiedStorageExtension given) {
      seen.add(given.emulator());
    }

    @Test
    void second(UnifiedStorageExtension given) {
      seen.add(given.emulator());
      last = given;
    }
  }

  private static void run(Class<?> tests, int succeed) {
    EngineTestKit.engine("junit-jupiter")
        .selectors(DiscoverySelectors.selectClass(tests))
        .execute()
        .testEvents()
        .assertStatistics(events -> events.succeeded(succeed));
  }

  private Object pipelineStatus() {
    return ((Map<?, ?>) storage.stats("demo").get("pipeline")).get("status");
  }

  private static Map<String, Object> create(String id) {
    return Map.of("type", "create", "$type", "Customer", "data", Map.of("$id", id));
  }
}
