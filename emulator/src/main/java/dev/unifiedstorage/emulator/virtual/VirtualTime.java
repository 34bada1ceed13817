package dev.unifiedstorage.emulator.virtual;

import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.jvm.time.SystemScheduler;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Time that stands still until it is moved.
 *
 * <p>Work that other threads do for the emulator is counted, and time moves only while none is
 * under way: what is due at one moment has run to its end before the next moment begins. Delayed
 * calls that are due at the same moment run in the order they were made. So a run does not depend
 * on how fast the machine is.
 *
 * <p>While somebody waits for an answer who cannot move time, time goes on by itself from one
 * delayed call to the next; after {@value #MOST_ON_ITS_OWN_MS} ms of that it stands still again.
 *
 * <p>Safe for use from every thread.
 */
public final class VirtualTime implements Scheduler, AutoCloseable {
  private static final long MOST_ON_ITS_OWN_MS = 3_600_000;

  /** How long, in real time, work may be under way before that is taken for a fault. */
  private static final long QUIET_DEADLINE_S = 60;

  private record Armed(long dueMs, long number, Runnable task) {}

  private final Clock iso = new SystemScheduler();
  private final PriorityQueue<Armed> armed =
      new PriorityQueue<>(Comparator.comparingLong(Armed::dueMs).thenComparing(Armed::number));

  /** Held by the one thread that moves time. */
  private final ReentrantLock moving = new ReentrantLock();

  private final ThreadLocal<Boolean> working = new ThreadLocal<>();
  private final Thread mover = new Thread(this::moveForThoseWhoWait, "virtual-time");
  private long nowMs;
  private long made;
  private int underWay;
  private int waiting;
  private long onItsOwnUntilMs;
  private boolean closed;

  /**
   * @param startMs what the clock says at first, in milliseconds since 1970-01-01T00:00:00Z
   */
  public VirtualTime(long startMs) {
    nowMs = startMs;
    mover.setDaemon(true);
    mover.start();
  }

  @Override
  public synchronized double nowMs() {
    return nowMs;
  }

  @Override
  public String iso(double epochMs) {
    return iso.iso(epochMs);
  }

  @Override
  public synchronized long monotonicMs() {
    return nowMs;
  }

  @Override
  public synchronized Task after(long delayMs, Runnable task) {
    Armed call = new Armed(nowMs + Math.max(0, delayMs), made++, task);
    armed.add(call);
    notifyAll();
    return () -> cancel(call);
  }

  private synchronized void cancel(Armed call) {
    armed.remove(call);
  }

  /**
   * Moves time on, running what falls due, each call to its end before the next.
   *
   * @throws IllegalStateException on a thread that works for the emulator, which would wait for
   *     itself
   */
  public void advance(long ms) {
    move(() -> runUntil(nowAfter(ms)));
  }

  /**
   * Moves time on from one delayed call to the next until {@code done} says so, which it may say
   * before the first, or until {@value #MOST_ON_ITS_OWN_MS} ms have passed.
   *
   * @throws IllegalStateException on a thread that works for the emulator
   */
  public void moveUntil(BooleanSupplier done) {
    move(
        () -> {
          long untilMs = nowAfter(MOST_ON_ITS_OWN_MS);
          while (!done.getAsBoolean()) {
            Armed next = takeDue(untilMs);
            if (next == null) {
              return;
            }
            next.task.run();
            awaitQuiet();
          }
        });
  }

  private void move(Runnable body) {
    if (working.get() != null) {
      throw new IllegalStateException(
          "time cannot be moved from a thread of the emulator: it waits for that thread's work");
    }
    moving.lock();
    try {
      awaitQuiet();
      body.run();
    } finally {
      moving.unlock();
    }
  }

  private void runUntil(long untilMs) {
    for (Armed next = takeDue(untilMs); next != null; next = takeDue(untilMs)) {
      next.task.run();
      awaitQuiet();
    }
    reach(untilMs);
  }

  private synchronized long nowAfter(long ms) {
    return nowMs + ms;
  }

  private synchronized void reach(long ms) {
    nowMs = Math.max(nowMs, ms);
  }

  private synchronized Armed takeDue(long untilMs) {
    Armed next = armed.peek();
    if (next == null || next.dueMs > untilMs) {
      return null;
    }
    armed.remove();
    reach(next.dueMs);
    return next;
  }

  private synchronized void awaitQuiet() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(QUIET_DEADLINE_S);
    try {
      while (underWay > 0 && !closed) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (leftMs <= 0) {
          throw new IllegalStateException(
              "expected the emulator's work to end within "
                  + QUIET_DEADLINE_S
                  + " s, found "
                  + underWay
                  + " tasks under way");
        }
        wait(leftMs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the emulator was at work", e);
    }
  }

  /** Takes note that somebody waits for an answer, or that one no longer does. */
  public synchronized void waiting(int more) {
    if (waiting == 0) {
      onItsOwnUntilMs = nowMs + MOST_ON_ITS_OWN_MS;
    }
    waiting += more;
    notifyAll();
  }

  private void moveForThoseWhoWait() {
    while (awaitWaiting()) {
      moving.lock();
      try {
        Armed next = takeForThoseWhoWait();
        if (next != null) {
          next.task.run();
        }
      } catch (RejectedExecutionException e) {
        // The emulator stopped meanwhile: no call waits any more.
      } finally {
        moving.unlock();
      }
    }
  }

  /** Whether there is something to move time for; false when it is closed. */
  private synchronized boolean awaitWaiting() {
    try {
      while (!closed && !goesOnItsOwn()) {
        wait();
      }
    } catch (InterruptedException e) {
      return false;
    }
    return !closed;
  }

  private synchronized Armed takeForThoseWhoWait() {
    return goesOnItsOwn() ? takeDue(onItsOwnUntilMs) : null;
  }

  private boolean goesOnItsOwn() {
    return waiting > 0
        && underWay == 0
        && !armed.isEmpty()
        && armed.peek().dueMs <= onItsOwnUntilMs;
  }

  /** The same task, counted as under way from now until it has run. */
  public Runnable counted(Runnable task) {
    begin();
    return () -> {
      Boolean outer = working.get();
      working.set(true);
      try {
        task.run();
      } finally {
        if (outer == null) {
          working.remove();
        }
        end();
      }
    };
  }

  /** The same executor, whose tasks are counted. */
  public Executor counted(Executor executor) {
    return task -> {
      Runnable counted = counted(task);
      try {
        executor.execute(counted);
      } catch (RejectedExecutionException e) {
        end();
        throw e;
      }
    };
  }

  /** The same completion, for something that is under way from now until it has ended. */
  public Completion counted(Completion completion) {
    begin();
    return new Completion() {
      @Override
      public void succeeded() {
        try {
          completion.succeeded();
        } finally {
          end();
        }
      }

      @Override
      public void failed(String error) {
        try {
          completion.failed(error);
        } finally {
          end();
        }
      }
    };
  }

  private synchronized void begin() {
    underWay++;
  }

  private synchronized void end() {
    underWay--;
    if (underWay == 0) {
      notifyAll();
    }
  }

  /** Stops it: nothing that is due runs any more. */
  @Override
  public synchronized void close() {
    closed = true;
    armed.clear();
    notifyAll();
  }
}
