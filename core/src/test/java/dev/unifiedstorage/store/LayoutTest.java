package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.SqlCursor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows hold what the store holds, in whatever layout a collection is and was. */
final class LayoutTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void createMany(int count) {
    for (int i = 0; i < count; i++) {
      store.createAcked("t" + i);
    }
  }

  private void createMore(int from, int to) {
    for (int i = from; i < to; i++) {
      store.createAcked("t" + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"1000,packed", "10,packed", "10,normalized"})
  void recoveryReadsWhatTheCheckpointerWrites(String threshold, String large) {
    store.with("COLUMNAR_THRESHOLD", threshold).with("LARGE_COLLECTIONS", large).start();
    createMany(50);
    store.ask("{'type':'update','id':2,'$id':'t7','data':{'n':7}}");
    assertTrue(store.post("checkpoint").startsWith("200 "));
    store.restart();
    assertEquals(50, store.stats().number("entries"));
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertEquals(7, store.read("t7").number("n"));
    assertEquals(2, store.read("t7").number("$version"));
  }

  @Test
  void textsOfSmallCollectionsThatACheckpointDoesNotHoldAreWhatItWrites() {
    store.with("DURABILITY", "memory").start();
    for (int version = 1; version <= 2; version++) {
      for (int i = 0; i < 60; i++) {
        store.send(
            "{'type':'put','id':1,'$id':'t%d','$type':'T%d','data':{'n':%d,'text':'%s'}}"
                .formatted(i, i, version, "x".repeat(100_000)));
      }
      store.checkpoint();
      assertEquals(version, store.read("t59").number("n"));
    }
    store.restart();
    assertEquals(60, store.stats().number("entries"));
    for (int i = 0; i < 60; i++) {
      assertEquals(2, store.read("t" + i).number("n"));
    }
  }

  @Test
  void columnarCheckpointKeepsTheCleanThings() {
    store.start();
    createMany(20);
    store.post("checkpoint");
    store.ask("{'type':'update','id':2,'$id':'t3','data':{'n':3}}");
    store.post("checkpoint");
    store.restart();
    assertEquals(20, store.stats().number("entries"));
    assertEquals(0, store.read("t4").number("n"));
    assertEquals(3, store.read("t3").number("n"));
  }

  @ParameterizedTest
  @CsvSource({"1000,packed", "10,packed", "10,normalized"})
  void deletedThingsStayDeleted(String threshold, String large) {
    store.with("COLUMNAR_THRESHOLD", threshold).with("LARGE_COLLECTIONS", large).start();
    createMany(40);
    store.post("checkpoint");
    store.ask("{'type':'delete','id':2,'$id':'t5'}");
    store.post("checkpoint");
    store.restart();
    assertNull(store.read("t5"));
    assertEquals(39, store.stats().number("entries"));
  }

  @ParameterizedTest
  @CsvSource({"packed", "normalized"})
  void rowsOfAnotherLayoutNeverWin(String large) {
    store.with("COLUMNAR_THRESHOLD", "10").with("LARGE_COLLECTIONS", large).start();
    createMany(5);
    store.post("checkpoint");
    createMore(5, 20);
    store.ask("{'type':'update','id':2,'$id':'t1','data':{'n':1}}");
    store.post("checkpoint");
    store.restart();
    assertEquals(1, store.read("t1").number("n"));
    for (int i = 2; i < 20; i++) {
      store.ask("{'type':'delete','id':3,'$id':'t" + i + "'}");
    }
    store.ask("{'type':'update','id':4,'$id':'t1','data':{'n':2}}");
    store.post("checkpoint");
    store.restart();
    assertEquals(2, store.stats().number("entries"));
    assertEquals(2, store.read("t1").number("n"));
  }

  @Test
  void burstOfTenThousandCreatesCostsAHandfulOfRows() {
    store.with("DURABILITY", "pipeline").start();
    createMany(10_000);
    store.time.advance(20_000);
    double rows = store.stats().number("rowsWritten");
    assertTrue(rows <= 6, "one to open, a few for two megabytes of things: " + rows);
    store.restart();
    assertEquals(10_000, store.stats().number("entries"));
  }

  @Test
  void deletedThingStaysDeletedWhenItsSuccessorOfAnotherTypeHasMovedAway() {
    store.with("COLUMNAR_THRESHOLD", "4").start();
    for (String id : List.of("x", "a", "b", "c", "d")) {
      store.create(id, "Old", 1);
    }
    store.post("checkpoint");
    store.delete("x");
    for (String id : List.of("x", "e", "f", "g")) {
      store.create(id, "New", 1);
    }
    store.time.advance(100);
    store.post("checkpoint");
    store.delete("e");
    store.delete("f");
    store.time.advance(100);
    store.post("checkpoint");
    store.restart();
    JsonObject successor = store.read("x");
    assertEquals("New", successor.string("$type"));
    store.delete("x");
    store.time.advance(100);
    store.post("checkpoint");
    store.restart();
    assertNull(store.startError());
    assertNull(store.read("x"));
  }

  @Test
  void thingCreatedAgainIsThereWhenItsDeletionAndItAreInTwoRowsOfOneCheckpoint() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    store.create("p", "1");
    store.checkpoint();
    store.create("x", "1");
    store.checkpoint();
    store.update("p", "{'n':1}");
    store.checkpoint();
    store.update("p", "{'n':2}");
    store.checkpoint();
    store.update("x", "{'n':1}");
    store.checkpoint();
    store.update("p", "{'n':3}");
    store.checkpoint();
    store.send("{'type':'delete','id':'d','$id':'x'}");
    for (int i = 0; i < 3; i++) {
      store.create("large" + i, "x".repeat(600_000));
    }
    store.create("x", "again");
    assertEquals("ack", store.lastReply().string("status"));
    store.checkpoint();
    store.restart();
    assertNull(store.startError());
    assertNotNull(store.read("x"), "it was acknowledged");
  }

  @ParameterizedTest
  @CsvSource({"0", "2"})
  void deadLinesStayBelowTwiceTheLivingAndFourCheckpoints(String maxEntries) {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0");
    store.with("MAX_ENTRIES", maxEntries).start();
    for (int i = 0; i < 20; i++) {
      store.create("cold" + i, "x".repeat(500_000));
    }
    store.checkpoint();
    for (int i = 0; i < 8; i++) {
      store.create("hot" + i, "x".repeat(900_000));
    }
    store.checkpoint();
    double most = 0;
    for (int n = 0; n < 20; n++) {
      for (int i = 0; i < 8; i++) {
        store.update("hot" + i, "{'n':" + n + "}");
      }
      store.checkpoint();
      SqlCursor text = store.sql.exec("SELECT sum(length(body)) FROM segments WHERE kind = 1");
      text.next();
      most = Math.max(most, text.number(0));
    }
    double written = 8 * 900_000;
    double living = 20 * 500_000 + written;
    double bound = 3 * living + 4 * written;
    assertTrue(most <= bound, (long) most + " characters in rows, expected at most " + bound);
    for (int i = 0; i < 20; i++) {
      assertNotNull(store.read("cold" + i), "carried: cold" + i);
    }
    store.restart();
    for (int i = 0; i < 20; i++) {
      assertNotNull(store.read("cold" + i), "carried and loaded: cold" + i);
    }
  }
}
