package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A read of the past shows nothing that is not certain yet, and says so. */
final class UncertainPastTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
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

  @Test
  void recordThatAnEpochVoidsIsNotThePastWhileNothingOfThatEpochHasLanded() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.sql.setFailing(true);
    store.send("{'type':'update','id':2,'$id':'a','data':{'x':'undone'}}");
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.replies.get(1).string("code"));
    store.sql.setFailing(false);
    store.archive.ingest(store.pipeline.stored());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.ask("{'type':'update','id':4,'$id':'a','data':{'x':'done'}}");
    store.ask("{'type':'update','id':5,'$id':'a','data':{'x':'again'}}");
    JsonObject past = store.ask("{'type':'read','id':6,'$ids':['a'],'at':{'seq':2}}");
    assertEquals("UNAVAILABLE", past.string("code"), store.print(past));
  }

  @Test
  void pastBehindARowThatLandsLateIsNotToldWithoutIt() {
    store.withArchive().start();
    List.of("a", "b", "c").forEach(id -> store.create(id, "T", 1));
    store.delete("a");
    store.time.advance(1000);
    assertNotNull(store.readAt("a", 3).object("things").object("a"));
    ArchivedEvent late = store.archive.rows().remove(2);
    assertEquals(2, late.seq());
    assertEquals("UNAVAILABLE", store.readAt("a", 3).string("code"));
    assertTrue(
        store.history("c").contains("the archive reaches seq 1, expected 3"), store.history("c"));
    store.archive.rows().add(2, late);
    assertNotNull(store.readAt("a", 3).object("things").object("a"));
  }

  @Test
  void eventThatTheStoreDoesNotHaveIsNoPast() {
    store.withArchive().start();
    store.create("a", "T", 1);
    store.time.advance(1000);
    String payload = "{\"$id\":\"b\"}";
    store.archive.rows().add(new ArchivedEvent(1, 0, 2, "thing.created", "b", "T", 1, 5, payload));
    assertEquals(List.of(), store.readAt("b", 2).object("things").keys());
    assertTrue(store.history("b").contains("NOT_FOUND"), store.history("b"));
  }

  @Test
  void pastThatWouldShowAWriteUndoneMeanwhileIsUnavailable() {
    store.withArchive().with("DURABILITY", "local").start();
    store.create("a", "T", 1);
    store.delete("a");
    store.time.advance(60);
    store.archive.setSilent(true);
    store.create("b", "T", 1);
    store.create("b2", "T", 1);
    store.send("{'type':'read','id':'past','$ids':['b2','a'],'at':{'seq':4}}");
    store.sql.setFailing(true);
    store.time.advance(1000);
    store.sql.setFailing(false);
    store.archive.answer();
    store.archive.answer();
    JsonObject past = store.replies.get(store.replies.size() - 1);
    assertEquals("past", past.string("id"));
    assertEquals("UNAVAILABLE", past.string("code"), store.print(past));
  }

  @Test
  void pastIsNotToldFromRecordsThatTheStoreMayYetUndo() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.create("a", "T", 1);
    store.send("{'type':'update','id':'u','$id':'a','data':{'n':2}}");
    int replies = store.replies.size();
    store.send("{'type':'read','id':'past','$ids':['a'],'at':{'seq':1}}");
    assertEquals(replies, store.replies.size());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(10_000);
    JsonObject past = store.replyTo("past");
    assertEquals(1, past.object("things").object("a").number("$version"), store.print(past));
  }

  /** It was the first by hash code. */
  @Test
  void aReadOfThePastNamesTheFirstEventThatTheArchiveLacks() {
    assertEquals("expected 4", lacking("b", "a"));
    assertEquals("expected 3", lacking("a", "b"));
  }
}
