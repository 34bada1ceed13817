package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Clock;
import org.teavm.jso.JSBody;

/** The isolate's clock, which stands still between two I/O events. */
final class HostClock implements Clock {
  // A batch has a handful of instants and a thousand events. No instant is equal to NaN.
  private double lastMs = Double.NaN;
  private String lastIso;

  @Override
  public double nowMs() {
    return now();
  }

  @Override
  public String iso(double epochMs) {
    if (epochMs != lastMs) {
      lastIso = toIso(epochMs);
      lastMs = epochMs;
    }
    return lastIso;
  }

  @JSBody(script = "return Date.now();")
  private static native double now();

  @JSBody(params = "ms", script = "return new Date(ms).toISOString();")
  private static native String toIso(double ms);
}
