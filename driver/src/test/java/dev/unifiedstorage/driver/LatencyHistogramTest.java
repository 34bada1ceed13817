package dev.unifiedstorage.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  @Test
  void anEmptyHistogramIsAllZero() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertEquals(0, histogram.count());
    assertEquals(0, histogram.percentileMillis(99));
    assertEquals(0, histogram.maxMillis());
  }

  @Test
  void percentilesAreAtMostThreePercentTooHigh() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (int i = 1; i <= 100_000; i++) {
      histogram.record(i * 1_000L);
    }
    assertEquals(100_000, histogram.count());
    assertEquals(100, histogram.maxMillis());
    for (double percent : new double[] {0.001, 1, 25, 50, 90, 99, 99.9, 100}) {
      double exact = percent;
      double read = histogram.percentileMillis(percent);
      assertTrue(read >= exact && read <= exact * 1.04, percent + "% is " + read);
    }
  }

  @Test
  void extremesAreCounted() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.record(0);
    histogram.record(1);
    histogram.record(Long.MAX_VALUE);
    assertEquals(3, histogram.count());
    assertEquals(1e-6, histogram.percentileMillis(50));
    assertEquals(Long.MAX_VALUE / 1e6, histogram.percentileMillis(100));
  }
}
