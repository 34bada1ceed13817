package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
}
