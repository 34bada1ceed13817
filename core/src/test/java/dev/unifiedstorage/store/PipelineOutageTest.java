package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starts, rebuilds and epochs that begin while the Pipeline takes nothing. */
final class PipelineOutageTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void create(String id, String text) {
    store.send(
        "{'type':'create','id':'c','$type':'T','data':{'$id':'" + id + "','text':'" + text + "'}}");
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

  private void create(String id, String type, int chars) {
    store.send(
        "{'type':'create','id':'c','$type':'"
            + type
            + "','data':{'$id':'"
            + id
            + "','text':'"
            + "x".repeat(chars)
            + "'}}");
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
  void eventsThatNothingHadTakenAreInSqliteBeforeTheNextEpochBegins() {
    store.with("DURABILITY", "memory").with("CHECKPOINT_INTERVAL", "60000").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    for (int i = 0; i < 50; i++) {
      create("large" + i, "T", 60_000);
    }
    store.sql.setFailing(true);
    store.time.advance(20_000);
    store.sql.setFailing(false);
    assertEquals("ok", store.ask("{'type':'delete','id':1,'$id':'large0'}").string("status"));
    store.restart();
    assertEquals(50, store.stats().number("entries"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    assertEquals(50, store.sent().size());
  }
}
