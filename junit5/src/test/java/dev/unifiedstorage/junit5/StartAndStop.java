package dev.unifiedstorage.junit5;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures what starting and stopping an emulator costs, and what a test with a write in it costs:
 * run it by hand, on a machine that does nothing else.
 */
final class StartAndStop {
  private static final int WARM_UP = 30;
  private static final int RUNS = 100;

  private StartAndStop() {}

  public static void main(String[] args) throws Exception {
    measure("start and stop", false);
    measure("start, a write, a crash, a day, a read, stop", true);
  }

  private static void measure(String what, boolean use) throws Exception {
    double[] ms = new double[RUNS];
    for (int run = -WARM_UP; run < RUNS; run++) {
      long from = System.nanoTime();
      try (Emulator emulator = Emulator.start(EmulatorOptions.builder().virtualClock().build())) {
        if (use) {
          use(emulator);
        }
      }
      if (run >= 0) {
        ms[run] = (System.nanoTime() - from) / (double) TimeUnit.MILLISECONDS.toNanos(1);
      }
    }
    Arrays.sort(ms);
    System.out.printf(
        "%s: median %.1f ms, 95th percentile %.1f ms%n", what, ms[RUNS / 2], ms[RUNS * 95 / 100]);
  }

  private static void use(Emulator emulator) {
    try (StoreClient client = new StoreClient(emulator, "demo")) {
      client.create("Customer", Map.of("$id", "a"));
      emulator.crash();
      emulator.advance(java.time.Duration.ofDays(1));
      if (client.read("a").isEmpty()) {
        throw new IllegalStateException("a is lost");
      }
    }
  }
}
