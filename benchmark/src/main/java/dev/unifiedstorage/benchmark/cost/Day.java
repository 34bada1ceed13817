package dev.unifiedstorage.benchmark.cost;

import java.util.Iterator;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The workloads whose day is priced.
 *
 * <p>Steady ones repeat themselves every hour, so that one simulated hour stands for 24; the others
 * are simulated from midnight to midnight.
 */
enum Day {
  /**
   * 1,000 writes a second on one collection that grows at one end and is cut at the other: 500
   * creates and 500 deletions, 100,000 things alive. A collection that only grows has 86 million
   * things after a day, and an object's memory ends at 128 MB.
   */
  GROWING("1,000 writes/s, growing collection", true) {
    @Override
    Stream<Write> setUp() {
      return numbers(WINDOW).mapToObj(n -> create(0, n));
    }

    @Override
    Write write(long number) {
      double atMs = number;
      return number % 2 == 0
          ? create(atMs, WINDOW + number / 2)
          : new Write(atMs, Write.Kind.DELETE, "sensor_" + number / 2, null);
    }
  },

  /** 1,000 updates a second, spread over 1,000 things. */
  HOT("1,000 writes/s, 1,000 hot things", true) {
    @Override
    Stream<Write> setUp() {
      return numbers(1_000).mapToObj(n -> create(0, n));
    }

    @Override
    Write write(long number) {
      return update(number, number % 1_000, number);
    }
  },

  /** 10,000 sensors, each of which reports every 10 s. */
  SENSORS("10,000 sensors, each every 10 s", true) {
    @Override
    Stream<Write> setUp() {
      return numbers(10_000).mapToObj(n -> create(0, n));
    }

    @Override
    Write write(long number) {
      return update(number, number % 10_000, number);
    }
  },

  /** Eight hours in which, every five minutes, five people edit 200 blocks for a minute. */
  COLLABORATION("collaboration: 96 bursts of 600 edits", false) {
    @Override
    Stream<Write> setUp() {
      return numbers(200).mapToObj(n -> create(0, n));
    }

    @Override
    Write write(long number) {
      double burst = Math.floor(number / 600.0);
      double atMs = 9 * HOUR_MS + burst * 300_000 + number % 600 * 100;
      return atMs < 17 * HOUR_MS ? update(atMs, number * 7 % 200, number) : null;
    }
  },

  /** A write every ten minutes: asleep in between. */
  IDLE("mostly idle: a write every 10 minutes", false) {
    @Override
    Stream<Write> setUp() {
      return numbers(100).mapToObj(n -> create(0, n));
    }

    @Override
    Write write(long number) {
      return number < 144 ? update((number + 0.5) * 600_000, number % 100, number) : null;
    }
  };

  static final double HOUR_MS = 3_600_000;
  private static final long WINDOW = 100_000;

  private final String label;
  private final boolean steady;

  Day(String label, boolean steady) {
    this.label = label;
    this.steady = steady;
  }

  String label() {
    return label;
  }

  /** Whether any stretch of it stands for the whole. */
  boolean isSteady() {
    return steady;
  }

  /** What is there before the day begins. */
  abstract Stream<Write> setUp();

  /** The day's write of a number, counted from 0, its time from midnight; null past the last. */
  abstract Write write(long number);

  /** The writes before an instant. */
  Iterator<Write> until(double endMs) {
    LongFunction<Write> write = this::write;
    return LongStream.iterate(0, number -> number + 1)
        .mapToObj(write)
        .takeWhile(next -> next != null && next.atMs() < endMs)
        .iterator();
  }

  private static LongStream numbers(long count) {
    return LongStream.range(0, count);
  }

  static Write create(double atMs, long number) {
    String data =
        "\"name\":\"the sensor in the third room of the second floor, by the window\",\"reading\":"
            + number % 1_000
            + ",\"unit\":\"celsius\",\"battery\":87";
    return new Write(atMs, Write.Kind.CREATE, "sensor_" + number, data);
  }

  static Write update(double atMs, long thing, long value) {
    String data = "\"reading\":" + value % 1_000 + ",\"battery\":" + (90 - value % 7);
    return new Write(atMs, Write.Kind.UPDATE, "sensor_" + thing, data);
  }
}
