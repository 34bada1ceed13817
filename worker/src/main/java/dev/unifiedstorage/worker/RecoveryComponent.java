package dev.unifiedstorage.worker;

import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.recovery.RecoveryProgress;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.recovery.ValidationResult;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** A {@link ColdStartRecovery} as JavaScript calls it. */
public final class RecoveryComponent {
  private final HostJson json = new HostJson();
  private final ColdStartRecovery recovery;

  /**
   * @param options every option, defaults included
   */
  RecoveryComponent(Host host, HostObject options, Receiver onProgress) {
    Life life = new Life(new HostObserver(host));
    String namespace = options.string("namespace");
    HostSql sql = new HostSql(host, namespace);
    ColdStartRecovery.Builder builder =
        ColdStartRecovery.builder()
            .on(ComponentsCore.platform(host, life, sql))
            .namespace(namespace)
            .sql(sql)
            .timeout(options.number("timeout"))
            .onProgress(progress -> onProgress.receive(object(progress)));
    if (host.hasArchive()) {
      builder.iceberg(new HostArchive(host, life));
    }
    recovery = builder.build();
  }

  private JSObject object(RecoveryProgress progress) {
    HostObject object = (HostObject) json.object();
    object
        .set("phase", progress.phase() == RecoveryProgress.Phase.SQLITE ? "sqlite" : "iceberg")
        .set("loaded", progress.loaded())
        .set("total", progress.total())
        .set("elapsedMs", progress.elapsedMs());
    return object.value();
  }

  private ColdStartRecovery.End end(Receiver done, Ending failed) {
    return new ColdStartRecovery.End() {
      @Override
      public void completed(RecoveryResult result) {
        HostObject object = (HostObject) json.object();
        object
            .set("source", result.source().label())
            .set("thingsLoaded", result.thingsLoaded())
            .set("eventsReplayed", result.eventsReplayed())
            .set("durationMs", result.durationMs())
            .set("duplicatesSkipped", result.duplicatesSkipped());
        done.receive(object.value());
      }

      @Override
      public void failed(RuntimeException error) {
        failed.ended(Failures.text(error));
      }
    };
  }

  /** One of the two receives the end. */
  @JSExport
  public void recover(Receiver done, Ending failed) {
    recovery.recover(end(done, failed));
  }

  /** One of the two receives the end. */
  @JSExport
  public void forceRebuildFromIceberg(Receiver done, Ending failed) {
    recovery.forceRebuildFromIceberg(end(done, failed));
  }

  /** An array of the recovered things. */
  @JSExport
  public HostArray things() {
    return HostThings.objects(recovery.getState().values(), json);
  }

  /** What is wrong with the state, as sentences. */
  @JSExport
  public HostArray errors() {
    ValidationResult result = recovery.validateState();
    return HostThings.array(result.errors());
  }
}
