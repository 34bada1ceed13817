package dev.unifiedstorage.benchmark.cost;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One workload in one setting, for a while.
 *
 * <p>What is there before the day, and the first minute of a steady day, are not counted.
 *
 * @param frame how many requests a client sends as one message, where so many come within a second
 */
record Simulation(Day day, Setting setting, double minutes, int frame) {
  /** How many requests a frame has in the figures that have any. */
  static final int FRAME = 10;

  private static final double DAY_MS = 24 * Day.HOUR_MS;
  private static final double SET_UP_GAP_MS = 0.2;
  private static final double REST_MS = 180_000;
  private static final double WARM_UP_MS = 60_000;
  private static final double FRAME_MS = 1_000;

  /** Of a client that sends each request alone, as those of today do. */
  Simulation(Day day, Setting setting, double minutes) {
    this(day, setting, minutes, 1);
  }

  /** How the store is set. */
  enum Setting {
    PIPELINE("pipeline", Map.of("DURABILITY", "pipeline")),
    PACKED("pipeline, packed", Map.of("DURABILITY", "pipeline", "RECORDS", "packed")),
    LOCAL_50("local, 50 ms", Map.of("DURABILITY", "local", "GROUP_COMMIT_MS", "50")),
    LOCAL_1000("local, 1 s", Map.of("DURABILITY", "local", "GROUP_COMMIT_MS", "1000")),

    /** The settings of the seed's example, with an archive. */
    EXAMPLE_PIPELINE("pipeline, the seed's example", example("pipeline")),

    /** The same without one. */
    EXAMPLE_LOCAL("local, the seed's example", example("local"));

    private final String label;
    private final Map<String, String> vars;

    private static Map<String, String> example(String durability) {
      return Map.of(
          "DURABILITY", durability,
          "CHECKPOINT_INTERVAL", "5000",
          "COLUMNAR_THRESHOLD", "1000",
          "DIRTY_COUNT_THRESHOLD", "100");
    }

    /** Those that every day is priced in. */
    static List<Setting> priced() {
      return List.of(PIPELINE, PACKED, LOCAL_50, LOCAL_1000);
    }

    Setting(String label, Map<String, String> vars) {
      this.label = label;
      this.vars = vars;
    }

    String label() {
      return label;
    }

    Map<String, String> vars() {
      return vars;
    }
  }

  /**
   * What a day takes.
   *
   * @param factor what the simulated time was multiplied by to make a day
   * @param checkpointRows of the rows, those that checkpoints wrote; NaN when the object slept,
   *     because its own counters sleep with it
   */
  record Result(
      Simulation simulation, double factor, double writes, Usage store, double checkpointRows) {}

  Result run() {
    try (SimulatedObject object = new SimulatedObject(setting.vars())) {
      double startMs = begin(object);
      double fromMs = day.isSteady() ? WARM_UP_MS : 0;
      double untilMs = day.isSteady() ? fromMs + minutes * 60_000 : DAY_MS;
      Usage before = null;
      double checkpointRowsBefore = 0;
      double writes = 0;
      Iterator<List<Write>> left = frames(day.until(untilMs));
      while (left.hasNext()) {
        List<Write> writesOfFrame = left.next();
        Write last = writesOfFrame.get(writesOfFrame.size() - 1);
        if (before == null && last.atMs() >= fromMs) {
          object.passUntil(startMs + fromMs);
          before = object.usage();
          checkpointRowsBefore = object.checkpointRows();
        }
        object.message(startMs + last.atMs(), message(writesOfFrame));
        writes += before == null ? 0 : writesOfFrame.size();
      }
      object.passUntil(startMs + untilMs);
      double factor = DAY_MS / (untilMs - fromMs);
      double checkpointRows =
          day.isSteady() ? (object.checkpointRows() - checkpointRowsBefore) * factor : Double.NaN;
      Usage used = object.usage().minus(before);
      return new Result(this, factor, writes * factor, used.times(factor), checkpointRows);
    }
  }

  /** The writes of a day by the messages that they come in. */
  private Iterator<List<Write>> frames(Iterator<Write> writes) {
    return new Iterator<>() {
      private Optional<Write> next = following();

      private Optional<Write> following() {
        return writes.hasNext() ? Optional.of(writes.next()) : Optional.empty();
      }

      @Override
      public boolean hasNext() {
        return next.isPresent();
      }

      @Override
      public List<Write> next() {
        List<Write> some = new ArrayList<>();
        double untilMs = next.orElseThrow().atMs() + FRAME_MS;
        while (next.isPresent() && next.get().atMs() < untilMs && some.size() < frame) {
          some.add(next.get());
          next = following();
        }
        return some;
      }
    };
  }

  private static String message(List<Write> writes) {
    return writes.size() == 1
        ? writes.get(0).message()
        : writes.stream().map(Write::message).collect(Collectors.joining(",", "[", "]"));
  }

  /** Makes what the day finds, lets it come to rest, and gives the instant of midnight. */
  private double begin(SimulatedObject object) {
    double[] atMs = {object.nowMs()};
    day.setUp()
        .forEach(
            write -> {
              atMs[0] += SET_UP_GAP_MS;
              object.message(Math.floor(atMs[0]), write.message());
            });
    double midnightMs = Math.ceil(atMs[0]) + REST_MS;
    object.passUntil(midnightMs);
    return midnightMs;
  }

  /** The same for the object with one row a write. */
  static Usage naive(Day day, double minutes) {
    return new Simulation(day, Setting.PIPELINE, minutes).naive();
  }

  /** What the same messages take with one row a write. */
  Usage naive() {
    try (NaiveObject object = new NaiveObject()) {
      double untilMs = day.isSteady() ? minutes * 60_000 : DAY_MS;
      day.setUp().forEach(write -> object.write(0, write.kind(), write.id(), write.data()));
      Usage before = object.usage();
      Iterator<List<Write>> left = frames(day.until(untilMs));
      while (left.hasNext()) {
        object.message();
        for (Write write : left.next()) {
          object.write(write.atMs() + 1_000, write.kind(), write.id(), write.data());
        }
      }
      return object.usage().minus(before).times(DAY_MS / untilMs);
    }
  }
}
