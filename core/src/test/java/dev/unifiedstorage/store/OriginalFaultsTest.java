package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One test for each fault that the TypeScript original was found to have. */
final class OriginalFaultsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id) {
    JsonObject reply =
        store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'" + id + "','n':0}}");
    assertEquals("ack", reply.string("status"));
  }

  private void createMany(int count) {
    for (int i = 0; i < count; i++) {
      create("t" + i);
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

  @Test
  void twoUpdatesInOneMillisecondHaveDifferentKeys() {
    store.start();
    create("a");
    store.send("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    store.send("{'type':'update','id':3,'$id':'a','data':{'n':2}}");
    store.time.advance(1000);
    Set<String> keys = new HashSet<>();
    store.pipeline.stored().forEach(record -> keys.add(record.string("idempotencyKey")));
    assertEquals(store.pipeline.stored().size(), keys.size());
    assertEquals(4, keys.size(), "a fence, a create, two updates");
  }

  @Test
  void ackWaitsUntilTheSendHasResolved() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    assertEquals(0, store.replies.size());
    store.pipeline.releaseHeld();
    assertEquals("ack", store.replies.get(0).string("status"));
  }

  @Test
  void noAckLeavesWhileTheSendIsRejected() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.send("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.time.advance(3500);
    assertEquals(0, store.replies.size());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(4000);
    assertEquals("ack", store.replies.get(0).string("status"));
  }

  @Test
  void tailIsReplayedOnTopOfTheCheckpoint() {
    store.start();
    create("a");
    store.post("checkpoint");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    store.time.advance(100);
    store.restart();
    assertEquals(1, store.read("a").number("n"));
    assertEquals(2, store.read("a").number("$version"));
    assertEquals(1, store.stats().object("recovery").number("eventsReplayed"));
  }

  @Test
  void idleObjectHasNoTimer() {
    store.start();
    create("a");
    assertTrue(store.time.armed() > 0);
    store.time.advance(20_000);
    assertEquals(0, store.time.armed());
    assertTrue(store.store().isIdle());
  }

  @Test
  void batchUpdatesAndDeletes() {
    store.start();
    create("a");
    create("b");
    JsonObject reply =
        store.ask(
            "{'type':'batch','id':1,'operations':[{'type':'update','$id':'a','data':{'n':5}},"
                + "{'type':'delete','$id':'b'},{'type':'create','$type':'T','data':{'$id':'c'}}]}");
    assertEquals("ack", reply.string("status"));
    assertEquals(5, store.read("a").number("n"));
    assertNull(store.read("b"));
    assertNotNull(store.read("c"));
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

  private void createMore(int from, int to) {
    for (int i = from; i < to; i++) {
      create("t" + i);
    }
  }

  @Test
  void idWithColonsIsKeptWhole() {
    store.start();
    create("urn:a:b:c");
    store.time.advance(1000);
    assertEquals("urn:a:b:c", store.pipeline.stored().get(1).string("entityId"));
    store.restart();
    assertNotNull(store.read("urn:a:b:c"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "garbage | PARSE_ERROR",
        "[] | PARSE_ERROR",
        "{} | VALIDATION_ERROR",
        "{'id':1} | UNKNOWN_TYPE",
        "{'id':1,'type':'drop'} | UNKNOWN_TYPE",
        "{'id':1,'type':'create'} | VALIDATION_ERROR",
        "{'id':1,'type':'create','$type':'T'} | VALIDATION_ERROR",
        "{'id':1,'type':'create','$type':'','data':{}} | VALIDATION_ERROR",
        "{'id':1,'type':'update','$id':'x','data':{}} | NOT_FOUND",
        "{'id':1,'type':'update','$id':'x','data':{},'ifVersion':1.5} | VALIDATION_ERROR",
        "{'id':1,'type':'delete','$id':'x','ifVersion':1} | NOT_FOUND",
        "{'id':1,'type':'read','$ids':[1]} | VALIDATION_ERROR",
        "{'id':1,'type':'batch','operations':{}} | VALIDATION_ERROR",
        "{'id':true,'type':'ping'} | VALIDATION_ERROR"
      })
  void badInputHasAReply(String message, String code) {
    store.start();
    assertEquals(code, store.ask(message).string("code"));
    assertEquals("ok", store.ask("{'id':2,'type':'ping'}").string("status"));
  }

  @Test
  void createOverAnExistingIdIsAConflict() {
    store.start();
    create("a");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    JsonObject reply = store.ask("{'type':'create','id':3,'$type':'T','data':{'$id':'a'}}");
    store.time.advance(100);
    assertEquals("CONFLICT", reply.string("code"));
    assertEquals(2, reply.object("details").number("version"));
    assertEquals(2, store.read("a").number("$version"));
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
}
