package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may happen in the middle of a rebuild, and after one that did not end. */
final class RebuildTest {
  /** The second number that a test's store draws; the first is its holder. */
  private static final double FIRST_LIFE = 5_000_000_002.0;

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void noCheckpointIsTakenInTheMiddleOfARebuild() {
    store.withArchive().with("DURABILITY", "local").start();
    store.create("a", "T", 1);
    store.archive.setSilent(true);
    String running = store.stats().string("phase");
    store.post("rebuild");
    double rows = store.stats().number("rowsWritten");
    store.time.advance(20_000);
    assertEquals(rows, store.stats().number("rowsWritten"), "half a state may be in memory");
    store.time.advance(20_000);
    assertEquals(running, store.stats().string("phase"), "the archive was silent too long");
    assertEquals(0, store.stats().number("dirty"), "checkpoints go on");
  }

  @Test
  void rebuildOverADamagedRowThatCrashedBeginsAgain() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.sql.exec("UPDATE segments SET epoch = 7");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.restart();
    assertEquals("recovering", store.stats().string("phase"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertNotNull(store.read("a"));
  }

  /** It has no state, and the Pipeline may take all of its events. */
  @Test
  void whatWasSalvagedIsSentAlthoughTheRebuildCannotBegin() {
    store.withArchive().with("DURABILITY", "local").start();
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.createAcked("b");
    store.sql.exec("UPDATE segments SET head = head || 'x'");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.sql.setFailing(true);
    store.restart();
    store.time.advance(1000);
    assertNotNull(store.startError());
    assertEquals(List.of(1.0, 2.0), store.sent());
    store.sql.setFailing(false);
    store.restart();
    store.time.advance(1000);
    assertNull(store.startError());
    assertNotNull(store.read("b"));
  }

  @Test
  void checkpointAfterARebuildOverDamageDoesNotOverwriteWhatTheRebuildWrote() {
    store.withArchive().with("DURABILITY", "pipeline").with("COLUMNAR_THRESHOLD", "0").start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a'}}");
    store.post("checkpoint");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'text':'new'}}");
    store.post("checkpoint");
    store.sql.exec(
        "UPDATE segments SET body = body || 'x' WHERE tx = (SELECT max(tx) FROM segments)");
    store.restart();
    store.time.advance(1000);
    assertEquals("iceberg", store.stats().object("recovery").string("source"));
    store.ask("{'type':'create','id':3,'$type':'T','data':{'$id':'b'}}");
    store.post("checkpoint");
    store.restart();
    assertEquals("sqlite", store.stats().object("recovery").string("source"));
    assertNotNull(store.read("b"));
    assertEquals("new", store.read("a").string("text"));
  }

  @Test
  void rebuildThatCrashedGoesOnInItsEpochWhateverTheDamagedRowSays() {
    store.withArchive().with("DURABILITY", "local").start();
    store.create("a", "T", 1);
    for (int i = 0; i < 3; i++) {
      store.send("{'type':'update','id':'u','$id':'a','data':{'i':" + i + "}}");
      store.time.advance(10_000);
    }
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.restart();
    store.time.advance(100);
    store.restart();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(10_000);
    assertNotNull(store.read("a"));
    List<String> fences =
        store.pipeline.stored().stream()
            .filter(record -> record.string("verb").equals("store.fence"))
            .map(record -> record.number("epoch") + " at " + record.number("ts"))
            .distinct()
            .toList();
    long epochs = fences.stream().map(fence -> fence.split(" ")[0]).distinct().count();
    assertEquals(epochs, fences.size(), "two fences of one epoch in " + fences);
  }

  @Test
  void alarmThatRingsInTheMiddleOfARebuildRingsAgain() {
    store.withArchive().with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("a", "T", 1);
    store.archive.setSilent(true);
    store.post("rebuild");
    assertEquals("recovering", store.stats().string("phase"));
    int alarmsSet = store.time.alarmsSet();
    store.store().onAlarm();
    assertEquals(alarmsSet + 1, store.time.alarmsSet(), "only SQLite has the event");
  }

  @Test
  void deletedStoreIsNotSweptBeforeTheFenceOfARebuildThatBrokeOffHasLeft() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.deleteStore();
    store.restart();
    store.archive.setSilent(true);
    store.post("rebuild");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(40_000);
    assertEquals("running", store.stats().string("phase"), "the archive was silent too long");
    assertTrue(store.store().isIdle() || store.time.armed() > 0, "nothing would go on with it");
    store.archive.setSilent(false);
    store.restart();
    store.createAcked("b");
    List<JsonObject> sent = store.pipeline.stored();
    JsonObject fence = sent.get(sent.size() - 2);
    assertEquals("store.fence", fence.string("verb"));
    double parent = fence.object("payload").number("parent");
    assertTrue(
        sent.stream().anyMatch(record -> record.number("life") == parent),
        "the Pipeline does not know of life " + parent);
  }

  @Test
  void writeThatWaitsWhenARebuildBreaksTheStoreIsAnswered() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("a", "1");
    store.create("b", "1");
    store.post("rebuild");
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    String payload = "{\"$id\":\"a\",\"n\":1}";
    store
        .archive
        .rows()
        .add(0, new ArchivedEvent(1, FIRST_LIFE, 1, "thing.updated", "a", "T", 9, 5, payload));
    store.pipeline.releaseHeld();
    store.time.advance(60_000);
    assertEquals("failed", store.stats().string("phase"));
    assertEquals(2, store.replies.size(), "the host may drop the store now, and with it b's reply");
  }

  @Test
  void rebuildThatBrokeOffDoesNotHideWhereThisLifeBegan() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "T", 1);
    store.restart();
    store.time.advance(1000);
    store.archive.setStalled(true);
    store.ask("{'type':'update','id':'u','$id':'a','data':{'n':2}}");
    // Of the first life; the first record of the second one voids it, and has not landed yet.
    String payload = "{\"$id\":\"other\"}";
    store
        .archive
        .rows()
        .add(2, new ArchivedEvent(1, 0, 2, "thing.created", "other", "T", 1, 5, payload));
    store.archive.setFailure("the connection broke");
    assertTrue(store.post("rebuild").startsWith("503"));
    store.archive.setFailure(null);
    assertTrue(
        store.history("a").endsWith("\"more\":false,\"archivedSeq\":1}"), store.history("a"));
  }

  @Test
  void readErrorBehindTheArchivesAnswerToADamagedStoreFailsTheStart() {
    store.withArchive().with("DURABILITY", "local").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.time.advance(1000);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("b", "T", 2);
    store.sql.exec("UPDATE collections SET body = body || 'x'");
    store.archive.setSilent(true);
    store.restart();
    store.sql.damage();
    store.archive.answer();
    assertTrue(store.startError().contains("malformed"), store.startError());
    assertEquals("UNAVAILABLE", store.ask("{'type':'read','id':1,'$ids':['a']}").string("code"));
  }
}
