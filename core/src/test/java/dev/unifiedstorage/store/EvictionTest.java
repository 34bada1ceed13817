package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Things that left memory, around reads of the past and writes. */
final class EvictionTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void evictingStore() {
    store.withArchive().with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1").start();
    List.of("first", "a", "b", "c").forEach(id -> store.create(id, "T", 1));
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

  /** Writes at 1,000 a second, half of them creates, with a read behind each; rows a 1,000. */
  private static double rowsPer1000Creates(String maxEntries) {
    try (TestStore store = new TestStore()) {
      store.with("DURABILITY", "pipeline").with("MAX_ENTRIES", maxEntries).start();
      Random random = new Random(7);
      int creates = 30_000;
      for (int i = 0; i < creates; i++) {
        store.createAcked("t" + i);
        String id = "t" + random.nextInt(i + 1);
        store.ask("{'type':'update','id':2,'$id':'" + id + "','data':{'n':" + i + "}}");
        assertNotNull(store.read("t" + random.nextInt(i + 1)));
        if (i % 10 == 9) {
          store.time.advance(20);
        }
      }
      store.checkpoint();
      int limit = Integer.parseInt(maxEntries);
      double inMemory = store.stats().number("entriesInMemory");
      assertEquals(limit == 0 ? creates : limit, inMemory);
      assertEquals(creates, store.stats().number("entries"));
      return store.stats().number("rowsWritten") * 1_000 / creates;
    }
  }

  @Test
  void evictionCostsNoMoreRowsThanAStoreThatHoldsEverything() {
    double all = rowsPer1000Creates("0");
    double evicting = rowsPer1000Creates("10000");
    System.out.printf(
        "rows written per 1,000 creates and as many updates: %.2f, evicting %.2f%n", all, evicting);
    assertTrue(all < 1, "without eviction: " + all);
    assertTrue(evicting <= 1.3 * all, "with eviction: " + evicting + ", without: " + all);
  }

  @Test
  void storeThatWasWrittenWithoutEvictionStartsWithinTheLimitAndWritesNothing() {
    store.with("DURABILITY", "pipeline").start();
    for (int i = 0; i < 5_000; i++) {
      store.createAcked("t" + i);
    }
    store.checkpoint();
    store.with("MAX_ENTRIES", "100").restart();
    double rows = store.stats().number("rowsWritten");
    assertEquals(100, store.stats().number("entriesInMemory"));
    assertEquals(5_000, store.stats().number("entries"));
    for (int i = 0; i < 5_000; i += 7) {
      assertEquals(1, store.read("t" + i).number("$version"));
    }
    assertNull(store.read("none"));
    assertEquals(100, store.stats().number("entriesInMemory"));
    assertEquals(rows, store.stats().number("rowsWritten"));
    store.update("t4999", "{'n':1}");
    store.checkpoint();
    assertTrue(store.stats().number("rowsWritten") - rows <= 3, "nothing moves");
    store.with("MAX_ENTRIES", "0").restart();
    assertEquals(5_000, store.stats().number("entriesInMemory"));
    assertEquals(1, store.read("t4999").number("n"));
  }

  @Test
  void whatIsNotThereIsKnownWithoutARead() {
    evictingStore();
    store.sql.damage();
    assertNull(store.read("none"));
    JsonObject refused = store.ask("{'type':'read','id':1,'$ids':['a']}");
    assertEquals("UNAVAILABLE", refused.string("code"), store.print(refused));
  }

  @Test
  void estimatedBytesCountWhatStaysOfTheEvicted() {
    store.with("DURABILITY", "memory").with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1");
    store.start();
    for (int i = 0; i < 100; i++) {
      store.create("t" + i, "x".repeat(1_000));
    }
    assertTrue(store.stats().number("estimatedBytes") > 100_000);
    store.checkpoint();
    double bytes = store.stats().number("estimatedBytes");
    assertTrue(bytes > 99 * 100 && bytes < 99 * 150 + 2_000, "bytes: " + bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000000"})
  void charactersOfTwoBytesCountAsTwo(String maxBytes) {
    store.with("DURABILITY", "memory").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", maxBytes);
    store.start();
    store.create("narrow", "x".repeat(50_000));
    store.checkpoint();
    double narrow = store.stats().number("estimatedBytes");
    assertTrue(narrow > 50_000 && narrow < 51_000, "bytes: " + narrow);
    store.create("wide", "x".repeat(50_000) + "中");
    assertEquals(narrow + 100_000, store.stats().number("estimatedBytes"), 1_000);
    store.update("wide", "{'n':1}");
    assertEquals(narrow + 100_000, store.stats().number("estimatedBytes"), 1_000);
    store.checkpoint();
    assertEquals(narrow + 100_000, store.stats().number("estimatedBytes"), 1_000);
    store.restart();
    assertEquals(narrow + 100_000, store.stats().number("estimatedBytes"), 1_000);
    store.update("wide", "{'text':''}");
    store.update("narrow", "{'text':''}");
    store.checkpoint();
    assertEquals(0, store.stats().number("estimatedBytes"), 1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void aStoreThatIsTooLargeWithoutALimitStartsWithOne(String layout) {
    store.with("DURABILITY", "memory").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", "20000");
    store.with("LARGE_COLLECTIONS", layout).with("MAX_STORE_BYTES", "60000").start();
    for (int i = 0; i < 150; i++) {
      store.create("t" + i, "x".repeat(500));
      store.checkpoint();
    }
    assertEquals(150, store.stats().number("entries"));
    store.with("MAX_BYTES", "0").restart();
    assertTrue(store.log.toString().contains("more than may be in memory"), store.log.toString());
    assertEquals(150, store.stats().number("entries"));
    assertTrue(store.stats().number("entriesInMemory") < 60);
    for (int i = 0; i < 150; i++) {
      assertNotNull(store.read("t" + i));
      store.update("t" + i, "{'text':'" + i + "'}");
    }
    store.checkpoint();
    store.restart();
    assertEquals(150, store.stats().number("entriesInMemory"));
    assertEquals("149", store.read("t149").string("text"));
  }

  @Test
  void placesOfManyEvictedThingsLeaveAQuarterOfTheLimitForOthers() {
    store.with("DURABILITY", "memory").with("COLUMNAR_THRESHOLD", "0").with("MAX_BYTES", "8000");
    store.start();
    for (int i = 0; i < 200; i++) {
      store.createAcked("t" + i);
    }
    store.checkpoint();
    double rows = store.stats().number("rowsWritten");
    for (int i = 0; i < 20; i++) {
      store.update("t" + i, "{'n':1}");
    }
    assertTrue(store.stats().number("entriesInMemory") >= 5);
    double more = store.stats().number("rowsWritten") - rows;
    assertTrue(more <= 5, "a row for every few writes: " + more);
  }

  @Test
  void thingsInRowsOfTheirOwnStayReadable() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "5");
    store.with("LARGE_COLLECTIONS", "normalized").start();
    for (int i = 0; i < 40; i++) {
      store.createAcked("t" + i);
    }
    store.checkpoint();
    store.with("LARGE_COLLECTIONS", "packed").restart();
    store.update("t3", "{'n':3}");
    store.create("u", "U", 1);
    store.checkpoint();
    store.restart();
    assertEquals(41, store.stats().number("entries"));
    for (int i = 0; i < 40; i++) {
      assertEquals(i == 3 ? 3 : 0, store.read("t" + i).number("n"));
    }
    assertNotNull(store.read("u"));
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
