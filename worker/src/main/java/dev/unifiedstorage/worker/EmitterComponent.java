package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.wal.EmitterStats;
import dev.unifiedstorage.wal.PipelineEmitter;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** A {@link PipelineEmitter} as JavaScript calls it. */
public final class EmitterComponent {
  private final PipelineEmitter emitter;

  /**
   * @param options every option, defaults included
   */
  EmitterComponent(Host host, HostObject options) {
    HostJson json = new HostJson();
    Life life = new Life(new HostObserver(host));
    String namespace = options.string("namespace");
    HostSql noSql = new HostSql(host, namespace);
    PipelineEmitter.Builder builder =
        PipelineEmitter.builder(new HostPipeline(host, life, json, false, true))
            .on(ComponentsCore.platform(host, life, noSql))
            .namespace(namespace)
            .batchSize((int) options.number("batchSize"))
            .batchBytes((int) options.number("batchBytes"))
            .flushInterval(options.number("flushInterval"))
            .maxRetries((int) options.number("maxRetries"))
            .retryDelay(options.number("retryDelay"))
            .exponentialBackoff(options.bool("exponentialBackoff"));
    if (host.hasDeadLetters()) {
      builder.deadLetterQueue(new HostPipeline(host, life, json, true, true));
    }
    emitter = builder.build();
  }

  @JSExport
  public void emit(String verb, String store, JSObject payload) {
    emitter.emit(verb, store, new HostObject(payload));
  }

  /** {@code done} receives null, or what was dropped and why. */
  @JSExport
  public void flush(Ending done) {
    emitter.flush(completion(done));
  }

  /** As {@link #flush}, and nothing is accepted any more. */
  @JSExport
  public void close(Ending done) {
    emitter.close(completion(done));
  }

  static Completion completion(Ending done) {
    return new Completion() {
      @Override
      public void succeeded() {
        done.ended(null);
      }

      @Override
      public void failed(String error) {
        done.ended(error);
      }
    };
  }

  @JSExport
  public JSObject stats() {
    EmitterStats stats = emitter.stats();
    HostObject object = (HostObject) new HostJson().object();
    object
        .set("status", stats.status().label())
        .set("queued", stats.queued())
        .set("sent", stats.sent())
        .set("retries", stats.retries())
        .set("deadLettered", stats.deadLettered())
        .set("dropped", stats.dropped())
        .set("lastError", stats.lastError());
    return object.value();
  }
}
