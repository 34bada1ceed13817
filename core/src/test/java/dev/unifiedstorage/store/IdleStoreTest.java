package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Timers, alarms and rows of a store with nothing to do, and of one whose clock jumps. */
final class IdleStoreTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void idleObjectHasNoTimer() {
    store.start();
    store.createAcked("a");
    assertTrue(store.time.armed() > 0);
    store.time.advance(20_000);
    assertEquals(0, store.time.armed());
    assertTrue(store.store().isIdle());
  }

  @Test
  void eventsThatACheckpointOvertookHaveAnAlarm() {
    store.with("DIRTY_COUNT_THRESHOLD", "1").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.create("a", "T", 1);
    assertEquals(0, store.stats().number("dirty"));
    assertEquals(1, store.time.alarmsSet());
  }

  @Test
  void storeThatHasRecoveredFromACrashSleepsAndWakesWithNothingToSend() {
    store.with("DURABILITY", "pipeline").with("ARCHIVE_SETTLE_MS", "0").withArchive().start();
    store.createAcked("a");
    store.restart();
    store.time.advance(120_000);
    assertTrue(store.store().isIdle());
    int sent = store.pipeline.stored().size();
    int alarms = store.time.alarmsSet();
    double rows = store.sql.rowsWritten();
    for (int wakes = 0; wakes < 3; wakes++) {
      store.restart();
      store.store().onAlarm();
      store.time.advance(120_000);
      assertTrue(store.store().isIdle());
    }
    assertEquals(sent, store.pipeline.stored().size(), "the fence was sent again");
    assertEquals(alarms, store.time.alarmsSet(), "an alarm is a row");
    assertEquals(rows, store.sql.rowsWritten());
  }

  @Test
  void writesThatWereUndoneLeaveNoTimer() {
    store.with("GROUP_COMMIT_MS", "1000").start();
    store.create("a", "T", 1);
    store.post("checkpoint");
    store.create("b", "T", 1);
    store.sql.setFailing(true);
    store.time.advance(1000);
    assertEquals("UNAVAILABLE", store.replies.get(1).string("code"));
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
  }

  @Test
  void writesThatNothingTakesLeaveATimerUntilSqliteHasSaidSo() {
    store.with("DURABILITY", "pipeline").with("CHECKPOINT_INTERVAL", "60000").start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    store.create("a", "T", 1);
    store.sql.setFailing(true);
    store.time.advance(20_000);
    assertEquals("UNAVAILABLE", store.replies.get(0).string("code"));
    assertTrue(store.time.armed() > 0, "or a start would bring back what was undone");
    store.sql.setFailing(false);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.time.advance(200_000);
    assertTrue(store.store().isIdle());
    assertEquals(0, store.time.armed());
  }

  @Test
  void idleStoreWhoseClockHasJumpedBackWritesNoRow() {
    store.with("DURABILITY", "pipeline").start();
    store.create("a", "1");
    store.time.jump(-86_400_000);
    store.store().onAlarm();
    store.time.advance(20_000);
    double rows = store.stats().number("rowsWritten");
    store.time.advance(3_600_000);
    assertEquals(rows, store.stats().number("rowsWritten"));
    assertEquals(0, store.time.armed());
  }

  @Test
  void alarmIsSetAgainWhenTheClockHasJumpedBack() {
    store.start();
    store.pipeline.setMode(FakePipeline.Mode.HANG);
    store.create("a", "1");
    store.time.jump(-86_400_000);
    store.create("b", "1");
    store.checkpoint();
    double inMs = store.time.alarmMs() - store.time.nowMs();
    assertTrue(inMs <= 120_000, "the alarm rings in " + inMs + " ms");
  }
}
