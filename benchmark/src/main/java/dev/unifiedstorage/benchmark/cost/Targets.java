package dev.unifiedstorage.benchmark.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** What the store is meant to save, each a burst or a stretch with a most of rows. */
final class Targets {
  private static final double DAY_MS = 24 * Day.HOUR_MS;

  /** In what the seed's example is set. */
  static final List<Simulation.Setting> EXAMPLES =
      List.of(Simulation.Setting.EXAMPLE_PIPELINE, Simulation.Setting.EXAMPLE_LOCAL);

  /** One row a write, for 1,000 updates a second. */
  private static final double NAIVE_ROWS = 86_400_000;

  /** What was meant, and what was counted. */
  record Check(String target, String measured, boolean met) {}

  private final List<Check> checks = new ArrayList<>();

  List<Check> checks() {
    return checks;
  }

  /** A day of 1,000 writes a second: a row every five seconds, and at most 2,000 others. */
  void addSeedsDay(Simulation.Result result) {
    double others = result.store().rows() - result.checkpointRows();
    checks.add(
        new Check(
            result.simulation().day().label() + ": at most 17,280 checkpoint rows and 2,000 others",
            "%,.0f and %,.0f".formatted(result.checkpointRows(), others),
            result.checkpointRows() <= 17_280 && others <= 2_000));
  }

  /** What a day may cost at list price. */
  void addDollars(Simulation.Result result, double most) {
    Simulation simulation = result.simulation();
    String messages =
        simulation.frame() == 1
            ? "a request a message"
            : simulation.frame() + " requests a message";
    checks.add(
        new Check(
            "%s, %s, %s: at most $%.2f"
                .formatted(simulation.day().label(), simulation.setting().label(), messages, most),
            "$%.2f".formatted(result.store().dollars()),
            result.store().dollars() <= most));
  }

  /**
   * The settings of the seed's example, {@code dirtyCountThreshold} 100 among them: with an archive
   * a checkpoint a second at most, without one a tenth of the naive way.
   */
  void addExample(Simulation.Result result) {
    double rows = result.store().rows();
    boolean archived = result.simulation().setting() == Simulation.Setting.EXAMPLE_PIPELINE;
    String most =
        archived ? "at most 86,400 checkpoint rows and 2,000 others" : "at most 8,640,000 rows";
    boolean met =
        archived
            ? result.checkpointRows() <= 86_400 && rows - result.checkpointRows() <= 2_000
            : rows <= NAIVE_ROWS / 10;
    checks.add(
        new Check(
            result.simulation().day().label()
                + ", "
                + result.simulation().setting().label()
                + " (`DIRTY_COUNT_THRESHOLD` 100): "
                + most,
            "%,.0f and %,.0f".formatted(result.checkpointRows(), rows - result.checkpointRows()),
            met));
  }

  /** A collection that only grows, for as long as memory lasts: 1,000 creates a second. */
  void addPureGrowth() {
    double minutes = 4;
    try (SimulatedObject object = new SimulatedObject(Simulation.Setting.PIPELINE.vars())) {
      double startMs = object.nowMs();
      for (long n = 0; n < minutes * 60_000; n++) {
        Write write = Day.create(0, n);
        object.message(startMs + n, write.message());
      }
      object.passUntil(startMs + minutes * 60_000 + 10_000);
      double factor = DAY_MS / (minutes * 60_000);
      double checkpoints = object.checkpointRows() * factor;
      double others = (object.usage().rows() - object.checkpointRows()) * factor;
      checks.add(
          new Check(
              "1,000 creates/s that only grow, 4 minutes times 360: at most 17,280 checkpoint rows"
                  + " and 2,000 others",
              "%,.0f and %,.0f".formatted(checkpoints, others),
              checkpoints <= 17_280 && others <= 2_000));
    }
  }

  void addBursts() {
    addBurst("10,000 creates in a burst: at most 5 rows in all", n -> Day.create(0, n), 0);
    addBurst(
        "10,000 updates over 100 things: at most 5 rows in all",
        n -> Day.update(0, n % 100, n),
        100);
  }

  /** A thousandth of a second for ten messages: what comes after it has a minute to settle. */
  private void addBurst(String target, LongFunction<Write> writes, int things) {
    try (SimulatedObject object = new SimulatedObject(Simulation.Setting.PIPELINE.vars())) {
      double atMs = object.nowMs();
      for (int n = 0; n < things; n++) {
        object.message(atMs, Day.create(0, n).message());
      }
      // Not yet asleep, so that the burst is not charged with a start that it did not cause.
      object.passUntil(atMs + 9_000);
      double before = object.usage().rows();
      for (int n = 0; n < 10_000; n++) {
        int tenAMs = n / 10;
        object.message(atMs + 9_000 + tenAMs, writes.apply(n).message());
      }
      object.passUntil(atMs + 120_000);
      double rows = object.usage().rows() - before;
      checks.add(new Check(target, "%,.0f".formatted(rows), rows <= 5));
    }
  }
}
