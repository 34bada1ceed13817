package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starts, rebuilds and epochs that begin while the Pipeline takes nothing. */
final class PipelineOutageTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void nextWriteIsAnswered() {
    assertEquals("running", store.stats().string("phase"));
    int replies = store.replies.size();
    store.create("b", "1");
    store.time.advance(3_600_000);
    assertEquals(replies + 1, store.replies.size(), "nobody answers");
  }

  @Test
  void writesAfterARebuildThatFailedInAnOutageGoToSqlite() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    store.create("a", "1");
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.archive.setSilent(true);
    store.post("rebuild");
    store.time.advance(31_000);
    nextWriteIsAnswered();
  }

  @Test
  void storeWhoseSqliteHasEverythingStartsInAnOutageOfThePipeline() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.checkpoint();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("b", "1");
    store.time.advance(20_000);
    store.create("c", "1");
    store.time.advance(100);
    assertEquals("ack", store.lastReply().string("status"));
    store.restart();
    store.time.advance(100_000);
    assertNull(store.startError(), store.startError());
  }

  @Test
  void writesAfterARecoveryInAnOutageGoToSqlite() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    store.create("a", "1");
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
      store.create("large" + i, "x".repeat(600_000));
    }
    String answer = store.post("rebuild");
    assertNull(answer, answer);
  }

  @Test
  void eventsThatNothingHadTakenAreInSqliteBeforeTheNextEpochBegins() {
    store.with("DURABILITY", "memory").with("CHECKPOINT_INTERVAL", "60000").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    for (int i = 0; i < 50; i++) {
      store.create("large" + i, "T", 60_000);
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
