package dev.unifiedstorage.simulation;

import org.junit.jupiter.api.Test;

/** A short run of the fuzzer in every build. */
final class FuzzerTest {
  private static final int STORES = 100;
  private static final int INPUTS = 500;

  @Test
  void noMessageBreaksTheStore() {
    for (int seed = 1; seed <= STORES; seed++) {
      try (Fuzzer fuzzer = new Fuzzer(seed)) {
        fuzzer.run(INPUTS);
      } catch (Violation e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.println("fuzz inputs: " + STORES * INPUTS);
  }
}
