package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an acknowledgement waits for, and what is acknowledged of what goes out with it. */
final class AcknowledgementTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
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
  void refusalWaitsForTheDeletionThatItShows() {
    store.with("DURABILITY", "pipeline").with("SCHEMAS", "{\"T\":{\"required\":[\"n\"]}}").start();
    store.createAcked("a");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'delete','id':2,'$id':'a'}");
    store.send("{'type':'create','id':3,'$type':'T','data':{'$id':'a'}}");
    assertEquals(1, store.replies.size(), "the ack of the creation alone");
    store.pipeline.releaseHeld();
    assertEquals("ok", store.replies.get(1).string("status"));
    assertEquals("VALIDATION_ERROR", store.replies.get(2).string("code"));
  }

  @Test
  void refusalOfAFullStoreWaitsForWhatFillsIt() {
    store.with("DURABILITY", "pipeline").with("MAX_THINGS", "1").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("a", "T", 1);
    store.create("b", "T", 1);
    assertEquals(0, store.replies.size());
    store.pipeline.releaseHeld();
    assertEquals("ack", store.replies.get(0).string("status"));
    assertEquals("QUOTA_EXCEEDED", store.replies.get(1).string("code"));
  }

  @Test
  void eventSentTogetherWithAFenceIsAcknowledged() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "86400000");
    store.start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("a", "1");
    store.create("b", "1");
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
  void tailIsReplayedOnTopOfTheCheckpoint() {
    store.start();
    store.createAcked("a");
    store.post("checkpoint");
    store.ask("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    store.time.advance(100);
    store.restart();
    assertEquals(1, store.read("a").number("n"));
    assertEquals(2, store.read("a").number("$version"));
    assertEquals(1, store.stats().object("recovery").number("eventsReplayed"));
  }

  @Test
  void twoUpdatesInOneMillisecondHaveDifferentKeys() {
    store.start();
    store.createAcked("a");
    store.send("{'type':'update','id':2,'$id':'a','data':{'n':1}}");
    store.send("{'type':'update','id':3,'$id':'a','data':{'n':2}}");
    store.time.advance(1000);
    Set<String> keys = new HashSet<>();
    store.pipeline.stored().forEach(record -> keys.add(record.string("idempotencyKey")));
    assertEquals(store.pipeline.stored().size(), keys.size());
    assertEquals(4, keys.size(), "a fence, a create, two updates");
  }
}
