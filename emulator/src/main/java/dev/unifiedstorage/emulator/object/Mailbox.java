package dev.unifiedstorage.emulator.object;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * An object's event loop: tasks one at a time, in order, on whatever thread of a shared pool is
 * free.
 *
 * <p>What comes from outside and what the object called for itself (timers, completions) queue
 * apart, because the answers that replies wait for must not stand in line behind new requests. The
 * outside queue is bounded by asking senders to pause: {@link #offer} always takes the task, and
 * says whether there is room for another; a socket that is told there is no room stops reading. So
 * nothing is dropped, and what is queued stays under the bound plus one message a socket.
 */
final class Mailbox {
  /** What the loop asks of its object. */
  interface Owner {
    /** Called after each turn, when many tasks may have run. */
    void turnEnded();

    void taskFailed(Throwable failure);
  }

  private static final int PAUSE_AT_TASKS = 16_384;
  private static final long PAUSE_AT_BYTES = 32L << 20;
  private static final int TASKS_A_TURN = 512;

  /** No task of a turn begins later: other objects want the thread, and senders their replies. */
  private static final long TURN_NANOS = 10_000_000;

  private record Outside(Runnable task, int bytes) {}

  private final Executor executor;
  private final Owner owner;
  private final LongSupplier nanos;
  private final Queue<Runnable> own = new ConcurrentLinkedQueue<>();
  private final Queue<Outside> outside = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> paused = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicInteger queuedTasks = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();

  /**
   * @param nanos a clock that only ever goes forward
   */
  Mailbox(Executor executor, Owner owner, LongSupplier nanos) {
    this.executor = executor;
    this.owner = owner;
    this.nanos = nanos;
  }

  /** Queues something that the object itself called for; its number is bounded by those calls. */
  void post(Runnable task) {
    own.add(task);
    schedule();
  }

  /**
   * Queues something from outside.
   *
   * @return whether there is room for more; if not, the sender waits by {@link #whenRoom}
   */
  boolean offer(Runnable task, int bytes) {
    int tasks = queuedTasks.incrementAndGet();
    long total = queuedBytes.addAndGet(bytes);
    outside.add(new Outside(task, bytes));
    schedule();
    return tasks < PAUSE_AT_TASKS && total < PAUSE_AT_BYTES;
  }

  boolean hasRoom() {
    return queuedTasks.get() < PAUSE_AT_TASKS && queuedBytes.get() < PAUSE_AT_BYTES;
  }

  /** Runs {@code resume} when the outside queue has shrunk to half of its bound. */
  void whenRoom(Runnable resume) {
    paused.add(resume);
    resumePaused();
  }

  /** How many tasks from outside wait. */
  int queued() {
    return queuedTasks.get();
  }

  boolean isEmpty() {
    return own.isEmpty() && outside.isEmpty();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      executor.execute(this::turn);
    }
  }

  private void turn() {
    int left = TASKS_A_TURN;
    long start = nanos.getAsLong();
    while (left > 0 && nanos.getAsLong() - start < TURN_NANOS && runOne()) {
      left--;
    }
    guarded(owner::turnEnded);
    resumePaused();
    scheduled.set(false);
    if (!isEmpty()) {
      schedule();
    }
  }

  private boolean runOne() {
    Runnable task = own.poll();
    if (task != null) {
      guarded(task);
      return true;
    }
    Outside next = outside.poll();
    if (next == null) {
      return false;
    }
    queuedTasks.decrementAndGet();
    queuedBytes.addAndGet(-next.bytes);
    guarded(next.task);
    return true;
  }

  private void resumePaused() {
    while (queuedTasks.get() <= PAUSE_AT_TASKS / 2 && queuedBytes.get() <= PAUSE_AT_BYTES / 2) {
      Runnable resume = paused.poll();
      if (resume == null) {
        return;
      }
      guarded(resume);
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      owner.taskFailed(e);
    }
  }
}
