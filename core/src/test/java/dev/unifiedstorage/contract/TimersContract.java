package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.port.Timers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Timers} keeps. */
public abstract class TimersContract {
  private final List<String> ran = new ArrayList<>();

  protected abstract Timers timers();

  /** Lets time pass, and runs what falls due. */
  protected abstract void advance(int ms);

  private Timers.Timer arm(String name, double delayMs) {
    return timers().after(delayMs, () -> ran.add(name));
  }

  @Test
  void aTaskRunsOnceAndNotBeforeItsTime() {
    arm("a", 100);
    advance(99);
    assertEquals(List.of(), ran);
    advance(1);
    assertEquals(List.of("a"), ran);
    advance(10_000);
    assertEquals(List.of("a"), ran);
  }

  @Test
  void aFractionOfAMillisecondIsWaitedForToo() {
    arm("a", 10.5);
    advance(10);
    assertEquals(List.of(), ran);
    advance(1);
    assertEquals(List.of("a"), ran);
  }

  @Test
  void tasksRunInTheOrderOfTheirTimes() {
    arm("late", 300);
    arm("early", 100);
    arm("now", 0);
    assertEquals(List.of(), ran, "not within the call that arms it");
    advance(300);
    assertEquals(List.of("now", "early", "late"), ran);
  }

  @Test
  void aCancelledTaskDoesNotRun() {
    Timers.Timer timer = arm("a", 100);
    arm("b", 100);
    timer.cancel();
    timer.cancel();
    advance(1_000);
    assertEquals(List.of("b"), ran);
  }

  @Test
  void toCancelWhatHasRunDoesNothing() {
    Timers.Timer timer = arm("a", 0);
    advance(1);
    timer.cancel();
    arm("b", 0);
    advance(1);
    assertEquals(List.of("a", "b"), ran);
  }

  @Test
  void aTaskMayArmAndCancelOthers() {
    Timers.Timer other = arm("other", 200);
    timers()
        .after(
            100,
            () -> {
              other.cancel();
              arm("next", 50);
            });
    advance(1_000);
    assertEquals(List.of("next"), ran);
  }
}
