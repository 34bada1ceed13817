package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Tracer;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestType;
import dev.unifiedstorage.recovery.RecoveryResult;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a store: sends, checkpoints, recoveries, and requests that took long; the slowest of
 * these it notes for the stats too.
 *
 * <p>Where the platform takes no spans none is made, and no clock is asked but for requests.
 *
 * <p>Each says how long it took in an attribute too, because a platform may begin a span only when
 * it is made, and its clock may stand still meanwhile.
 */
final class Spans {
  /** What takes less is no span: there would be one for every request. */
  static final double SLOW_MS = 100;

  /** What every name begins with; joined where names stand, so that no send joins texts. */
  private static final String PREFIX = "unified_storage.";

  private final String namespace;
  private final @Nullable Tracer tracer;
  private final Clock clock;
  private final SlowRequests slow;

  Spans(String namespace, StorePorts ports, SlowRequests slow) {
    this.namespace = namespace;
    this.slow = slow;
    this.tracer = ports.tracer();
    this.clock = ports.clock();
  }

  // ---- what is followed

  /** The Pipeline, each of whose sends is a span. */
  Pipeline pipeline(Pipeline to) {
    if (tracer == null) {
      return to;
    }
    return (records, completion) -> {
      Span span = begin(PREFIX + "send");
      span.set(PREFIX + "records", records.size());
      Completion ended =
          new Completion() {
            @Override
            public void succeeded() {
              span.end("");
              completion.succeeded();
            }

            @Override
            public void failed(String error) {
              span.end(error);
              completion.failed(error);
            }
          };
      try {
        to.send(records, ended);
      } catch (RuntimeException e) {
        span.end("the send threw: " + e.getMessage());
        throw e;
      }
    };
  }

  /** A checkpoint was taken. */
  void checkpoint(CheckpointStats stats) {
    Span span = begin(PREFIX + "checkpoint", stats.durationMs());
    span.set(PREFIX + "trigger", stats.trigger().label());
    span.set(PREFIX + "things", stats.entityCount());
    span.set(PREFIX + "rows", stats.rowsWritten());
    span.end("");
  }

  /** A checkpoint could not be taken. */
  void checkpointFailed(String error) {
    begin(PREFIX + "checkpoint").end(error);
  }

  /** A start or a rebuild has begun. */
  Span recovery(boolean rebuild) {
    return begin(rebuild ? PREFIX + "rebuild" : PREFIX + "recovery");
  }

  static void recovered(Span span, RecoveryResult result) {
    span.set(PREFIX + "source", result.source().label());
    span.set(PREFIX + "things", result.thingsLoaded());
    span.set(PREFIX + "events", result.eventsReplayed());
    span.end("");
  }

  /** Where the reply to a request goes: it is noted, and a span, if it comes late. */
  Connection request(Connection from, Request request) {
    return new Watched(from, request, clock.nowMs());
  }

  // ---- the spans

  private Span begin(String name) {
    return begin(name, 0);
  }

  /**
   * @param sinceMs how long ago it has begun
   */
  private Span begin(String name, double sinceMs) {
    if (tracer == null) {
      return Span.NONE;
    }
    double startMs = clock.nowMs() - sinceMs;
    Tracer.Span span = tracer.begin(name, startMs);
    span.set(PREFIX + "namespace", namespace);
    return new Span(span, startMs, clock);
  }

  /** One of them; what is said to none is not heard. */
  static final class Span {
    static final Span NONE = new Span(null, 0, null);

    private final Tracer.@Nullable Span to;
    private final double startMs;
    private final @Nullable Clock clock;
    private boolean over;

    private Span(Tracer.@Nullable Span to, double startMs, @Nullable Clock clock) {
      this.to = to;
      this.startMs = startMs;
      this.clock = clock;
    }

    void set(String attribute, String value) {
      if (to != null) {
        to.set(attribute, value);
      }
    }

    void set(String attribute, double value) {
      if (to != null) {
        to.set(attribute, value);
      }
    }

    /** The first end counts: a Pipeline may answer again, or throw after it has. */
    void end(String error) {
      if (to != null && clock != null && !over) {
        over = true;
        // Not before its beginning, when the clock has jumped back.
        double endMs = Math.max(startMs, clock.nowMs());
        to.set(PREFIX + "duration_ms", endMs - startMs);
        to.end(endMs, error);
      }
    }
  }

  /**
   * The connection of one request.
   *
   * <p>It keeps nothing of what the request says: replies wait, and requests are long.
   */
  private final class Watched implements Connection {
    private static final String CODE = ",\"status\":\"error\",\"code\":\"";

    private final Connection to;
    private final double startMs;
    private final String id;
    private final RequestType type;
    private final @Nullable String thingType;
    private final @Nullable String sub;
    private final int chars;

    Watched(Connection to, Request request, double startMs) {
      Operation operation = request.operation();
      this.to = to;
      this.startMs = startMs;
      this.id = request.id();
      this.type = RequestType.of(operation);
      this.thingType = Operation.thingType(operation);
      this.sub = Operation.sub(operation);
      this.chars = request.chars();
    }

    private void answered(Supplier<String> reply) {
      double nowMs = clock.nowMs();
      double tookMs = nowMs - startMs;
      if (slow.takes(tookMs, nowMs)) {
        String text = reply.get();
        int length = text.length();
        slow.add(
            new SlowRequests.Slow(type, thingType, sub, tookMs, nowMs, chars, length, code(text)));
      }
      if (tracer != null && tookMs >= SLOW_MS) {
        Span span = begin(PREFIX + "request", tookMs);
        span.set(PREFIX + "type", type.label());
        span.end("");
      }
    }

    /** The code of a reply that is an error, which is the only one that begins so. */
    private String code(String reply) {
      int from = "{\"id\":".length() + id.length();
      if (!reply.startsWith(CODE, from)) {
        return "";
      }
      from += CODE.length();
      return reply.substring(from, reply.indexOf('"', from));
    }

    @Override
    public void send(String text) {
      answered(() -> text);
      to.send(text);
    }

    @Override
    public void send(JsonWriter reply) {
      answered(reply::text);
      to.send(reply);
    }

    @Override
    public @Nullable Peer peer() {
      return to.peer();
    }

    @Override
    public boolean gathers() {
      return to.gathers();
    }

    @Override
    public void beginsFrame() {
      to.beginsFrame();
    }

    @Override
    public void endsFrame() {
      to.endsFrame();
    }

    @Override
    public double room() {
      return to.room();
    }

    @Override
    public boolean takes(JsonWriter reply) {
      return to.takes(reply);
    }

    @Override
    public double looked() {
      return to.looked();
    }

    @Override
    public void looksAt(double things) {
      to.looksAt(things);
    }

    @Override
    public Connection origin() {
      return to.origin();
    }
  }
}
