package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.unifiedstorage.fixture.TestStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Things that left memory, around reads of the past and writes. */
final class EvictionTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void evictingStore() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1").start();
    List.of("a", "b", "c").forEach(id -> store.create(id, "T", 1));
    store.post("checkpoint");
    store.restart();
  }

  @Test
  void pastOfAnEvictedThingThatCannotBeReadIsUnavailable() {
    evictingStore();
    store.sql.damage();
    assertEquals("UNAVAILABLE", store.readAt("a", 3).string("code"));
  }

  @Test
  void readOfThePastEvictsWhatItBroughtBack() {
    evictingStore();
    for (String id : List.of("a", "b", "c")) {
      assertNotNull(store.readAt(id, 3).object("things").object(id));
    }
    assertEquals(1, store.stats().number("entriesInMemory"));
  }

  @Test
  void checkpointBeforeAWriteEvictsNothingThatTheWriteHasFound() {
    store.with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", "6");
    store.start();
    store.create("a", "T", 1);
    store.with("DURABILITY", "pipeline").restart();
    store.ask("{'type':'update','id':1,'$id':'a','data':{}}");
    store.post("checkpoint");
    assertEquals(1, store.stats().number("entries"));
  }
}
