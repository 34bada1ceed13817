package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.port.Clock;
import org.junit.jupiter.api.Test;

/** What every {@link Clock} keeps. */
public abstract class ClockContract {
  protected abstract Clock clock();

  @Test
  void instantsAreWrittenAsJavaScriptWritesThem() {
    for (int twice = 0; twice < 2; twice++) {
      for (JsonNode one : Cases.of("clock").get("instants")) {
        double ms = one.path("ms").doubleValue();
        assertEquals(one.path("iso").textValue(), clock().iso(ms), "" + ms);
      }
    }
  }

  @Test
  void nowIsAWholeNumber() {
    double nowMs = clock().nowMs();
    assertEquals(Math.rint(nowMs), nowMs);
  }
}
