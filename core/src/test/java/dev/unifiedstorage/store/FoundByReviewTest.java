package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.SqlCursor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Faults that somebody found by reading the code, each as small as it can be told. */
final class FoundByReviewTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id, String text) {
    store.send(
        "{'type':'create','id':'c','$type':'T','data':{'$id':'" + id + "','text':'" + text + "'}}");
  }

  private void update(String id, String data) {
    store.send("{'type':'update','id':'u','$id':'" + id + "','data':" + data + "}");
  }

  private void checkpoint() {
    store.time.advance(100);
    String answer = store.post("checkpoint");
    assertTrue(answer.startsWith("200"), answer);
  }

  private JsonObject last() {
    return store.replies.get(store.replies.size() - 1);
  }

  private void nextWriteIsAnswered() {
    assertEquals("running", store.stats().string("phase"));
    int replies = store.replies.size();
    create("b", "1");
    store.time.advance(3_600_000);
    assertEquals(replies + 1, store.replies.size(), "nobody answers");
  }

  /** Leaves the slots of as many rows of events free, the first of them last. */
  private void freeSlots(int count) {
    store.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "1000").start();
    for (int i = 0; i < count; i++) {
      create("small" + i, "1");
      store.time.advance(1500);
    }
    checkpoint();
    create("last", "1");
    store.time.advance(1500);
    checkpoint();
  }

  @Test
  void groupOfTwoRowsIsReplayedInItsOrderWhateverSlotsItGot() {
    freeSlots(3);
    create("opens the window", "1");
    create("d", "\u4e2d".repeat(200_000));
    create("e", "\u4e2d".repeat(340_000));
    store.time.advance(1500);
    assertEquals("ack", last().string("status"));
    store.restart();
    assertNull(store.startError());
    assertNotNull(store.read("e"));
  }

  @Test
  void outboxOfTwoRowsReachesThePipelineWhateverSlotsItGot() {
    freeSlots(2);
    store.with("DURABILITY", "pipeline").restart();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    for (int i = 0; i < 3; i++) {
      create("large" + i, "x".repeat(600_000));
    }
    checkpoint();
    assertEquals("ack", last().string("status"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), store.sent());
  }

  @Test
  void thingCreatedAgainIsThereWhenItsDeletionAndItAreInTwoRowsOfOneCheckpoint() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    create("p", "1");
    checkpoint();
    create("x", "1");
    checkpoint();
    update("p", "{'n':1}");
    checkpoint();
    update("p", "{'n':2}");
    checkpoint();
    update("x", "{'n':1}");
    checkpoint();
    update("p", "{'n':3}");
    checkpoint();
    store.send("{'type':'delete','id':'d','$id':'x'}");
    for (int i = 0; i < 3; i++) {
      create("large" + i, "x".repeat(600_000));
    }
    create("x", "again");
    assertEquals("ack", last().string("status"));
    checkpoint();
    store.restart();
    assertNull(store.startError());
    assertNotNull(store.read("x"), "it was acknowledged");
  }

  @Test
  void voidRecordsStayVoidWhenALifeWithoutAnArchiveCameBetween() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "1");
    checkpoint();
    create("b", "1");
    update("b", "{'n':1}");
    store.withoutArchive().with("DURABILITY", "local").restart();
    create("c", "1");
    assertEquals("ack", last().string("status"));
    store.withArchive().restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    assertNotNull(store.read("c"));
    assertNull(store.read("b"));
  }

  private String batch(String operation, int others) {
    return "{'type':'batch','id':'b','operations':["
        + operation
        + ",{'type':'read','$ids':[]}".repeat(others)
        + "]}";
  }

  @Test
  void thingDoesNotGrowPastItsLimitInBatches() {
    store.start();
    create("a", "1");
    for (int i = 0; i < 14; i++) {
      String data = "{'f" + i + "':'" + "x".repeat(170_000) + "'}";
      store.send(batch("{'type':'update','$id':'a','data':" + data + "}", 999));
      store.time.advance(100);
    }
    int size = store.print(store.read("a")).length();
    String answer = store.post("checkpoint");
    assertTrue(answer.startsWith("200"), answer + ", the thing has " + size + " characters");
    assertTrue(size <= 1024 * 1024, "the thing has " + size + " characters");
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
  void replyToABatchOfReadsIsBounded() {
    store.start();
    create("a", "x".repeat(1_000_000));
    store.time.advance(100);
    store.replies.clear();
    int[] longest = {0};
    store
        .store()
        .onMessage(
            text -> longest[0] = Math.max(longest[0], text.length()),
            batch("{'type':'read','$ids':['a']}" + ",{'type':'read','$ids':['a']}".repeat(39), 0)
                .replace('\'', '"'));
    assertTrue(longest[0] <= 17 * 1024 * 1024, "the reply has " + longest[0] + " characters");
  }

  @Test
  void rowWithItsCommitRecordFitsIntoARow() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    create("small", "1");
    checkpoint();
    for (int i = 0; i < 3; i++) {
      create("a" + i, "x".repeat(498_000));
    }
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    create("b", "\u4e2d".repeat(195_000));
    checkpoint();
    SqlCursor row =
        store.sql.exec(
            "SELECT max(length(CAST(body AS BLOB)) + length(CAST(head AS BLOB))) FROM segments");
    row.next();
    assertTrue(row.number(0) <= 2_000_000, "a row has " + row.number(0) + " bytes");
  }

  @Test
  void idleStoreWhoseClockHasJumpedBackWritesNoRow() {
    store.with("DURABILITY", "pipeline").start();
    create("a", "1");
    store.time.jump(-86_400_000);
    store.store().onAlarm();
    store.time.advance(20_000);
    double rows = store.stats().number("rowsWritten");
    store.time.advance(3_600_000);
    assertEquals(rows, store.stats().number("rowsWritten"));
    assertEquals(0, store.time.armed());
  }

  @Test
  void largeBatchOfUpdatesTakesFewSends() {
    store.with("DURABILITY", "pipeline").start();
    StringBuilder creates = new StringBuilder();
    StringBuilder updates = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      creates.append(i == 0 ? "" : ",").append("{'type':'create','$type':'T','data':{'$id':'i");
      creates.append(i).append("'}}");
      updates.append(i == 0 ? "" : ",").append("{'type':'update','$id':'i").append(i);
      updates.append("','data':{'text':'").append("x".repeat(200)).append("'}}");
    }
    store.ask("{'type':'batch','id':1,'operations':[" + creates + "]}");
    int before = store.pipeline.sendSizes().size();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'batch','id':1,'operations':[" + updates + "]}");
    create("other", "1");
    assertTrue(!"OVERLOADED".equals(last().string("code")), store.print(last()));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    int sends = store.pipeline.sendSizes().size() - before;
    assertTrue(sends <= 3, sends + " sends for 1,000 events of 250 KB together");
  }

  @Test
  void atomicBatchThatOneRequestToThePipelineCannotHoldIsRefused() {
    store.with("DURABILITY", "pipeline").start();
    String type = "\u4e2d".repeat(256);
    StringBuilder creates = new StringBuilder();
    StringBuilder updates = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      creates.append(i == 0 ? "" : ",").append("{'type':'create','$type':'").append(type);
      creates.append("','data':{'$id':'i").append(i).append("'}}");
      updates.append(i == 0 ? "" : ",").append("{'type':'update','$id':'i").append(i);
      updates.append("','data':{'n':[1e20").append(",1e20".repeat(195)).append("]}}");
    }
    String batch = "{'type':'batch','id':1,'atomic':";
    String create = batch + "true,'operations':[" + creates + "]}";
    assertEquals("ack", store.ask(create).string("status"));
    String update = ",'operations':[" + updates + "]}";
    assertTrue((batch + update).length() <= 1024 * 1024, "a message of 5.4 MB in records");
    assertEquals("PAYLOAD_TOO_LARGE", store.ask(batch + "true" + update).string("code"));
    assertEquals(1, store.read("i0").number("$version"));
    assertEquals("ack", store.ask(batch + "false" + update).string("status"));
    assertEquals(2, store.read("i999").number("$version"));
  }

  @Test
  void writesAfterARebuildThatFailedInAnOutageGoToSqlite() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    create("a", "1");
    checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.archive.setSilent(true);
    store.post("rebuild");
    store.time.advance(31_000);
    nextWriteIsAnswered();
  }

  @Test
  void fenceOfARecoveryDoesNotWaitForItsGroup() {
    store.withArchive().with("DURABILITY", "pipeline").with("GROUP_COMMIT_MS", "60000");
    store.with("RECOVERY_TIMEOUT", "10000").start();
    create("a", "1");
    store.time.advance(60_000);
    assertEquals("ack", last().string("status"));
    create("b", "1");
    // Whoever asks next starts it again, as soon as it has failed.
    for (int i = 0; i < 10; i++) {
      store.restart();
      store.time.advance(25_000);
    }
    assertNull(store.startError(), store.startError());
  }

  @Test
  void eventsInSqliteReachThePipelineAlthoughARowCouldNotBeReadOnce() {
    store.with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int i = 0; i < 25; i++) {
      create("a" + i, "x".repeat(1_000_000));
      store.time.advance(100);
    }
    store.sql.exec("UPDATE segments SET sum = sum + 1 WHERE kind = 2");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    try {
      store.pipeline.releaseHeld();
      store.time.advance(1000);
    } catch (RuntimeException e) {
      // What a host would log.
    }
    store.sql.exec("UPDATE segments SET sum = sum - 1 WHERE kind = 2");
    for (int i = 0; i < 10; i++) {
      try {
        create("b" + i, "1");
        store.time.advance(100_000);
      } catch (RuntimeException e) {
        // As above.
      }
    }
    assertEquals(35, store.sent().size());
  }

  @Test
  void thingThatGrewInBatchesCanStillBeDeletedAfterACrash() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "1");
    for (int i = 0; i < 14; i++) {
      String data = "{'f" + i + "':'" + "x".repeat(170_000) + "'}";
      store.send(batch("{'type':'update','$id':'a','data':" + data + "}", 999));
    }
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
    JsonObject reply = store.ask("{'type':'delete','id':1,'$id':'a'}");
    assertEquals("ok", reply.string("status"), store.print(reply));
  }

  @Test
  void deadLinesStayBelowTwiceTheLivingAndFourCheckpoints() {
    store.with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    for (int i = 0; i < 20; i++) {
      create("cold" + i, "x".repeat(500_000));
    }
    checkpoint();
    for (int i = 0; i < 8; i++) {
      create("hot" + i, "x".repeat(900_000));
    }
    checkpoint();
    double most = 0;
    for (int n = 0; n < 20; n++) {
      for (int i = 0; i < 8; i++) {
        update("hot" + i, "{'n':" + n + "}");
      }
      checkpoint();
      SqlCursor text = store.sql.exec("SELECT sum(length(body)) FROM segments WHERE kind = 1");
      text.next();
      most = Math.max(most, text.number(0));
    }
    double written = 8 * 900_000;
    double living = 20 * 500_000 + written;
    double bound = 3 * living + 4 * written;
    assertTrue(most <= bound, (long) most + " characters in rows, expected at most " + bound);
  }

  @Test
  void deletionsThatSqliteDoesNotTakeAreBounded() {
    store.with("DURABILITY", "pipeline").with("DIRTY_COUNT_THRESHOLD", "10").start();
    create("first", "1");
    store.sql.setFailing(true);
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      pairs.append(i == 0 ? "" : ",");
      pairs.append("{'type':'create','$type':'T','data':{'$id':'N").append(i).append("'}},");
      pairs.append("{'type':'delete','$id':'N").append(i).append("'}");
    }
    for (int n = 0; n < 250; n++) {
      String operations = pairs.toString().replace("N", n + "_");
      store.send("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    assertEquals("OVERLOADED", last().string("code"));
    double dirty = store.stats().number("dirty");
    assertTrue(dirty <= 100_000 + 1_000, "dirty: " + dirty);
  }

  @Test
  void storeWhoseSqliteHasEverythingStartsInAnOutageOfThePipeline() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    create("a", "1");
    checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("b", "1");
    store.time.advance(20_000);
    create("c", "1");
    store.time.advance(100);
    assertEquals("ack", last().string("status"));
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
  }

  @Test
  void writesAfterARecoveryInAnOutageGoToSqlite() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    create("a", "1");
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.restart();
    store.time.advance(20_000);
    store.archive.setStalled(false);
    store.time.advance(6_000);
    nextWriteIsAnswered();
  }

  @Test
  void eventSentTogetherWithAFenceIsAcknowledged() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a", "1");
    create("b", "1");
    store.archive.setSilent(true);
    store.post("rebuild");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    assertEquals(List.of(1.0, 2.0), store.sent());
    store.time.advance(3_600_000);
    assertEquals("running", store.stats().string("phase"));
    assertEquals(2, store.replies.size(), "b's event has been accepted long ago");
  }

  @Test
  void writeThatWaitsWhenARebuildBreaksTheStoreIsAnswered() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a", "1");
    create("b", "1");
    store.post("rebuild");
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    String payload = "{\"$id\":\"a\",\"n\":1}";
    store.archive.rows().add(0, new ArchivedEvent(1, 1, "thing.updated", "a", "T", 9, 5, payload));
    store.pipeline.releaseHeld();
    store.time.advance(60_000);
    assertEquals("failed", store.stats().string("phase"));
    assertEquals(2, store.replies.size(), "the host may drop the store now, and with it b's reply");
  }

  @Test
  void alarmIsSetAgainWhenTheClockHasJumpedBack() {
    store.start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    create("a", "1");
    store.time.jump(-86_400_000);
    create("b", "1");
    checkpoint();
    double inMs = store.time.alarmMs() - store.time.nowMs();
    assertTrue(inMs <= 120_000, "the alarm rings in " + inMs + " ms");
  }

  @Test
  void rebuildCanBeAskedForWhateverWaitsForThePipeline() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int i = 0; i < 5; i++) {
      create("large" + i, "x".repeat(600_000));
    }
    String answer = store.post("rebuild");
    assertNull(answer, answer);
  }

  @Test
  void startThatCannotReadTheEndOfTheLastLifeIsNotClean() {
    store.with("DURABILITY", "pipeline").start();
    create("a", "1");
    checkpoint();
    store.time.advance(10_000);
    store.restart();
    assertTrue(store.stats().object("recovery").bool("clean"));
    create("b", "1");
    store.restart();
    assertTrue(!store.stats().object("recovery").bool("clean"));
    assertTrue(last(store.log).contains("the last life did not close"), last(store.log));
  }

  private static String last(List<String> log) {
    return log.get(log.size() - 1);
  }
}
