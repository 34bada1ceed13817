package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Platform;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/**
 * What the compiled core exports to JavaScript for use without a store: the seed's components.
 *
 * <p>They are an entry of their own, so that a Worker that has a store does not carry them.
 */
public final class ComponentsCore {
  private ComponentsCore() {}

  /** TeaVM compiles what can be reached from here and from the exports; nothing has to run. */
  public static void main(String[] args) {}

  /** Things in memory; {@code onEvict} receives an array of those that left. */
  @JSExport
  public static StateComponent state(double maxEntries, double maxBytes, Receiver onEvict) {
    return new StateComponent((int) maxEntries, maxBytes, onEvict);
  }

  @JSExport
  public static EmitterComponent emitter(Host host, JSObject options) {
    return new EmitterComponent(host, new HostObject(options));
  }

  @JSExport
  public static CheckpointerComponent checkpointer(
      Host host, Tracker tracker, JSObject options, Receiver onCheckpoint, Receiver onError) {
    return new CheckpointerComponent(host, tracker, new HostObject(options), onCheckpoint, onError);
  }

  @JSExport
  public static RecoveryComponent recovery(Host host, JSObject options, Receiver onProgress) {
    return new RecoveryComponent(host, new HostObject(options), onProgress);
  }

  static Platform platform(Host host, Life life, HostSql sql) {
    return new Platform(
        new HostJson(),
        new HostClock(),
        new HostTimers(host, life, sql),
        new HostIds(),
        new HostObserver(host));
  }
}
