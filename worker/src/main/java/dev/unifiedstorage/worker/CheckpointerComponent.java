package dev.unifiedstorage.worker;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.checkpoint.LazyCheckpointer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.state.DirtyTracker;
import dev.unifiedstorage.state.Thing;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.teavm.jso.JSExport;
import org.teavm.jso.JSObject;

/** A {@link LazyCheckpointer} as JavaScript calls it. */
public final class CheckpointerComponent {
  private final HostJson json = new HostJson();
  private final HostClock clock = new HostClock();
  private final LazyCheckpointer checkpointer;

  /**
   * @param options every option, defaults included
   */
  CheckpointerComponent(
      Host host, Tracker tracker, HostObject options, Receiver onCheckpoint, Receiver onError) {
    Life life = new Life(new HostObserver(host));
    HostSql sql = new HostSql(host, "a LazyCheckpointer");
    checkpointer =
        LazyCheckpointer.builder()
            .on(ComponentsCore.platform(host, life, sql))
            .sql(sql)
            .dirtyTracker(new HostTracker(tracker))
            .intervalMs(options.number("intervalMs"))
            .dirtyCountThreshold((int) options.number("dirtyCountThreshold"))
            .memoryThresholdBytes(options.number("memoryThresholdBytes"))
            .columnarThreshold((int) options.number("columnarThreshold"))
            .largeCollections(
                options.string("largeCollections").equals("packed")
                    ? Layout.PACKED
                    : Layout.NORMALIZED)
            .onCheckpoint(stats -> onCheckpoint.receive(object(stats)))
            .onError(error -> onError.receive(error(Failures.text(error))))
            .build();
  }

  private HostObject newObject() {
    return (HostObject) json.object();
  }

  private JSObject error(String message) {
    HostObject object = newObject();
    object.set("message", message);
    return object.value();
  }

  private JSObject object(CheckpointStats stats) {
    HostObject object = newObject();
    object
        .set("trigger", stats.trigger().label())
        .set("entityCount", stats.entityCount())
        .set("rowsWritten", stats.rowsWritten())
        .set("columnarWrites", stats.columnarWrites())
        .set("packedWrites", stats.packedWrites())
        .set("normalizedWrites", stats.normalizedWrites())
        .set("durationMs", stats.durationMs());
    return object.value();
  }

  @JSExport
  public void start() {
    checkpointer.start();
  }

  @JSExport
  public void notifyDirty() {
    checkpointer.notifyDirty();
  }

  /** Throws what SQLite says when it refuses; any other trigger than the known ones is manual. */
  @JSExport
  public JSObject checkpoint(String trigger) {
    Trigger known = Trigger.MANUAL;
    for (Trigger one : Trigger.values()) {
      known = one.label().equals(trigger) ? one : known;
    }
    return object(checkpointer.checkpoint(known));
  }

  @JSExport
  public void beforeHibernation(Ending done) {
    checkpointer.beforeHibernation(EmitterComponent.completion(done));
  }

  /** Throws what SQLite says when it refuses. */
  @JSExport
  public void destroy() {
    checkpointer.destroy();
  }

  @JSExport
  public JSObject stats() {
    CheckpointerStats stats = checkpointer.getStats();
    HostObject object = newObject();
    object
        .set("count", stats.count())
        .set("totalRowWrites", stats.totalRowWrites())
        .set("columnarWrites", stats.columnarWrites())
        .set("packedWrites", stats.packedWrites())
        .set("normalizedWrites", stats.normalizedWrites())
        .set("lastTrigger", stats.lastTrigger() == null ? null : stats.lastTrigger().label())
        .set("lastDurationMs", stats.lastDurationMs())
        .set("lastError", stats.lastError());
    return object.value();
  }

  /** The tracker that JavaScript gave. */
  private final class HostTracker implements DirtyTracker {
    private final Tracker tracker;

    HostTracker(Tracker tracker) {
      this.tracker = tracker;
    }

    @Override
    public Set<String> getDirtyEntries() {
      return new LinkedHashSet<>(HostThings.list(tracker.dirtyIds()));
    }

    @Override
    public Thing get(String id) {
      JSObject thing = tracker.thing(id);
      return thing == null ? null : HostThings.thing(thing, json, clock);
    }

    @Override
    public void markClean(Collection<String> ids) {
      tracker.markClean(HostThings.array(ids));
    }

    @Override
    public int getDirtyCount() {
      return tracker.dirtyCount();
    }

    @Override
    public double getDirtyBytes() {
      return tracker.dirtyBytes();
    }
  }
}
