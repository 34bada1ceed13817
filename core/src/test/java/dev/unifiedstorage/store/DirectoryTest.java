package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.SqliteFile;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.StoreDirectory;
import dev.unifiedstorage.protocol.Route;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The directory of all stores, and how a store gets into it. */
class DirectoryTest {
  private final TestStore store = new TestStore().with("DURABILITY", "local");
  private final List<String> told = new ArrayList<>();
  private boolean reachable = true;

  DirectoryTest() {
    store.directory =
        new StoreDirectory() {
          @Override
          public void list(String namespace, double createdAtMs, Completion done) {
            tell("list " + namespace, done);
          }

          @Override
          public void unlist(String namespace, Completion done) {
            tell("unlist " + namespace, done);
          }
        };
  }

  private void tell(String what, Completion done) {
    told.add(what);
    if (reachable) {
      done.succeeded();
    } else {
      done.failed("it cannot be reached");
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aStoreIsListedOnceWhenSomethingIsDurable() {
    store.start();
    store.read("a");
    assertEquals("[]", told.toString());
    store.createAcked("a");
    assertEquals("[list test]", told.toString());
    store.createAcked("b");
    store.checkpoint();
    store.restart();
    store.read("a");
    assertEquals("[list test]", told.toString());
  }

  @Test
  void aLifeThatWritesSaysOnceThatItIsThere() {
    store.start();
    store.createAcked("a");
    store.checkpoint();
    store.restart();
    reachable = false;
    store.createAcked("b");
    store.createAcked("c");
    store.time.advance(120_000);
    assertEquals("[list test, list test]", told.toString(), "what is known is not tried again");
  }

  @Test
  void aFileThatIsPutBackToBeforeItsDeletionIsListedAgain() {
    store.start();
    store.createAcked("a");
    store.checkpoint();
    byte[] before = store.sql.image();
    store.deleteStore();
    store.time.advance(1_000);
    byte[] deleted = store.sql.image();
    store.sql.setImage(before);
    store.restart();
    store.createAcked("b");
    assertEquals("[list test, unlist test, list test]", told.toString());
    store.sql.setImage(deleted);
    store.restart();
    store.read("a");
    assertEquals("[list test, unlist test, list test, unlist test]", told.toString());
  }

  @Test
  void whatFailsIsTriedAgainForAMinuteAndByTheNextLife() {
    store.start();
    reachable = false;
    store.createAcked("a");
    store.time.advance(120_000);
    assertEquals(6, told.size());
    assertTrue(store.log.toString().contains("the directory of stores"), store.log.toString());
    store.checkpoint();
    reachable = true;
    store.restart();
    store.read("a");
    assertEquals(7, told.size());
    assertTrue(store.store().isIdle() || store.stats().number("dirty") > 0);
  }

  @Test
  void aDeletedStoreIsListedNoMoreUntilItIsWrittenTo() {
    store.start();
    store.createAcked("a");
    store.store().onRequest(Route.parse("DELETE", "/stores/test", false), (s, type, text) -> {});
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(1_000);
    assertEquals("[list test, unlist test]", told.toString());
    store.createAcked("b");
    assertEquals("[list test, unlist test, list test]", told.toString());
  }

  private static String page(Directory directory, String query, Grant grant) {
    Route route = Route.parse("GET", "/stores" + query, false);
    assertEquals(Route.Kind.STORES, route.kind(), route.problem());
    return directory.page(route, grant);
  }

  @Test
  void pagesAreInOrderAndShowWhatAClientMayKnow() {
    try (SqliteFile sql = new SqliteFile()) {
      Directory directory = new Directory(sql, store.json);
      assertEquals("{\"stores\":[]}", page(directory, "", Grant.ALL));
      for (String name : List.of("b", "a.2", "a.1", "a.10", "A")) {
        directory.list(name, 7);
        directory.list(name, 8);
      }
      String all = page(directory, "?limit=2", Grant.ALL);
      assertEquals(
          "{\"stores\":[{\"namespace\":\"A\",\"createdAt\":7},"
              + "{\"namespace\":\"a.1\",\"createdAt\":7}],\"cursor\":\"a.1\"}",
          all);
      String prefixed = page(directory, "?prefix=a.&cursor=a.1&limit=2", Grant.ALL);
      assertEquals(
          "{\"stores\":[{\"namespace\":\"a.10\",\"createdAt\":7},"
              + "{\"namespace\":\"a.2\",\"createdAt\":7}]}",
          prefixed);
      directory.unlist("a.10");
      String text = "{\"ns\":[\"a.*\"],\"scope\":\"a\",\"exp\":9e15}";
      assertEquals(
          "{\"stores\":[{\"namespace\":\"a.1\",\"createdAt\":7}],\"cursor\":\"a.1\"}",
          page(directory, "?limit=1", Grant.parse(text, store.json)));
    }
    for (String wrong : List.of("0", "1001", "x", "", "-1", "1.5")) {
      Route route = Route.parse("GET", "/stores?limit=" + wrong, false);
      assertEquals(Route.Kind.BAD_REQUEST, route.kind(), wrong);
    }
  }

  @Test
  void aLookAtTheArchiveBeginsBehindTheOneBeforeTheLast() {
    try (SqliteFile sql = new SqliteFile()) {
      Directory directory = new Directory(sql, store.json);
      Directory.Look none = new Directory.Look(Double.POSITIVE_INFINITY, 0);
      assertEquals(none, directory.lastButOneLook());
      for (int look = 1; look <= 4; look++) {
        double rows = sql.rowsWritten();
        directory.looked(100 * look, 10 * look);
        assertEquals(1, sql.rowsWritten() - rows);
        int before = Math.max(1, look - 1);
        assertEquals(
            new Directory.Look(100 * before, 10 * before),
            new Directory(sql, store.json).lastButOneLook());
      }
    }
  }
}
