package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that becomes what it once was. */
final class StoreRestoreTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void start() {
    store.withArchive().with("DURABILITY", "pipeline").start();
  }

  private String text(String id) {
    JsonObject thing = store.read(id);
    return thing == null ? null : thing.string("text");
  }

  @Test
  void thingsBecomeWhatTheyWereAndTheirVersionsGoOnRising() {
    start();
    store.create("kept", "1");
    store.create("changed", "1");
    store.create("deleted", "1");
    store.update("changed", "{'text':'2'}");
    double thenMs = store.time.nowMs();
    store.time.advance(1000);
    store.update("changed", "{'text':'3','more':true}");
    store.delete("deleted");
    store.create("new", "1");
    store.time.advance(1000);
    String answer = store.restoreTo(String.valueOf((long) thenMs));
    assertTrue(answer.startsWith("200 {\"namespace\":\"test\",\"things\":3,\"at\":"), answer);
    assertEquals("1", text("kept"));
    assertEquals("2", text("changed"));
    assertEquals("1", text("deleted"));
    assertNull(store.read("new"));
    assertEquals(4, store.read("changed").number("$version"));
    assertEquals(1, store.read("kept").number("$version"));
    assertEquals(
        List.of("store.restored"),
        store.pipeline.stored().stream()
            .map(record -> record.string("verb"))
            .filter(verb -> verb.startsWith("store.re"))
            .toList());
    store.restart();
    store.time.advance(60_000);
    assertEquals("2", text("changed"));
    assertTrue(store.post("rebuild").startsWith("200"));
    assertEquals("2", text("changed"));
    assertNull(store.read("new"));
  }

  @Test
  void whatHasExpiredIsDeletedAsSuch() {
    start();
    store.createAcked("a");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'gone'},'expiresInMs':1000}");
    store.time.advance(1500);
    assertTrue(store.restoreTo("{'seq':1}").startsWith("200"));
    List<JsonObject> stored = store.pipeline.stored();
    JsonObject last = stored.get(stored.size() - 1);
    assertEquals("thing.deleted", last.string("verb"));
    assertEquals("gone", last.string("entityId"));
    assertEquals("expired", last.object("payload").string("$reason"));
  }

  @Test
  void whatARowThatCannotBeReadStopsIsNotRestoredInMemoryAlone() {
    store.with("COLUMNAR_THRESHOLD", "0").with("LARGE_COLLECTIONS", "normalized");
    store.with("MAX_ENTRIES", "1");
    start();
    for (String id : List.of("a", "b")) {
      store.create(id, "1");
    }
    for (String id : List.of("a", "b")) {
      store.update(id, "{'text':'2'}");
    }
    store.checkpoint();
    store.sql.setReadsFailOf("\"b\"");
    assertTrue(store.restoreTo("{'seq':2}").startsWith("503"));
    assertEquals("2", text("a"));
    store.sql.setReadsFailOf("");
    store.createAcked("c");
    assertFalse(
        store.pipeline.stored().stream()
            .anyMatch(record -> record.string("verb").equals("store.restored")));
    store.checkpoint();
    store.restart();
    assertEquals("2", text("a"), "no event has changed it");
    assertTrue(store.restoreTo("{'seq':2}").startsWith("200"));
    assertEquals("1", text("a"));
    assertEquals("1", text("b"));
  }

  @Test
  void anotherRestoreUndoesIt() {
    start();
    store.create("a", "1");
    store.update("a", "{'text':'2'}");
    String present = store.restoreTo("{'seq':1}");
    assertTrue(present.startsWith("200"), present);
    assertEquals("1", text("a"));
    assertTrue(store.restoreTo("{'seq':2}").startsWith("200"));
    assertEquals("2", text("a"));
  }

  @Test
  void deletedStoreComesBack() {
    start();
    store.create("a", "1");
    store.create("b", "1");
    store.deleteStore();
    assertNull(store.read("a"));
    String answer = store.restoreTo("{'seq':2}");
    assertTrue(answer.startsWith("200"), answer);
    assertEquals("1", text("a"));
    assertNotNull(store.read("b"));
    assertTrue(store.post("rebuild").startsWith("200"));
    assertEquals("1", text("a"));
  }

  @Test
  void momentThatTheArchiveHasNotReachedChangesNothing() {
    start();
    store.create("a", "1");
    store.archive.setSilent(true);
    store.update("a", "{'text':'2'}");
    double rows = store.stats().number("rowsWritten");
    store.restoreTo("{'seq':1}");
    store.time.advance(60_000);
    assertEquals("2", text("a"));
    assertTrue(rows <= store.stats().number("rowsWritten"));
  }

  @Test
  void badMomentsAndForeignOnesAreRefused() {
    start();
    store.create("a", "1");
    assertTrue(store.restoreTo("'nonsense'").startsWith("400"));
    assertTrue(store.restoreTo("-1").startsWith("400"));
    assertTrue(store.restoreTo("'12345678901-1'").startsWith("400"));
  }

  @Test
  void withoutAnArchiveThereIsNoPast() {
    store.with("DURABILITY", "local").start();
    store.create("a", "1");
    assertTrue(store.restoreTo("{'seq':1}").startsWith("503"));
  }

  @Test
  void manyThingsAreRestoredInSlices() {
    start();
    for (int i = 0; i < 1000; i++) {
      store.create("t" + i, "1");
    }
    for (int i = 0; i < 1000; i++) {
      store.delete("t" + i);
    }
    store.restoreTo("{'seq':1000}");
    store.time.advance(10_000);
    assertEquals(1000, store.stats().number("entries"));
  }
}
