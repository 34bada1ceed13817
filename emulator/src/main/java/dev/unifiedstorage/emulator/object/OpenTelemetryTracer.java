package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.port.Tracer;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Spans by OpenTelemetry's API: they go where the SDK or the agent of the program takes them.
 *
 * <p>Only the API is there, so without either of those two nothing is followed. Times are the
 * store's, virtual ones too.
 */
final class OpenTelemetryTracer implements Tracer {
  private static final String SCOPE = "dev.unifiedstorage";
  private static final double MICROS_PER_MS = 1_000;

  private final io.opentelemetry.api.trace.Tracer tracer;

  private OpenTelemetryTracer(io.opentelemetry.api.trace.Tracer tracer) {
    this.tracer = tracer;
  }

  /** Of the program's telemetry; null where it has none, yet. */
  static OpenTelemetryTracer global() {
    OpenTelemetry telemetry = GlobalOpenTelemetry.getOrNoop();
    return telemetry == OpenTelemetry.noop()
        ? null
        : new OpenTelemetryTracer(telemetry.getTracer(SCOPE));
  }

  private static long micros(double ms) {
    return Math.round(ms * MICROS_PER_MS);
  }

  /** Does what a processor of the program may throw at, which is no matter of the store's. */
  private static void quietly(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      // The port throws nothing: no span is worth a request.
    }
  }

  @Override
  public Span begin(String name, double startMs) {
    SpanBuilder builder =
        tracer.spanBuilder(name).setStartTimestamp(micros(startMs), TimeUnit.MICROSECONDS);
    AtomicReference<io.opentelemetry.api.trace.Span> begun =
        new AtomicReference<>(io.opentelemetry.api.trace.Span.getInvalid());
    quietly(() -> begun.set(builder.startSpan()));
    io.opentelemetry.api.trace.Span span = begun.get();
    return new Span() {
      @Override
      public void set(String attribute, String value) {
        span.setAttribute(attribute, value);
      }

      @Override
      public void set(String attribute, double value) {
        span.setAttribute(attribute, value);
      }

      @Override
      public void end(double endMs, String error) {
        if (!error.isEmpty()) {
          span.setStatus(StatusCode.ERROR, error);
        }
        quietly(() -> span.end(micros(endMs), TimeUnit.MICROSECONDS));
      }
    };
  }
}
