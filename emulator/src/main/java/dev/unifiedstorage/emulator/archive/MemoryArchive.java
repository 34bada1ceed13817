package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.emulator.pipeline.EmbeddedPipeline;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.MemoryPipeline;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader.Query;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * An archive for tests: the in-memory Pipeline's records, each a fixed time after it was accepted.
 *
 * <p>The time is the longest that a sink with that roll interval takes. While the sink stands still
 * nothing lands; afterwards everything lands that was due meanwhile. Records that do not fit the
 * schema are dropped, as by the table's sink. Nothing runs in the background: what has landed is
 * found out by who looks. Safe for use from every thread.
 */
public final class MemoryArchive implements EventArchive {
  private final MemoryPipeline pipeline;
  private final Faults faults;
  private final long lagMs;
  private final Json json = new JsoniterJson();
  private final Map<String, List<ArchivedEvent>> rows = new HashMap<>();
  private long landed;
  private long dropped;
  private long inheritedEnd;

  /**
   * @param lagMs how long after it was accepted a record shows
   */
  public MemoryArchive(MemoryPipeline pipeline, Faults faults, long lagMs) {
    this.pipeline = pipeline;
    this.faults = faults;
    this.lagMs = lagMs;
    faults.beforeSinkChanges(this::land);
  }

  @Override
  public void start() {}

  @Override
  public synchronized void objectsBeginAnew() {
    inheritedEnd = pipeline.end(EmbeddedPipeline.EVENTS);
  }

  @Override
  public synchronized boolean hasEverything() {
    land();
    return landed == pipeline.end(EmbeddedPipeline.EVENTS);
  }

  @Override
  public void close() {}

  @Override
  public ArchiveReader reader(Executor loop) {
    return new Reader(loop);
  }

  private synchronized void land() {
    Faults.SinkMode mode = faults.sinkMode();
    if (mode == Faults.SinkMode.STALL) {
      return;
    }
    for (String text : pipeline.acceptedBefore(EmbeddedPipeline.EVENTS, landed, lagMs)) {
      JsonObject record = json.parse(text);
      if (mode == Faults.SinkMode.DROP || StreamSchema.misfit(record) != null) {
        dropped++;
      } else {
        rows.computeIfAbsent(record.string("ns"), ns -> new ArrayList<>()).add(row(record));
      }
      landed++;
    }
  }

  @Override
  public synchronized long dropped() {
    land();
    return dropped;
  }

  private ArchivedEvent row(JsonObject record) {
    return new ArchivedEvent(
        record.number("epoch"),
        record.kind("life") == JsonKind.NUMBER ? record.number("life") : 0,
        record.number("seq"),
        record.string("verb"),
        record.kind("entityId") == JsonKind.STRING ? record.string("entityId") : null,
        record.kind("entityType") == JsonKind.STRING ? record.string("entityType") : null,
        record.kind("version") == JsonKind.NUMBER ? record.number("version") : 0,
        record.number("ts"),
        json.writer().object(record.object("payload")).text(),
        record.kind("session") == JsonKind.STRING ? record.string("session") : null,
        record.kind("sub") == JsonKind.STRING ? record.string("sub") : null,
        record.kind("n") == JsonKind.NUMBER ? record.number("n") : 0,
        record.kind("batchIndex") == JsonKind.NUMBER ? (int) record.number("batchIndex") : -1,
        record.kind("events") == JsonKind.NUMBER ? (int) record.number("events") : 0);
  }

  /** What has landed of what is asked for, in the order a reader gives it. */
  private synchronized Answer answer(Query query) {
    land();
    List<ArchivedEvent> events = new ArrayList<>();
    for (ArchivedEvent row : rows.getOrDefault(query.namespace(), List.of())) {
      if (query.wants(row)) {
        events.add(query.positionsOnly() ? row.position() : row);
      }
    }
    events.sort(
        Comparator.comparingDouble(ArchivedEvent::epoch)
            .thenComparingDouble(ArchivedEvent::seq)
            .thenComparingDouble(ArchivedEvent::life));
    return new Answer(events, landed >= inheritedEnd);
  }

  private record Answer(List<ArchivedEvent> events, boolean upToDate) {}

  /** One object's way to read; a read is answered in one task of the event loop. */
  private final class Reader implements ArchiveReader {
    private final Executor loop;
    private final Set<Read> underWay = new LinkedHashSet<>();

    Reader(Executor loop) {
      this.loop = loop;
    }

    @Override
    public Read read(Query query, Visitor visitor) {
      Read[] self = new Read[1];
      self[0] = () -> underWay.remove(self[0]);
      underWay.add(self[0]);
      loop.execute(() -> tell(self[0], answer(query), visitor));
      return self[0];
    }

    private void tell(Read read, Answer answer, Visitor visitor) {
      for (ArchivedEvent event : answer.events) {
        if (!underWay.contains(read)) {
          return;
        }
        visitor.event(event);
      }
      if (underWay.remove(read)) {
        visitor.completed(answer.upToDate);
      }
    }

    @Override
    public void cancelAll() {
      underWay.clear();
    }
  }
}
