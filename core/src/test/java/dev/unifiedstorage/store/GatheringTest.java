package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long writes wait for one another, to share a send or a row. */
final class GatheringTest {
  private static final int ANSWER_MS = 1;

  private final TestStore store = new TestStore();
  private int asked;

  @AfterEach
  void close() {
    store.close();
  }

  private void pipeline(String... settings) {
    store.withArchive().with("DURABILITY", "pipeline");
    with(settings);
    // The fence of the life leaves with the first write.
    write();
    store.time.advance(1000);
    store.pipeline.sendSizes().clear();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
  }

  private void local(String... settings) {
    store.with("DURABILITY", "local").with("CHECKPOINT_INTERVAL", "60000");
    with(settings);
  }

  private void with(String... settings) {
    for (int i = 0; i < settings.length; i += 2) {
      store.with(settings[i], settings[i + 1]);
    }
    store.start();
  }

  private void write() {
    store.send("{'type':'create','id':" + ++asked + ",'$type':'T','data':{}}");
  }

  private int sends() {
    return store.pipeline.sendSizes().size();
  }

  /** Writes come one by one at a steady rate, and a send is answered soon. */
  private void steadily(int writes, double everyMs) {
    for (int i = 0; i < writes; i++) {
      write();
      for (double left = everyMs; left > 0; left -= ANSWER_MS) {
        store.time.advance(Math.min(left, ANSWER_MS));
        store.pipeline.releaseHeld();
      }
    }
  }

  @Test
  void oneWriterNeverWaits() {
    pipeline();
    for (int i = 0; i < 20; i++) {
      write();
      assertEquals(i + 1, sends());
      store.time.advance(ANSWER_MS);
      store.pipeline.releaseHeld();
      assertEquals(asked, store.replies.size());
    }
  }

  @Test
  void writesThatKeepComingShareSends() {
    pipeline();
    for (int i = 0; i < 500; i++) {
      write();
      store.time.advance(0.2);
      if (i % 5 == 4) {
        store.pipeline.releaseHeld();
      }
    }
    store.time.advance(ANSWER_MS);
    store.pipeline.releaseHeld();
    assertTrue(sends() <= 12, sends() + " sends in 100 ms");
    assertTrue(sends() >= 9, sends() + ": no write waits longer than 10 ms");
  }

  @Test
  void whoWaitsForAnswersIsNotWaitedFor() {
    pipeline();
    double beganMs = store.time.nowMs();
    for (int round = 0; round < 10; round++) {
      // Eight clients, each of which writes again once it is answered.
      for (int client = 0; client < 8; client++) {
        write();
      }
      while (store.replies.size() < asked) {
        store.time.advance(ANSWER_MS);
        store.pipeline.releaseHeld();
      }
    }
    double tookMs = store.time.nowMs() - beganMs;
    assertTrue(tookMs <= 40, "ten rounds took " + tookMs + " ms");
  }

  @Test
  void aSlowPipelineIsNotWaitedForTwice() {
    pipeline();
    write();
    write();
    store.time.advance(10);
    store.pipeline.releaseHeld();
    assertEquals(2, sends(), "the send took as long as the longest wait");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "memory"})
  void aSettingIsAWindowBehindASend(String durability) {
    pipeline("GROUP_COMMIT_MS", "100", "DURABILITY", durability);
    steadily(50, 10);
    assertEquals(5, sends(), 1);
    store.time.advance(200);
    store.pipeline.releaseHeld();
    int before = sends();
    write();
    assertEquals(before + 1, sends(), "a write behind a quiet time leaves at once");
    assertFalse(store.store().isIdle());
    store.time.advance(ANSWER_MS);
    store.pipeline.releaseHeld();
    store.time.advance(60_000);
    assertTrue(store.store().isIdle());
  }

  @Test
  void noughtNeverWaits() {
    pipeline("GROUP_COMMIT_MS", "0");
    write();
    write();
    store.pipeline.releaseHeld();
    assertEquals(2, sends());
  }

  @Test
  void thatASendIsRepeatedMakesTheWaitNoLonger() {
    pipeline("GROUP_COMMIT_MS", "5000");
    store.time.advance(5_000);
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    write();
    write();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(4_990);
    assertEquals(2, sends(), "the second waits for others");
    store.time.advance(10);
    assertEquals(3, sends());
    assertEquals(asked, store.replies.size());
  }

  @Test
  void whatAFullSendLeavesBehindDoesNotWaitAgain() {
    pipeline("GROUP_COMMIT_MS", "5000");
    store.time.advance(5_000);
    for (int i = 0; i < 1_501; i++) {
      write();
    }
    store.time.advance(4_000);
    store.pipeline.releaseHeld();
    assertEquals(List.of(1, 1_000, 500), store.pipeline.sendSizes());
  }

  @Test
  void anObjectThatNobodyWritesToDoesNotStayForTheWindow() {
    pipeline("GROUP_COMMIT_MS", "60000");
    store.time.advance(10_000);
    assertTrue(store.store().isIdle(), "everything is in a checkpoint");
    write();
    assertFalse(store.store().isIdle());
    store.time.advance(48_999);
    assertEquals(0, sends(), "the window is there all the same");
    store.time.advance(1);
    assertEquals(1, sends());
  }

  @Test
  void aDeletionOfTheStoreWaitsForNoWrites() {
    pipeline("GROUP_COMMIT_MS", "60000");
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    assertEquals("200 {\"deleted\":1}", store.deleteStore());
  }

  @Test
  void aDeletionBehindASendLeavesAsSoonAsThatIsAnswered() {
    pipeline("GROUP_COMMIT_MS", "60000");
    store.time.advance(60_000);
    write();
    store.deleteStore();
    assertEquals(1, sends());
    store.pipeline.releaseHeld();
    assertEquals(2, sends());
    assertEquals(0, store.stats().object("pipeline").number("queued"));
  }

  // ---- rows

  private double rowsOf(Runnable writes) {
    double before = store.sql.rowsWritten();
    writes.run();
    return store.sql.rowsWritten() - before;
  }

  @Test
  void aBudgetOfRowsIsKeptByWaiting() {
    local("MAX_ROWS_PER_SECOND", "2");
    steadily(500, 20);
    double rows = rowsOf(() -> steadily(1000, 20));
    assertEquals(40, rows, 3, "two a second, for 20 seconds");
  }

  @Test
  void whatWasSavedIsSpentAtOnce() {
    local("MAX_ROWS_PER_SECOND", "2");
    List<Integer> late = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      write();
      store.time.advance(60);
      if (store.replies.size() < asked) {
        late.add(i);
      }
    }
    assertEquals(List.of(), late);
  }

  @Test
  void theLongestWaitComesBeforeTheBudget() {
    local("MAX_ROWS_PER_SECOND", "1", "GROUP_COMMIT_MS", "200");
    steadily(1000, 20);
    double rows = rowsOf(() -> steadily(500, 20));
    assertEquals(50, rows, 3, "one each 200 ms, for 10 seconds");
  }

  @Test
  void aClockThatIsSetBackSpendsNothing() {
    local("MAX_ROWS_PER_SECOND", "2");
    steadily(500, 20);
    store.time.jump(-3_600_000);
    double rows = rowsOf(() -> steadily(1000, 20));
    assertEquals(35, rows, 8, "the timer that was armed waits for the time that it has");
  }
}
