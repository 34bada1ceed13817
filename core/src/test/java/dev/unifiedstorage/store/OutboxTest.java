package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events that SQLite has and the Pipeline may not reach it, whatever rows they are in. */
final class OutboxTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  /** Leaves the slots of as many rows of events free, the first of them last. */
  private void freeSlots(int count) {
    store.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "1000").start();
    for (int i = 0; i < count; i++) {
      store.create("small" + i, "1");
      store.time.advance(1500);
    }
    store.checkpoint();
    store.create("last", "1");
    store.time.advance(1500);
    store.checkpoint();
  }

  private void outboxInRowsAndInTheCommitRecord() {
    store.with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    for (int i = 0; i < 5; i++) {
      store.create("large" + i, "T", 60_000);
    }
    store.post("checkpoint");
    store.create("small", "T", 1);
    store.post("checkpoint");
  }

  @Test
  void groupOfTwoRowsIsReplayedInItsOrderWhateverSlotsItGot() {
    freeSlots(3);
    store.create("opens the window", "1");
    store.create("d", "\u4e2d".repeat(200_000));
    store.create("e", "\u4e2d".repeat(340_000));
    store.time.advance(1500);
    assertEquals("ack", store.lastReply().string("status"));
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
      store.create("large" + i, "x".repeat(600_000));
    }
    store.checkpoint();
    assertEquals("ack", store.lastReply().string("status"));
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), store.sent());
  }

  @Test
  void outboxBehindTheEventLogDoesNotPassIt() {
    outboxInRowsAndInTheCommitRecord();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), store.sent());
  }

  @Test
  void outboxBetweenTwoRowsOfTheEventLogIsKept() {
    outboxInRowsAndInTheCommitRecord();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.time.advance(30_000);
    store.create("logged", "T", 1);
    store.time.advance(1000);
    store.post("checkpoint");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.restart();
    store.time.advance(100_000);
    assertEquals(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), store.sent());
  }

  /**
   * A row goes once the Pipeline has its events; a fence behind them belongs to events of another.
   */
  @Test
  void fenceBehindAnOutboxOfRowsOutlivesThem() {
    store.withArchive().with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    store.archive.setStalled(true);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    for (int i = 0; i < 5; i++) {
      store.create("large" + i, "T", 60_000);
    }
    // Its claim has them all: of a rebuild whose checkpoint fails.
    store.sql.setFailing(true);
    store.onError = () -> store.sql.setFailing(false);
    store.post("rebuild");
    // A recovery that finds them in the archive, and has no answer from the Pipeline that has them.
    store.archive.setStalled(false);
    store.pipeline.setMode(FakePipeline.Mode.DUPLICATE);
    store.with("DURABILITY", "local").restart();
    store.time.advance(10_000);
    assertNotNull(store.read("large4"));
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int i = 0; i < 100 && store.pipeline.held() == 0; i++) {
      store.time.advance(1000);
    }
    assertEquals(1, store.pipeline.held());
    // The Pipeline takes the events, and what comes behind them gets lost.
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    store.pipeline.releaseHeld();
    store.createAcked("next");
    store.restart();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    List<JsonObject> sent = store.pipeline.stored();
    double life = sent.get(sent.size() - 1).number("life");
    List<String> verbs =
        sent.stream()
            .filter(record -> record.number("life") == life)
            .map(record -> record.string("verb"))
            .toList();
    assertEquals(List.of("store.fence", "thing.created"), verbs);
  }

  /**
   * The names of what the Pipeline has, in the order it came: the verbs of fences, seqs of events.
   */
  private List<String> stored() {
    return store.pipeline.stored().stream()
        .map(
            record ->
                record.number("seq") > 0
                    ? String.valueOf((long) record.number("seq"))
                    : record.string("verb"))
        .toList();
  }

  /** Otherwise a start without SQLite would wait for events that only SQLite had. */
  @Test
  void fencesComeBehindTheEventsOfTheirParents() {
    store.with("DURABILITY", "local");
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    for (String id : List.of("a", "b", "c", "d")) {
      store.restart();
      store.createAcked(id);
      store.checkpoint();
    }
    store.restart();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(100_000);
    String fence = "store.fence";
    assertEquals(List.of(fence, "1", fence, "2", fence, "3", fence, "4"), stored());
  }

  @Test
  void fenceWaitsForEventsThatTheQueueHasNoRoomFor() {
    store.with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    for (int batch = 0; batch < 12; batch++) {
      StringBuilder operations = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        operations.append(i == 0 ? "" : ",");
        operations.append("{'type':'create','$type':'T','data':{'n':").append(i).append("}}");
      }
      store.ask("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    store.deleteStore();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(600_000);
    assertEquals("12000", stored().get(stored().size() - 2));
    assertEquals("store.deleted", stored().get(stored().size() - 1));
  }

  @Test
  void eventsInSqliteReachThePipelineAlthoughARowCouldNotBeReadOnce() {
    store.with("DURABILITY", "local").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (int i = 0; i < 25; i++) {
      store.create("a" + i, "x".repeat(1_000_000));
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
        store.create("b" + i, "1");
        store.time.advance(100_000);
      } catch (RuntimeException e) {
        // As above.
      }
    }
    assertEquals(35, store.sent().size());
  }
}
