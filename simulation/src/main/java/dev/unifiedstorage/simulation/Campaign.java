package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Many worlds, on all cores, each by itself on one thread; it ends when enough have failed. */
final class Campaign {
  private static final int SHRINKING_RUNS = 400;

  private final int enoughFailures;
  private final Consumer<World.Result> onFailure;
  private final Figures figures = new Figures();
  private final List<World.Result> failures = new ArrayList<>();

  /**
   * @param onFailure told of each world that fails, at once: the others go on for a while
   */
  Campaign(int enoughFailures, Consumer<World.Result> onFailure) {
    this.enoughFailures = enoughFailures;
    this.onFailure = onFailure;
  }

  Figures figures() {
    return figures;
  }

  List<World.Result> failures() {
    return failures;
  }

  /** Runs one world a seed until no seed is left; a negative seed means the end. */
  void run(LongSupplier seeds) {
    runAll(
        () -> {
          long seed;
          synchronized (seeds) {
            seed = seeds.getAsLong();
          }
          return seed < 0 ? null : World.run(Plan.of(seed), false);
        });
  }

  /** Runs worlds on every core until no seed is left: null means the end. */
  void runAll(Supplier<World.Result> next) {
    int cores = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(cores);
    List<Future<?>> workers = new ArrayList<>();
    for (int i = 0; i < cores; i++) {
      workers.add(pool.submit(() -> work(next)));
    }
    pool.shutdown();
    for (Future<?> worker : workers) {
      try {
        worker.get();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void work(Supplier<World.Result> next) {
    World.Result result = next.get();
    while (result != null) {
      synchronized (this) {
        figures.add(result.figures());
        if (result.violation() != null) {
          failures.add(result);
          onFailure.accept(result);
        }
        if (failures.size() >= enoughFailures) {
          return;
        }
      }
      result = next.get();
    }
  }

  /** What a person needs to find out why a plan failed: the command and the smallest trace. */
  static String report(World.Result failed) {
    Plan smallest = new Shrinker(plan -> World.run(plan, false), SHRINKING_RUNS).shrink(failed);
    World.Result again = World.run(smallest, true);
    StringBuilder report = new StringBuilder("\n");
    for (String line : again.trace().lines()) {
      report.append(line.length() > 500 ? line.substring(0, 500) + " …" : line).append('\n');
    }
    report.append(failed.plan().setup()).append('\n');
    report.append(failed.violation().getMessage()).append("\n\nrepeat it:  ");
    report.append(failed.plan().command()).append("\nsmallest:   ").append(smallest.command());
    return report.append('\n').toString();
  }
}
