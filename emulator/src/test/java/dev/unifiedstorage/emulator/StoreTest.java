package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.store.WriteRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A store's requests as methods, in the process of the emulator. */
class StoreTest {
  private final Emulator emulator = start();
  private final Store store = emulator.store("tenant-1");

  private Emulator start() {
    try {
      return Emulator.start(
          EmulatorOptions.builder().virtualClock(Instant.parse("2026-01-31T12:00:00Z")).build());
    } catch (CannotStartException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    emulator.close();
  }

  @Test
  void hasTheRequestsOfTheProtocol() {
    assertEquals(
        Map.of("$id", "a", "$version", 1.0),
        emulator.await(store.create("T", Map.of("$id", "a", "n", 1))));
    emulator.await(store.update("a", Map.of("increment", Map.of("n", 1))));
    emulator.await(store.put("T", "b", Map.of("n", 5), Map.of("ifVersion", 0)));
    assertEquals(2.0, emulator.await(store.read(List.of("a", "none"))).get("a").get("n"));
    assertEquals(2L, emulator.await(store.count("T", Map.of())));
    Map<String, Object> page =
        emulator.await(store.query("T", Map.of("where", Map.of("n", Map.of("$gt", 3)))));
    assertEquals(1, ((List<?>) page.get("things")).size());
    List<Map<String, Object>> results =
        emulator.await(store.batch(List.of(Map.of("type", "delete", "$id", "b")), true));
    assertEquals("ok", results.get(0).get("status"));
    emulator.await(store.delete("nobody"));
  }

  @Test
  void refusalsAreExceptionsWithCodeAndDetails() {
    emulator.await(store.create("T", Map.of("$id", "a")));
    StoreRefusedException taken =
        assertThrows(
            StoreRefusedException.class,
            () -> emulator.await(store.create("T", Map.of("$id", "a"))));
    assertEquals("CONFLICT", taken.code());
    assertEquals(Map.of("version", 1.0), taken.details());
    assertTrue(taken.getMessage().startsWith("CONFLICT: "), taken.getMessage());
  }

  @Test
  void goesOnAfterACrash() {
    emulator.await(store.create("T", Map.of("$id", "a")));
    emulator.crash();
    StoreRefusedException recovering =
        assertThrows(StoreRefusedException.class, () -> emulator.await(store.read(List.of("a"))));
    assertEquals("RECOVERING", recovering.code());
    emulator.await(emulator.after(Duration.ofSeconds(10)));
    assertEquals(1, emulator.await(store.read(List.of("a"))).size());
  }

  private static String code(Executable refused) {
    return assertThrows(StoreRefusedException.class, refused).code();
  }

  /** What has been told by now. */
  private void pass(Duration time) {
    emulator.await(emulator.after(time));
  }

  @Test
  void createsAndDeletesTakeOptions() {
    Map<String, Object> made =
        emulator.await(
            store.create(
                "T", Map.of("$id", "a", "n", 1), Map.of("expiresInMs", 1000, "return", true)));
    assertEquals(1.0, ((Map<?, ?>) made.get("thing")).get("n"));
    assertEquals("CONFLICT", code(() -> emulator.await(store.delete("a", Map.of("ifVersion", 7)))));
    assertTrue(store.get("a").isPresent());
    emulator.advance(Duration.ofSeconds(1));
    assertEquals(Map.of(), emulator.await(store.read(List.of("a"))));
    assertEquals(Optional.empty(), store.get("a"));
  }

  @Test
  void thePastIsReadAndCounted() {
    emulator.await(store.create("T", Map.of("$id", "a", "n", 1)));
    Object at = emulator.await(store.query("T", Map.of())).get("at");
    emulator.await(store.update("a", Map.of("data", Map.of("n", 2))));
    emulator.await(store.create("T", Map.of("$id", "b")));
    pass(Duration.ofSeconds(10));
    assertEquals(1.0, emulator.await(store.read(List.of("a", "b"), at)).get("a").get("n"));
    assertEquals(
        Set.of("a"), emulator.await(store.read(List.of("a", "b"), Map.of("seq", 1))).keySet());
    assertEquals(1L, emulator.await(store.count("T", Map.of(), at)));
  }

  @Test
  void getHasTheLastDurableVersion() {
    emulator.await(store.create("T", Map.of("$id", "a", "n", 1)));
    assertEquals(Optional.empty(), store.get("none"));
    emulator.faults().pipeline(Faults.PipelineMode.HANG, 0);
    CompletableFuture<Map<String, Object>> update =
        store.update("a", Map.of("data", Map.of("n", 2)));
    assertEquals(1.0, store.get("a").orElseThrow().get("n"));
    emulator.faults().pipeline(Faults.PipelineMode.OK, 0);
    emulator.await(update);
    assertEquals(2.0, store.get("a").orElseThrow().get("n"));
  }

  @Test
  void getOfAThingThatHasLeftTheMemoryIsRefused() throws CannotStartException {
    EmulatorOptions.Builder evicting = EmulatorOptions.builder().virtualClock();
    evicting.var("MAX_ENTRIES", "1").var("COLUMNAR_THRESHOLD", "0");
    try (Emulator other = Emulator.start(evicting.var("LARGE_COLLECTIONS", "packed").build())) {
      Store things = other.store("tenant-1");
      for (String id : List.of("a", "b", "c")) {
        other.await(things.create("T", Map.of("$id", id)));
      }
      other.evict("tenant-1");
      other.await(things.read(List.of("c")));
      assertEquals("UNAVAILABLE", code(() -> things.get("a")));
      assertEquals(Optional.empty(), things.get("none"));
      assertEquals(Set.of("a"), other.await(things.read(List.of("a"))).keySet());
    }
  }

  @Test
  void aFollowerIsToldWhatThereIsAndWhatChanges() {
    emulator.await(store.create("T", Map.of("$id", "a", "n", 1)));
    emulator.await(store.create("Other", Map.of("$id", "o")));
    List<Followed> told = new ArrayList<>();
    List<RuntimeException> errors = new ArrayList<>();
    Runnable stop = store.subscribe(Map.of("$type", "T"), told::add, errors::add);
    pass(Duration.ofMillis(100));
    emulator.evict("tenant-1");
    emulator.await(store.delete("a"));
    pass(Duration.ofMillis(100));
    assertEquals(2, told.size());
    assertTrue(told.get(0).snapshot());
    assertEquals(1.0, told.get(0).things().get("a").get("n"));
    assertFalse(told.get(0).more());
    assertEquals(Collections.singletonMap("a", null), told.get(1).things());
    assertFalse(told.get(1).snapshot());
    stop.run();
    emulator.await(store.create("T", Map.of("$id", "b")));
    pass(Duration.ofMillis(100));
    assertEquals(2, told.size());

    store.subscribe(Map.of("$type", "T"), told::add, errors::add);
    pass(Duration.ofMillis(100));
    assertEquals(List.of(), errors);
    emulator.crash();
    assertInstanceOf(IllegalStateException.class, errors.get(0));
    pass(Duration.ofSeconds(10));
    store.subscribe(Map.of("$type", ""), told::add, errors::add);
    pass(Duration.ofMillis(100));
    assertEquals("VALIDATION_ERROR", ((StoreRefusedException) errors.get(1)).code());
    assertEquals(3, told.size());
  }

  @Test
  void aRuleAndAListenerStayThroughEveryLife() {
    store.onWrite(
        (operation, from) -> {
          boolean isCreate = operation.string("type").equals("create");
          if (isCreate && operation.string("$type").equals("Secret")) {
            throw new WriteRefusedException("CONFLICT", "there is one", "{\"taken\":true}");
          }
          operation.object("data").set("judged", 1);
          return operation;
        });
    List<Change> told = new ArrayList<>();
    store.onChange(
        changes -> {
          told.addAll(changes);
          throw new IllegalStateException("a failure of the listener");
        });
    emulator.await(store.create("T", Map.of("$id", "a")));
    assertEquals(1.0, store.get("a").orElseThrow().get("judged"));
    emulator.evict("tenant-1");
    StoreRefusedException refused =
        assertThrows(
            StoreRefusedException.class,
            () -> emulator.await(store.create("Secret", Map.of("$id", "s"))));
    assertEquals(Map.of("taken", true), refused.details());
    emulator.await(store.update("a", Map.of("data", Map.of("n", 1))));
    emulator.crash();
    pass(Duration.ofSeconds(10));
    assertEquals("RECOVERING", code(() -> emulator.await(store.read(List.of("a")))));
    pass(Duration.ofSeconds(10));
    emulator.await(store.create("T", Map.of("$id", "b")));
    pass(Duration.ofMillis(100));
    assertEquals(List.of("a", "a", "b"), told.stream().map(Change::id).toList());
    assertEquals(1.0, told.get(2).thing().get("judged"));
  }
}
