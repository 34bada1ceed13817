package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
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

  private void create(String id, String type, int chars) {
    store.send(
        "{'type':'create','id':'c','$type':'"
            + type
            + "','data':{'$id':'"
            + id
            + "','text':'"
            + "x".repeat(chars)
            + "'}}");
  }

  private JsonObject at(String id, int seq) {
    return store.ask("{'type':'read','id':1,'$ids':['" + id + "'],'at':{'seq':" + seq + "}}");
  }

  private void evictingStore() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1").start();
    List.of("a", "b", "c").forEach(id -> create(id, "T", 1));
    store.post("checkpoint");
    store.restart();
  }

  @Test
  void pastOfAnEvictedThingThatCannotBeReadIsUnavailable() {
    evictingStore();
    store.sql.damage();
    assertEquals("UNAVAILABLE", at("a", 3).string("code"));
  }

  @Test
  void readOfThePastEvictsWhatItBroughtBack() {
    evictingStore();
    for (String id : List.of("a", "b", "c")) {
      assertNotNull(at(id, 3).object("things").object(id));
    }
    assertEquals(1, store.stats().number("entriesInMemory"));
  }

  @Test
  void checkpointBeforeAWriteEvictsNothingThatTheWriteHasFound() {
    store.with("DURABILITY", "local").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", "6");
    store.start();
    create("a", "T", 1);
    store.with("DURABILITY", "pipeline").restart();
    store.ask("{'type':'update','id':1,'$id':'a','data':{}}");
    store.post("checkpoint");
    assertEquals(1, store.stats().number("entries"));
  }
}
