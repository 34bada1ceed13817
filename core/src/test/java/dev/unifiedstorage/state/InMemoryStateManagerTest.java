package dev.unifiedstorage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.port.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class InMemoryStateManagerTest {
  private final Json json = new JacksonJson();
  private final List<String> evicted = new ArrayList<>();

  private InMemoryStateManager manager(int maxEntries, double maxBytes) {
    StateOptions options =
        new StateOptions(
            maxEntries, maxBytes, true, things -> things.forEach(thing -> evicted.add(thing.id())));
    return new InMemoryStateManager(options, json, new FakeTime(), new RandomIds());
  }

  private Thing create(InMemoryStateManager manager, String id) {
    return manager.create(json.parse("{\"$type\":\"Customer\",\"$id\":\"" + id + "\"}"));
  }

  @Test
  void walksThroughTheLifeOfAThing() {
    InMemoryStateManager manager = manager(0, 0);
    Thing alice = manager.create(json.parse("{\"$type\":\"Customer\",\"name\":\"Alice\"}"));
    assertTrue(alice.id().matches("customer_[0-9a-f-]{36}"), alice.id());
    assertEquals(1, alice.version());
    assertEquals(alice, manager.get(alice.id()));
    Thing smith = manager.update(alice.id(), json.parse("{\"name\":\"Smith\",\"$version\":9}"));
    assertEquals(2, smith.version());
    assertEquals("{\"name\":\"Smith\"}", smith.fields().text(json));
    assertEquals("{\"name\":\"Alice\"}", alice.fields().text(json), "versions never change");
    assertEquals(Set.of(alice.id()), manager.getDirtyEntries());
    manager.markClean(manager.getDirtyEntries());
    assertEquals(0, manager.getDirtyCount());
    assertTrue(manager.delete(alice.id()));
    assertFalse(manager.delete(alice.id()));
    assertNull(manager.get(alice.id()));
    assertEquals(Set.of(alice.id()), manager.getDirtyEntries(), "a deletion is dirty too");
    assertNull(manager.update(alice.id(), json.object()));
  }

  @Test
  void refusesATakenIdAndAMissingType() {
    InMemoryStateManager manager = manager(0, 0);
    create(manager, "a");
    assertThrows(IllegalArgumentException.class, () -> create(manager, "a"));
    assertThrows(IllegalArgumentException.class, () -> manager.create(json.object()));
  }

  @Test
  void evictsTheLeastRecentlyUsedCleanEntryAndNeverADirtyOne() {
    InMemoryStateManager manager = manager(3, 0);
    create(manager, "a");
    create(manager, "b");
    create(manager, "c");
    create(manager, "d");
    assertEquals(List.of(), evicted, "all are dirty");
    assertTrue(manager.isOverLimit());
    manager.markClean(List.of("a", "b", "c"));
    assertEquals(List.of("a"), evicted);
    assertNotNull(manager.get("b"));
    create(manager, "e");
    assertEquals(List.of("a", "c"), evicted, "b was used after c");
    assertNotNull(manager.get("d"));
  }

  @Test
  void limitsBytesToo() {
    InMemoryStateManager manager = manager(0, 500);
    create(manager, "a");
    create(manager, "b");
    create(manager, "c");
    create(manager, "d");
    assertTrue(manager.isOverLimit());
    manager.markClean(manager.getDirtyEntries());
    assertTrue(manager.estimatedBytes() <= 500);
    assertEquals(4, manager.size());
  }

  @Test
  void idThatWasEvictedAndIsCreatedAgainCountsOnce() {
    InMemoryStateManager manager = manager(2, 0);
    for (String id : List.of("a", "b", "c")) {
      create(manager, id);
      manager.markClean(List.of(id));
    }
    assertEquals(List.of("a"), evicted);
    assertEquals(3, manager.size());
    create(manager, "a");
    assertEquals(3, manager.size());
  }

  @Test
  void estimateOfAThingThatShrinksShrinks() {
    InMemoryStateManager manager = manager(0, 0);
    manager.create(
        json.parse(
            "{\"$type\":\"T\",\"$id\":\"a\",\"text\":\""
                + "x".repeat(40_000)
                + "\",\"nested\":{\"text\":\""
                + "y".repeat(40_000)
                + "\"}}"));
    assertTrue(manager.estimatedBytes() > 80_000);
    manager.update("a", json.parse("{\"text\":\"\"}"));
    assertTrue(manager.estimatedBytes() < 41_000, "bytes: " + manager.estimatedBytes());
    manager.update("a", json.parse("{\"nested\":null}"));
    assertTrue(manager.estimatedBytes() < 1_000, "bytes: " + manager.estimatedBytes());
  }

  @Test
  void estimateOfAHotThingDoesNotGrowForEver() {
    InMemoryStateManager manager = manager(0, 0);
    create(manager, "hot");
    for (int i = 0; i < 2000; i++) {
      manager.update("hot", json.parse("{\"n\":" + i + "}"));
    }
    assertTrue(manager.estimatedBytes() < 10_000, "bytes: " + manager.estimatedBytes());
    assertEquals(manager.estimatedBytes(), manager.things().dirtyBytes());
  }

  @Test
  void findsEachOfAHundredThousandThings() {
    InMemoryStateManager manager = manager(0, 0);
    for (int i = 0; i < 100_000; i++) {
      manager.create(json.parse("{\"$type\":\"T\",\"$id\":\"t" + i + "\"}"));
    }
    for (int i = 0; i < 100_000; i++) {
      assertEquals("t" + i, manager.get("t" + i).id());
    }
  }
}
