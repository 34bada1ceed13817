package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.state.Thing;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** An {@link InMemoryStateManager} as JavaScript calls it. */
public final class StateComponent {
  private final HostJson json = new HostJson();
  private final HostClock clock = new HostClock();
  private final InMemoryStateManager manager;

  StateComponent(int maxEntries, double maxBytes, Receiver onEvict) {
    Platform platform = new Platform(json, clock, NO_TIMERS, new HostIds(), NO_LOG);
    manager =
        InMemoryStateManager.builder()
            .on(platform)
            .maxEntries(maxEntries)
            .maxBytes(maxBytes)
            .onEvict(things -> onEvict.receive(HostThings.objects(things, json)))
            .build();
  }

  @JSExport
  public JSObject create(JSObject data) {
    return HostThings.object(manager.create(new HostObject(data)), json);
  }

  /** Adds a clean thing. */
  @JSExport
  public void load(JSObject thing) {
    manager.load(HostThings.thing(thing, json, clock));
  }

  /** Null when there is none in memory. */
  @JSExport
  public JSObject get(String id) {
    return objectOf(manager.get(id));
  }

  /** Null when there is none in memory. */
  @JSExport
  public JSObject update(String id, JSObject changes) {
    return objectOf(manager.update(id, new HostObject(changes)));
  }

  private JSObject objectOf(Thing thing) {
    return thing == null ? null : HostThings.object(thing, json);
  }

  @JSExport
  public boolean remove(String id) {
    return manager.delete(id);
  }

  @JSExport
  public HostArray dirtyIds() {
    return HostThings.array(manager.getDirtyEntries());
  }

  @JSExport
  public void markClean(HostArray ids) {
    manager.markClean(HostThings.list(ids));
  }

  @JSExport
  public int size() {
    return manager.size();
  }

  @JSExport
  public double estimatedBytes() {
    return manager.estimatedBytes();
  }

  @JSExport
  public int dirtyCount() {
    return manager.getDirtyCount();
  }

  @JSExport
  public double dirtyBytes() {
    return manager.getDirtyBytes();
  }

  /** A state waits for nothing. */
  private static final Timers NO_TIMERS =
      new Timers() {
        @Override
        public Timer after(double delayMs, Runnable task) {
          throw new IllegalStateException("a state has no timers");
        }

        @Override
        public void setAlarm(double epochMs) {
          throw new IllegalStateException("a state has no alarm");
        }
      };

  /** A state reports nothing. */
  private static final StoreObserver NO_LOG =
      new StoreObserver() {
        @Override
        public void info(String message) {}

        @Override
        public void warning(String message) {}

        @Override
        public void error(String message) {}
      };
}
