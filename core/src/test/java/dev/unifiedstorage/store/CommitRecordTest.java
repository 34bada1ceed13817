package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.SqlCursor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a commit record says, where it rides, and what is believed of a damaged one. */
final class CommitRecordTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private static String firstRowWithHead(String... types) {
    try (TestStore store = new TestStore().with("DURABILITY", "memory").start()) {
      for (String type : types) {
        store.ask("{'type':'create','id':1,'$type':'" + type + "','data':{}}");
      }
      store.post("checkpoint");
      SqlCursor rows = store.sql.exec("SELECT type FROM collections WHERE head IS NOT NULL");
      assertTrue(rows.next());
      return rows.text(0);
    }
  }

  /** Which row had the commit record was for a hash code to say, and another in every form. */
  @Test
  void theCommitRecordRidesInTheRowOfTheFirstCollection() {
    assertEquals("\"Zeta\"", firstRowWithHead("Zeta", "Alpha"));
    assertEquals("\"Alpha\"", firstRowWithHead("Alpha", "Zeta"));
  }

  @Test
  void theCommitRecordNamesCollectionsInTheOrderOfTheirNames() {
    try (TestStore store = new TestStore().with("COLUMNAR_THRESHOLD", "0").start()) {
      for (String type : new String[] {"Zeta", "Beta", "Omega", "Alpha", "Gamma"}) {
        store.ask("{'type':'create','id':1,'$type':'" + type + "','data':{}}");
      }
      store.post("checkpoint");
      SqlCursor rows =
          store.sql.exec("SELECT head FROM segments WHERE head IS NOT NULL ORDER BY tx DESC");
      assertTrue(rows.next());
      String head = rows.text(0);
      int last = -1;
      for (String type : new String[] {"Alpha", "Beta", "Gamma", "Omega", "Zeta"}) {
        int at = head.indexOf("\"" + type + "\":");
        assertTrue(at > last, head);
        last = at;
      }
    }
  }

  @Test
  void manyLargeCollectionsCanBeCheckpointed() {
    store.with("COLUMNAR_THRESHOLD", "1").start();
    String padding = "\u4e2d".repeat(240);
    for (int i = 0; i < 3_000; i++) {
      store.send(
          "{'type':'create','id':1,'$type':'" + padding + i + "','data':{'$id':'i" + i + "'}}");
    }
    store.time.advance(100);
    String answer = store.post("checkpoint");
    assertTrue(answer.startsWith("200"), answer);
  }

  @Test
  void rowWithItsCommitRecordFitsIntoARow() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    store.create("small", "1");
    store.checkpoint();
    for (int i = 0; i < 3; i++) {
      store.create("a" + i, "x".repeat(498_000));
    }
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    store.create("b", "\u4e2d".repeat(195_000));
    store.checkpoint();
    SqlCursor row =
        store.sql.exec(
            "SELECT max(length(CAST(body AS BLOB)) + length(CAST(head AS BLOB))) FROM segments");
    row.next();
    assertTrue(row.number(0) <= 2_000_000, "a row has " + row.number(0) + " bytes");
  }

  @Test
  void eventsInADamagedCommitRecordAreNotSentAsTheyAre() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.send("{'type':'create','id':2,'$type':'T','data':{'$id':'b','x':'second'}}");
    store.time.advance(20_000);
    assertEquals("ack", store.replies.get(store.replies.size() - 1).string("status"));
    store.sql.exec("UPDATE collections SET head = replace(head, 'second', 'sEcond')");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
    assertNull(store.read("b"), "nobody has what it was");
    assertTrue(store.log.toString().contains("its commit record has the checksum"));
  }
}
