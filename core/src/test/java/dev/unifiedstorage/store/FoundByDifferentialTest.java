package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.SqlCursor;
import org.junit.jupiter.api.Test;

/** What one form of the core did in another way than the rest, each as small as it can be told. */
final class FoundByDifferentialTest {
  /** The emulator answered nothing, and the Worker applied it and answered null. */
  @Test
  void anIdThatIsNoFiniteNumberIsNoId() {
    try (TestStore store = new TestStore().start()) {
      for (String id : new String[] {"1e999", "-1e999"}) {
        JsonObject reply =
            store.ask("{'type':'create','id':" + id + ",'$type':'T','data':{'$id':'a'}}");
        assertEquals("VALIDATION_ERROR", reply.string("code"));
        assertEquals(JsonKind.NULL, reply.kind("id"));
      }
      assertEquals(0, store.stats().number("entries"));
    }
  }

  /** Which row had the commit record was for a hash code to say, and another in every form. */
  @Test
  void theCommitRecordRidesInTheRowOfTheFirstCollection() {
    assertEquals("\"Zeta\"", firstRowWithHead("Zeta", "Alpha"));
    assertEquals("\"Alpha\"", firstRowWithHead("Alpha", "Zeta"));
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

  /** It was the first by hash code. */
  @Test
  void aReadOfThePastNamesTheFirstEventThatTheArchiveLacks() {
    assertEquals("expected 4", lacking("b", "a"));
    assertEquals("expected 3", lacking("a", "b"));
  }

  private static String lacking(String first, String second) {
    try (TestStore store = new TestStore().with("DURABILITY", "local").withArchive()) {
      store.archive.setStalled(true);
      store.start();
      store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
      store.ask("{'type':'create','id':2,'$type':'T','data':{'$id':'b'}}");
      double beforeMs = store.time.nowMs();
      store.time.advance(1000);
      store.ask("{'type':'update','id':3,'$id':'a','data':{}}");
      store.ask("{'type':'update','id':4,'$id':'b','data':{}}");
      String ids = "['" + first + "','" + second + "']";
      String at = Long.toString((long) beforeMs);
      String error =
          store.ask("{'type':'read','id':5,'$ids':" + ids + ",'at':" + at + "}").string("error");
      return error.substring(error.indexOf("expected"), error.indexOf(": the sink"));
    }
  }
}
