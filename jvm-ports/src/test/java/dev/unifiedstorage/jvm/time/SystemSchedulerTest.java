package dev.unifiedstorage.jvm.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SystemSchedulerTest {
  @Test
  void instantsAreWrittenAsJavaScriptWritesThem() {
    SystemScheduler scheduler = new SystemScheduler();
    for (int twice = 0; twice < 2; twice++) {
      assertEquals("2026-01-31T12:00:00.000Z", scheduler.iso(1769860800000.0));
      assertEquals("2026-01-31T12:00:00.007Z", scheduler.iso(1769860800007.0));
      assertEquals("2026-01-31T12:00:00.999Z", scheduler.iso(1769860800999.0));
      assertEquals("1970-01-01T00:00:00.000Z", scheduler.iso(0));
      assertEquals("1969-12-31T23:59:59.999Z", scheduler.iso(-1));
      assertEquals("9999-12-31T23:59:59.999Z", scheduler.iso(253402300799999.0));
    }
  }
}
