package dev.unifiedstorage.jvm;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.time.SystemScheduler;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The JVM as components that stand alone see it: the machine's clock, and one thread on which all
 * of them are called and call back.
 *
 * <p>A program's own calls go through {@link #call} and {@link #await}, from any thread but that
 * one.
 */
public final class JvmPlatform implements AutoCloseable {
  private final SystemScheduler scheduler = new SystemScheduler();
  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "unified-storage");
            thread.setDaemon(true);
            return thread;
          });
  private final Platform platform;

  /** A platform that reports to {@code System.err}. */
  public JvmPlatform() {
    this(new PrintedLog(System.err));
  }

  /** With the machine's clock, and a log of the caller's. */
  public JvmPlatform(StoreObserver observer) {
    platform = new Platform(new JsoniterJson(), scheduler, timers(), new UuidIds(), observer);
  }

  /**
   * The same ports over a clock and timers of the caller's, such as {@link
   * dev.unifiedstorage.jvm.memory.ManualTime}, and on the caller's thread.
   */
  public static <T extends Clock & Timers> Platform over(T time, StoreObserver observer) {
    return new Platform(new JsoniterJson(), time, time, new UuidIds(), observer);
  }

  private Timers timers() {
    return new Timers() {
      @Override
      public Timer after(double delayMs, Runnable task) {
        boolean[] cancelled = {false};
        var armed =
            scheduler.after(
                (long) Math.ceil(delayMs),
                () ->
                    loop.execute(
                        () -> {
                          if (!cancelled[0]) {
                            task.run();
                          }
                        }));
        return () -> {
          cancelled[0] = true;
          armed.cancel();
        };
      }

      /** Nothing keeps an alarm once this process has ended, and until then there are timers. */
      @Override
      public void setAlarm(double epochMs) {}
    };
  }

  /** What components are built on. */
  public Platform platform() {
    return platform;
  }

  /** Calls components, and gives what they give, or throws what they throw. */
  public <T> T call(Supplier<T> calls) {
    try {
      return CompletableFuture.supplyAsync(calls, loop).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Calls components. */
  public void run(Runnable calls) {
    call(
        () -> {
          calls.run();
          return Optional.empty();
        });
  }

  /**
   * Starts something that ends later, such as {@code emitter::flush}, and waits for its end.
   *
   * @throws IllegalStateException with the reason when it failed
   */
  public void await(Consumer<Completion> start) {
    CompletableFuture<Optional<String>> ended = new CompletableFuture<>();
    run(
        () ->
            start.accept(
                new Completion() {
                  @Override
                  public void succeeded() {
                    ended.complete(Optional.empty());
                  }

                  @Override
                  public void failed(String error) {
                    ended.complete(Optional.of(error));
                  }
                }));
    ended
        .join()
        .ifPresent(
            error -> {
              throw new IllegalStateException(error);
            });
  }

  /** Ends the thread; what has not been called by then is not called. */
  @Override
  public void close() {
    scheduler.close();
    loop.shutdownNow();
  }
}
