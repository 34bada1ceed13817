package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store whose records stand for several events, and what reads them back. */
final class PackedRecordsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void startPacked() {
    store.withArchive().with("DURABILITY", "pipeline").with("RECORDS", "packed").start();
  }

  /** Has the writes leave in one send: the first one keeps them waiting. */
  private void inOneSend(Runnable writes) {
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("first" + store.time.nowMs(), "x");
    writes.run();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(1);
  }

  private List<String> records() {
    return store.pipeline.stored().stream()
        .filter(record -> record.number("seq") > 0)
        .map(
            record ->
                record.string("verb")
                    + " "
                    + (long) record.number("seq")
                    + (record.keys().contains("events")
                        ? " x" + (long) record.number("events")
                        : ""))
        .toList();
  }

  @Test
  void whatLeavesTogetherIsOneRecord() {
    startPacked();
    inOneSend(
        () -> {
          store.create("a", "1");
          store.update("a", "{'text':'2'}");
          store.delete("a");
        });
    assertEquals(List.of("thing.created 1", "store.events 2 x3"), records());
    assertEquals(5, store.stats().object("pipeline").number("sent"), "with the fence");
  }

  @Test
  void crashIsRecoveredFromPackedRecords() {
    startPacked();
    inOneSend(
        () -> {
          store.create("a", "1");
          store.create("b", "1");
          store.update("a", "{'text':'2'}");
          store.delete("b");
        });
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertEquals("2", store.read("a").string("text"));
    assertNull(store.read("b"));
  }

  @Test
  void tailBeginsInTheMiddleOfARecord() {
    startPacked();
    inOneSend(
        () -> {
          store.create("a", "1");
          store.create("b", "1");
          store.checkpoint();
          store.update("a", "{'text':'2'}");
        });
    assertTrue(records().contains("store.events 2 x3"), records()::toString);
    assertEquals(3, store.stats().number("checkpointSeq"));
    store.restart();
    store.time.advance(1000);
    assertEquals("2", store.read("a").string("text"));
    assertNotNull(store.read("b"));
  }

  @Test
  void settingMayChangeBothWaysAndTheTableHoldsBothKinds() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    inOneSend(() -> store.create("a", "1"));
    store.with("RECORDS", "packed").restart();
    store.time.advance(1000);
    inOneSend(
        () -> {
          store.update("a", "{'text':'2'}");
          store.update("a", "{'text':'3'}");
        });
    store.with("RECORDS", "event").restart();
    store.time.advance(1000);
    inOneSend(() -> store.update("a", "{'text':'4'}"));
    store.sql.exec("DROP TABLE IF EXISTS segments");
    store.sql.exec("DROP TABLE IF EXISTS collections");
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertEquals("4", store.read("a").string("text"));
    assertEquals(4, store.read("a").number("$version"));
    assertTrue(records().toString().contains("store.events"), records()::toString);
  }

  @Test
  void whatIsSentAgainInOtherGroupsIsTheSame() {
    startPacked();
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.create("a", "1");
    store.update("a", "{'text':'2'}");
    store.update("a", "{'text':'3'}");
    store.time.advance(60_000);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.with("RECORDS", "event").restart();
    store.time.advance(60_000);
    store.with("RECORDS", "packed").restart();
    store.time.advance(1000);
    assertFalse(store.post("rebuild").startsWith("5"), () -> store.post("rebuild"));
    assertEquals("3", store.read("a").string("text"));
  }

  @Test
  void historyAndThePastLookIntoPackedRecords() {
    startPacked();
    inOneSend(
        () -> {
          store.create("a", "1");
          store.create("b", "1");
          store.update("a", "{'text':'2'}");
          store.delete("b");
        });
    String history = store.history("a");
    assertTrue(history.contains("\"text\":\"1\"") && history.contains("\"text\":\"2\""), history);
    assertFalse(history.contains("\"$id\":\"b\""), history);
    JsonObject then = store.readAt("b", 4).object("things");
    assertEquals("1", then.object("b").string("text"));
    assertEquals("1", store.readAt("a", 3).object("things").object("a").string("text"));
  }

  @Test
  void restoreGoesBackToTheMiddleOfARecord() {
    startPacked();
    inOneSend(
        () -> {
          store.create("a", "1");
          store.update("a", "{'text':'2'}");
          store.update("a", "{'text':'3'}");
        });
    String answer = store.restoreTo("{'seq':3}");
    assertTrue(answer.startsWith("200"), answer);
    assertEquals("2", store.read("a").string("text"));
  }

  @Test
  void sessionsOutcomesComeBackFromPackedRecords() {
    startPacked();
    FakeSocket socket = store.socket();
    String create = "{'id':1,'n':1,'type':'create','$type':'T','data':{'$id':'a','text':'1'}}";
    socket.ask("{'id':1,'type':'hello','session':'s','next':1}");
    inOneSend(
        () -> {
          socket.ask(create);
          store.create("b", "1");
        });
    store.restart();
    store.time.advance(1000);
    FakeSocket other = store.socket();
    other.ask("{'id':1,'type':'hello','session':'s','next':1}");
    JsonObject again = other.ask(create);
    assertEquals("ack", again.string("status"));
    assertTrue(again.bool("replayed"));
    assertEquals(1, store.read("a").number("$version"));
  }

  @Test
  void valueThatIsNoneIsRefusedByName() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> UnifiedStoreConfig.fromVars("t", Map.of("RECORDS", "zipped")));
    assertEquals("RECORDS: expected event or packed, got 'zipped'", error.getMessage());
  }
}
