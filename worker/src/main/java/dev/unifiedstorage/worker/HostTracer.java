package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Tracer;

/** The platform's tracing, whose spans begin when they are made and end when that is said. */
final class HostTracer implements Tracer {
  private final Host host;

  HostTracer(Host host) {
    this.host = host;
  }

  @Override
  public Span begin(String name, double startMs) {
    HostSpan span = host.beginSpan(name);
    return new Span() {
      @Override
      public void set(String attribute, String value) {
        span.set(attribute, value);
      }

      @Override
      public void set(String attribute, double value) {
        span.set(attribute, value);
      }

      @Override
      public void end(double endMs, String error) {
        span.end(error);
      }
    };
  }
}
