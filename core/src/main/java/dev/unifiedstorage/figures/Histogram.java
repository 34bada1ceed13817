package dev.unifiedstorage.figures;

import dev.unifiedstorage.port.JsonWriter;

/**
 * How often something took how long, in milliseconds.
 *
 * <p>The counts are by fixed bounds, so that those of several stores can be added up.
 */
public final class Histogram {
  private static final int[] BOUNDS_MS = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000
  };

  /** Up to each bound and past the one before; the last is what is past all of them. */
  private final double[] counts = new double[BOUNDS_MS.length + 1];

  private double sumMs;

  /** Counts one. A clock that went back makes it 0. */
  public void add(double ms) {
    int i = 0;
    while (i < BOUNDS_MS.length && ms > BOUNDS_MS[i]) {
      i++;
    }
    counts[i]++;
    sumMs += Math.max(0, ms);
  }

  /** How many there were. */
  public double count() {
    double count = 0;
    for (double some : counts) {
      count += some;
    }
    return count;
  }

  /** How long they took together. */
  public double sumMs() {
    return sumMs;
  }

  /**
   * Prints it as Prometheus does: how many took no longer than each bound, their sum, their number.
   *
   * @param name of the metric
   * @param labels of every line, without braces
   */
  public void writeTo(JsonWriter writer, String name, String labels) {
    double count = 0;
    for (int i = 0; i < counts.length; i++) {
      count += counts[i];
      writer.raw(name + "_bucket{" + labels + ",le=\"");
      writer.raw(i < BOUNDS_MS.length ? Integer.toString(BOUNDS_MS[i]) : "+Inf");
      writer.raw("\"} ").number(count).raw("\n");
    }
    writer.raw(name + "_sum{" + labels + "} ").number(sumMs).raw("\n");
    writer.raw(name + "_count{" + labels + "} ").number(count).raw("\n");
  }
}
