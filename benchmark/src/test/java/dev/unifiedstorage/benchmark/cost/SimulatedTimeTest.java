package dev.unifiedstorage.benchmark.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.Timers;
import org.junit.jupiter.api.Test;

/** What an object is billed for while it does nothing. */
class SimulatedTimeTest {
  private final SimulatedTime time = new SimulatedTime();

  @Test
  void anArmedTimerIsBilledUntilItHasRun() {
    time.after(5_000, () -> {});
    assertFalse(time.isIdle());
    time.runNext(() -> {});

    assertTrue(time.isIdle());
    assertEquals(5_000, time.billedMs());
    time.moveTo(time.nowMs() + 60_000);
    assertEquals(5_000, time.billedMs());
  }

  @Test
  void timersThatOverlapAreBilledOnce() {
    time.after(5_000, () -> {});
    Timers.Timer cancelled = time.after(9_000, () -> {});
    time.runNext(() -> {});
    time.moveTo(time.nowMs() + 1_000);
    cancelled.cancel();

    assertEquals(6_000, time.billedMs());
  }

  @Test
  void aMessageIsBilledAMillisecondAndNoneWhileATimerIsArmedAnyway() {
    time.message();
    time.moveTo(time.nowMs() + 100);
    time.message();
    assertEquals(2, time.billedMs());

    time.moveTo(time.nowMs() + 100);
    time.after(10, () -> {});
    time.message();
    time.runNext(() -> {});
    assertEquals(12, time.billedMs());
  }

  @Test
  void theAlarmComesInItsTurn() {
    StringBuilder order = new StringBuilder();
    time.setAlarm(time.nowMs() + 20);
    time.after(10, () -> order.append("timer "));
    time.after(30, () -> order.append("late"));
    for (int i = 0; i < 3; i++) {
      time.runNext(() -> order.append("alarm "));
    }

    assertEquals("timer alarm late", order.toString());
    assertEquals(Double.POSITIVE_INFINITY, time.nextMs());
  }
}
