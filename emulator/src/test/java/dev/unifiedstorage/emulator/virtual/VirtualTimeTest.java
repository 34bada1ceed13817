package dev.unifiedstorage.emulator.virtual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
  private static final int DEADLINE_S = 20;

  private final VirtualTime time = new VirtualTime(1_000);
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final Executor counted = time.counted(threads);
  private final List<String> happened = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    time.close();
    threads.shutdownNow();
  }

  @Test
  void callsRunWhenDueInTheirOrderAndAtTheirTime() {
    time.after(20, () -> note("late"));
    time.after(10, () -> note("first"));
    time.after(10, () -> note("second"));
    time.after(10, () -> note("never")).cancel();
    time.after(30, () -> note("too late"));
    time.advance(25);
    assertEquals(List.of("first@1010", "second@1010", "late@1020"), happened);
    assertEquals(1_025, time.nowMs());
    assertEquals("1970-01-01T00:00:01.025Z", time.iso(time.nowMs()));
  }

  @Test
  void whatACallMakesDueRunsToo() {
    time.after(10, () -> time.after(10, () -> note("inner")));
    time.advance(20);
    assertEquals(List.of("inner@1020"), happened);
  }

  @Test
  void timeMovesOnlyWhenTheWorkOfOtherThreadsIsOver() {
    CountDownLatch go = new CountDownLatch(1);
    time.after(
        10,
        () ->
            counted.execute(
                () -> {
                  await(go);
                  note("work");
                }));
    time.after(11, () -> note("after"));
    CompletableFuture<Void> advanced = CompletableFuture.runAsync(() -> time.advance(20), threads);
    go.countDown();
    advanced.join();
    assertEquals(List.of("work@1010", "after@1011"), happened);
  }

  @Test
  void timeGoesOnByItselfWhileSomebodyWaitsAndAnHourAtMost() throws Exception {
    CompletableFuture<Double> soon = new CompletableFuture<>();
    time.after(3_600_001, () -> note("too late"));
    time.after(50, () -> soon.complete(time.nowMs()));
    time.advance(0);
    assertEquals(1_000, time.nowMs());
    time.waiting(1);
    assertEquals(1_050, soon.get(DEADLINE_S, TimeUnit.SECONDS));
    time.waiting(-1);
    time.advance(0);
    assertEquals(List.of(), happened);
  }

  @Test
  void timeIsMovedAsFarAsItTakesAndNoFurther() {
    time.after(10, () -> note("first"));
    time.after(20, () -> note("second"));
    time.after(30, () -> note("third"));
    time.moveUntil(() -> happened.size() == 2);
    assertEquals(1_020, time.nowMs());
    time.moveUntil(() -> happened.size() == 2);
    assertEquals(1_020, time.nowMs());
  }

  @Test
  void aThreadOfTheEmulatorIsToldThatItWouldWaitForItself() {
    CompletableFuture<Void> failed = new CompletableFuture<>();
    counted.execute(
        () -> {
          try {
            time.advance(1);
            failed.complete(null);
          } catch (IllegalStateException e) {
            failed.completeExceptionally(e);
          }
        });
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> failed.get(DEADLINE_S, TimeUnit.SECONDS));
    assertInstanceOf(IllegalStateException.class, e.getCause());
  }

  private void note(String what) {
    happened.add(what + "@" + (long) time.nowMs());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
