package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each durability mode promises, and what happens when it cannot be kept. */
final class DurabilityTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id) {
    store.send("{'type':'create','id':'" + id + "','$type':'T','data':{'$id':'" + id + "'}}");
  }

  @Test
  void localAcksFirstWriteAtOnceAndGroupsThoseBehindIt() {
    store.start();
    create("a");
    assertEquals(1, store.replies.size());
    for (int i = 0; i < 100; i++) {
      create("b" + i);
    }
    assertEquals(1, store.replies.size());
    double rows = store.stats().number("rowsWritten");
    store.time.advance(50);
    assertEquals(101, store.replies.size());
    assertEquals(rows + 1, store.stats().number("rowsWritten"), "one row for a hundred writes");
  }

  @Test
  void localGroupClosesAtTwoHundredEvents() {
    store.start();
    for (int i = 0; i < 201; i++) {
      create("a" + i);
    }
    assertEquals(201, store.replies.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "pipeline"})
  void readOfAnUndurableWriteWaitsAndOthersDoNot(String durability) {
    store.with("DURABILITY", durability).start();
    create("old");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("new");
    int before = store.replies.size();
    store.send("{'type':'read','id':'r1','$ids':['new']}");
    store.send("{'type':'create','id':'c','$type':'T','data':{'$id':'new'}}");
    store.send("{'type':'delete','id':'d','$id':'new'}");
    store.send("{'type':'read','id':'r2','$ids':['new']}");
    assertEquals(before, store.replies.size());
    assertEquals("ok", store.ask("{'type':'ping','id':'p'}").string("status"));
    store.send("{'type':'read','id':'r3','$ids':['old']}");
    assertEquals("r3", store.replies.get(before + 1).string("id"));
    store.pipeline.releaseHeld();
    store.time.advance(50);
    store.pipeline.releaseHeld();
    assertEquals(before + 7, store.replies.size());
    assertEquals("r2", store.replies.get(before + 6).string("id"));
    assertEquals(0, store.replies.get(before + 6).object("things").keys().size());
  }

  @Test
  void atomicBatchIsOneSend() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a");
    StringBuilder batch = new StringBuilder("{'type':'batch','id':1,'atomic':true,'operations':[");
    for (int i = 0; i < 999; i++) {
      batch.append("{'type':'create','$type':'T','data':{}},");
    }
    batch.append("{'type':'create','$type':'T','data':{}}]}");
    create("b");
    store.send(batch.toString());
    store.pipeline.releaseHeld();
    store.pipeline.releaseHeld();
    assertEquals(List.of(2, 1, 1000), store.pipeline.sendSizes(), "the batch, and nothing with it");
  }

  @Test
  void sqliteFailureUndoesTheWriteAndSaysUnavailable() {
    store.start();
    create("a");
    store.time.advance(100);
    store.sql.setFailing(true);
    create("b");
    assertEquals("UNAVAILABLE", store.replies.get(1).string("code"));
    assertNull(store.read("b"));
    store.sql.setFailing(false);
    assertEquals(
        "ack",
        store.ask("{'type':'create','id':2,'$type':'T','data':{'$id':'b'}}").string("status"));
    store.time.advance(1000);
    assertEquals(3, store.pipeline.stored().size(), "a fence, a and b");
    assertEquals(2, store.pipeline.stored().get(2).number("seq"));
  }

  @Test
  void usedUpRetriesGoToSqliteAndTheAcksLeave() {
    store.with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000");
    store.withDeadLetters().start();
    create("a");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("b");
    store.time.advance(6999);
    assertEquals(1, store.replies.size());
    store.time.advance(1);
    assertEquals(2, store.replies.size());
    assertEquals("degraded", store.stats().object("pipeline").string("status"));
    assertEquals(1, store.deadLetters.stored().size());
    store.restart();
    assertNotNull(store.read("b"), "it was acked");
    create("c");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(120_000);
    assertEquals("ok", store.stats().object("pipeline").string("status"));
    assertEquals(0, store.stats().object("pipeline").number("queued"));
    long created =
        store.pipeline.stored().stream()
            .filter(record -> record.string("verb").equals("thing.created"))
            .map(record -> record.number("seq"))
            .distinct()
            .count();
    assertEquals(3, created);
  }

  @Test
  void tooMuchWaitingIsOverloadedAndNothingIsLost() {
    store.with("DURABILITY", "pipeline").with("DIRTY_COUNT_THRESHOLD", "1000000").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    int sent = 0;
    while (store.replies.isEmpty()) {
      create("a" + sent++);
    }
    JsonObject reply = store.replies.get(0);
    assertEquals("OVERLOADED", reply.string("code"));
    assertTrue(reply.object("details").number("retryAfterMs") > 0);
    assertTrue(sent > 5000 && sent < 11_000, "sent: " + sent);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    assertEquals(sent, store.replies.size());
    assertEquals(sent - 1, store.stats().number("entries"));
  }

  @Test
  void memoryAcksAtOnceAndSaysSo() {
    store.with("DURABILITY", "memory").start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    create("a");
    assertEquals(1, store.replies.size());
    assertTrue(store.log.get(0).startsWith("warning: "), store.log.toString());
    assertEquals("memory", store.stats().string("durability"));
    assertTrue(!store.stats().bool("tailRecoverable"));
  }

  @Test
  void outboxOutlivesACrashWhenTheCheckpointCameFirst() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    create("a");
    store.post("checkpoint");
    assertEquals(1, store.replies.size(), "durable in the checkpoint, with its event");
    store.restart();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    assertEquals(2, store.pipeline.stored().size(), "the fence and the event");
    assertEquals("store.fence", store.pipeline.stored().get(0).string("verb"));
  }

  @Test
  void undeliveredEventsKeepAnAlarmThroughAnOutage() {
    store.start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a");
    store.time.advance(70_000);
    int alarms = store.time.alarmsSet();
    store.store().onAlarm();
    assertEquals(alarms + 1, store.time.alarmsSet(), "clean, and yet not delivered");
    store.restart();
    assertEquals(alarms + 2, store.time.alarmsSet(), "the next life is woken too");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(40_000);
    store.store().onAlarm();
    assertEquals(alarms + 2, store.time.alarmsSet(), "delivered: no alarm any more");
  }

  @Test
  void readOnlyLifeWritesNoRow() {
    store.start();
    assertNull(store.read("nothing"));
    store.store().onConnectionClosed(0);
    store.time.advance(100_000);
    assertEquals(0, store.stats().number("rowsWritten"));
    assertEquals(0, store.time.alarmsSet());
  }

  @Test
  void readsOfThingsInMemoryNeverTouchSqlite() {
    store.start();
    create("a");
    store.time.advance(20_000);
    int selects = store.sql.selects();
    assertNotNull(store.read("a"));
    assertNull(store.read("b"));
    assertEquals(selects, store.sql.selects());
  }

  @Test
  void everyEpochThatWritesBeginsWithAFence() {
    store.start();
    create("a");
    store.time.advance(10_000);
    store.restart();
    assertNotNull(store.read("a"));
    store.restart();
    create("b");
    store.time.advance(1000);
    assertEquals(4, store.pipeline.stored().size());
    assertEquals("store.fence", store.pipeline.stored().get(2).string("verb"));
    assertEquals(2, store.pipeline.stored().get(2).number("epoch"), "a life that read has none");
    assertEquals(0, store.pipeline.stored().get(2).number("seq"));
    assertEquals(2, store.pipeline.stored().get(3).number("seq"));
  }

  @Test
  void alarmUnderLoadDoesNotSayThatTheLifeHasClosed() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.store().onAlarm();
    double rows = store.stats().number("rowsWritten");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b'}}");
    assertEquals(rows, store.stats().number("rowsWritten"), "a write that reopens it costs a row");
    store.time.advance(60_000);
    store.restart();
    assertEquals(
        "running", store.stats().string("phase"), "and an idle one is closed all the same");
  }
}
