package dev.unifiedstorage.jvm.memory;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.Comparator;
import java.util.List;

/** The archive behind a {@link MemoryPipeline}: what that has accepted is there at once. */
public final class MemoryArchive implements IcebergReader {
  private final Json json = new JsoniterJson();
  private final MemoryPipeline pipeline;

  /** Of what a Pipeline has accepted and will accept. */
  public MemoryArchive(MemoryPipeline pipeline) {
    this.pipeline = pipeline;
  }

  @Override
  public Read read(Query query, Visitor visitor) {
    List<ArchivedEvent> rows =
        pipeline.records().stream()
            .filter(record -> query.namespace().equals(record.string("ns")))
            .map(this::row)
            .filter(query::wants)
            .map(row -> query.positionsOnly() ? row.position() : row)
            .sorted(
                Comparator.comparingDouble(ArchivedEvent::epoch)
                    .thenComparingDouble(ArchivedEvent::seq)
                    .thenComparingDouble(ArchivedEvent::life))
            .toList();
    rows.forEach(visitor::event);
    visitor.completed(true);
    return () -> {};
  }

  private ArchivedEvent row(JsonObject record) {
    boolean thing = record.kind("entityId") == JsonKind.STRING;
    return new ArchivedEvent(
        record.number("epoch"),
        record.kind("life") == JsonKind.NUMBER ? record.number("life") : 0,
        record.number("seq"),
        record.string("verb"),
        thing ? record.string("entityId") : null,
        thing ? record.string("entityType") : null,
        thing ? record.number("version") : 0,
        record.number("ts"),
        json.writer().object(record.object("payload")).text(),
        record.kind("session") == JsonKind.STRING ? record.string("session") : null,
        record.kind("sub") == JsonKind.STRING ? record.string("sub") : null,
        record.kind("n") == JsonKind.NUMBER ? record.number("n") : 0,
        record.kind("batchIndex") == JsonKind.NUMBER ? (int) record.number("batchIndex") : -1,
        record.kind("events") == JsonKind.NUMBER ? (int) record.number("events") : 0);
  }
}
