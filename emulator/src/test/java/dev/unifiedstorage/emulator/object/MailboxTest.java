package dev.unifiedstorage.emulator.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final Queue<Runnable> turns = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private long nanos;

  private final Mailbox.Owner owner =
      new Mailbox.Owner() {
        @Override
        public void turnEnded() {
          done.add("turn");
        }

        @Override
        public void taskFailed(Throwable failure) {
          done.add("failed " + failure.getMessage());
        }
      };

  @Test
  void tasksRunInOrderInFewTurns() {
    Mailbox mailbox = new Mailbox(turns::add, owner, () -> nanos);
    mailbox.offer(() -> done.add("a"), 1);
    mailbox.offer(() -> done.add("b"), 1);
    mailbox.post(() -> done.add("own"));
    assertEquals(1, turns.size());
    runTurns();
    assertEquals(List.of("own", "a", "b", "turn"), done);
    assertTrue(mailbox.isEmpty());
  }

  @Test
  void aTaskThatFailsDoesNotStopTheNext() {
    Mailbox mailbox = new Mailbox(turns::add, owner, () -> nanos);
    mailbox.offer(
        () -> {
          throw new IllegalStateException("x");
        },
        0);
    mailbox.offer(() -> done.add("b"), 0);
    runTurns();
    assertEquals(List.of("failed x", "b", "turn"), done);
  }

  /** 512 queries of a large type kept their thread for most of a minute. */
  @Test
  void whoTakesLongLetsOthersHaveTheThread() {
    Mailbox slow = new Mailbox(turns::add, owner, () -> nanos);
    Mailbox other = new Mailbox(turns::add, owner, () -> nanos);
    for (int i = 0; i < 3; i++) {
      slow.offer(
          () -> {
            done.add("slow");
            nanos += 6_000_000;
          },
          0);
    }
    other.offer(() -> done.add("other"), 0);
    runTurns();
    assertEquals(List.of("slow", "slow", "turn", "other", "turn", "slow", "turn"), done);
  }

  @Test
  void sendersPauseWhenItIsFullAndGoOnWhenItIsHalfEmpty() {
    Mailbox mailbox = new Mailbox(turns::add, owner, () -> nanos);
    int taken = 1;
    while (mailbox.offer(() -> done.add("a"), 1 << 20)) {
      taken++;
    }
    assertEquals(32, taken);
    assertFalse(mailbox.hasRoom());
    AtomicInteger resumed = new AtomicInteger();
    mailbox.whenRoom(resumed::incrementAndGet);
    assertEquals(0, resumed.get());
    runTurns();
    assertEquals(1, resumed.get());
    mailbox.whenRoom(resumed::incrementAndGet);
    assertEquals(2, resumed.get());
  }

  @Test
  void manySendersNeverRunTwoTasksAtOnce() throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    Mailbox mailbox = new Mailbox(executor, owner, System::nanoTime);
    int senders = 4;
    int each = 20_000;
    int[] plain = new int[1];
    CountDownLatch left = new CountDownLatch(senders * each);
    for (int s = 0; s < senders; s++) {
      boolean own = s == 0;
      new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  Runnable task =
                      () -> {
                        plain[0]++;
                        left.countDown();
                      };
                  if (own) {
                    mailbox.post(task);
                  } else {
                    mailbox.offer(task, 1);
                  }
                }
              })
          .start();
    }
    assertTrue(left.await(20, TimeUnit.SECONDS));
    executor.shutdown();
    assertTrue(executor.awaitTermination(5, TimeUnit.SECONDS));
    assertEquals(senders * each, plain[0]);
  }

  private void runTurns() {
    for (Runnable turn = turns.poll(); turn != null; turn = turns.poll()) {
      turn.run();
    }
  }
}
