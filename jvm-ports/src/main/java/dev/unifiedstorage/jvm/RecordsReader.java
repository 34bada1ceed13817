package dev.unifiedstorage.jvm;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.snapshot.SnapshotHead;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An archive reader over a source that gives all records of a namespace at once, as {@code
 * getRecords} of the TypeScript original does.
 *
 * <p>A record has {@code verb}, {@code payload} (an object, or JSON text) and {@code timestamp}
 * (ISO 8601, or milliseconds since 1970); {@code idempotencyKey}, {@code ns}, {@code epoch}, {@code
 * seq} and {@code life} count where they are. Records of a store, which have fences among them, are
 * given as they are. Others are put in the order of their time, each key once, and numbered; a
 * record that does not fit what came before it, such as an update of a thing that there is not, is
 * made to fit, because such a source promises nothing.
 *
 * <p>All records are in memory at once. A store sends a probe and waits until the archive shows it,
 * so that it needs a source that goes on to show what the Pipeline accepts; {@link
 * dev.unifiedstorage.recovery.ColdStartRecovery} takes the records as they stand.
 */
public final class RecordsReader implements IcebergReader {
  private static final String CREATED = "thing.created";
  private static final String UPDATED = "thing.updated";
  private static final String DELETED = "thing.deleted";

  private static final Comparator<Row> BY_POSITION =
      Comparator.<Row>comparingDouble(row -> row.event().epoch())
          .thenComparingDouble(row -> row.event().seq())
          .thenComparingDouble(row -> row.event().life());

  /** Gives the records of a namespace, in any order. */
  @FunctionalInterface
  public interface Source {
    /**
     * All records of a namespace that there are; those of others are passed over.
     *
     * @throws RuntimeException when they cannot be had whole, which fails the recovery
     */
    Iterable<JsonObject> getRecords(String namespace);
  }

  private record Row(ArchivedEvent event, @Nullable String key) {}

  private final Json json = new JsoniterJson();
  private final Source source;

  /** Asks this source once for every read. */
  public RecordsReader(Source source) {
    this.source = source;
  }

  @Override
  public Read read(Query query, Visitor visitor) {
    if (SnapshotHead.isNamespaceOfSnapshots(query.namespace())) {
      // A source of this shape has the events of its namespace and nothing else.
      visitor.completed(true);
      return () -> {};
    }
    List<ArchivedEvent> events;
    try {
      events = events(query);
    } catch (RuntimeException e) {
      visitor.failed(
          "the records of namespace "
              + query.namespace()
              + " could not be read: "
              + e.getMessage());
      return () -> {};
    }
    events.forEach(visitor::event);
    visitor.completed(true);
    return () -> {};
  }

  private List<ArchivedEvent> events(Query query) {
    List<Row> all = new ArrayList<>();
    for (JsonObject record : source.getRecords(query.namespace())) {
      if (isOf(query.namespace(), record)) {
        all.add(row(record));
      }
    }
    boolean fenced = all.stream().anyMatch(row -> "store.fence".equals(row.event().verb()));
    List<Row> own = all.stream().filter(row -> fenced && row.event().epoch() > 0).toList();
    List<Row> foreign = all.stream().filter(row -> !fenced || row.event().epoch() == 0).toList();
    return Stream.concat(numbered(foreign).stream(), own.stream())
        .sorted(BY_POSITION)
        .map(Row::event)
        .filter(query::wants)
        .map(event -> query.positionsOnly() ? event.position() : event)
        .toList();
  }

  private static boolean isOf(String namespace, JsonObject record) {
    String given = text(record, "ns");
    if (given == null && record.kind("_meta") == JsonKind.OBJECT) {
      given = text(record.object("_meta"), "namespace");
    }
    return given == null || given.equals(namespace);
  }

  // ---- one record

  private Row row(JsonObject record) {
    JsonObject payload = payload(record);
    String id = first(text(payload, "$id"), text(record, "entityId"));
    if (id != null) {
      payload.set("$id", id);
    }
    double version = number(record, "version");
    ArchivedEvent event =
        new ArchivedEvent(
            number(record, "epoch"),
            number(record, "life"),
            number(record, "seq"),
            first(text(record, "verb"), text(record, "type")),
            id,
            first(text(payload, "$type"), text(record, "entityType")),
            version > 0 ? version : number(payload, "$version"),
            atMs(record),
            json.writer().object(payload).text(),
            text(record, "session"),
            text(record, "sub"),
            number(record, "n"),
            record.kind("batchIndex") == JsonKind.NUMBER ? (int) record.number("batchIndex") : -1,
            (int) number(record, "events"));
    return new Row(event, text(record, "idempotencyKey"));
  }

  /** A copy, because the record is the caller's. */
  private JsonObject payload(JsonObject record) {
    String name = record.kind("payload") == JsonKind.ABSENT ? "data" : "payload";
    if (record.kind(name) == JsonKind.STRING) {
      return json.parse(record.string(name));
    }
    JsonObject copy = json.object();
    return record.kind(name) == JsonKind.OBJECT ? copy.setAll(record.object(name)) : copy;
  }

  private static double atMs(JsonObject record) {
    if (record.kind("ts") == JsonKind.NUMBER) {
      return record.number("ts");
    }
    String timestamp = text(record, "timestamp");
    return timestamp == null
        ? number(record, "timestamp")
        : (double) Instant.parse(timestamp).toEpochMilli();
  }

  private static @Nullable String text(JsonObject object, String key) {
    return object.kind(key) == JsonKind.STRING ? object.string(key) : null;
  }

  private static double number(JsonObject object, String key) {
    return object.kind(key) == JsonKind.NUMBER ? object.number(key) : 0;
  }

  private static @Nullable String first(@Nullable String one, @Nullable String other) {
    return one == null ? other : one;
  }

  // ---- records that no store numbered

  /** The rows as the history of a store that began with them. */
  private static List<Row> numbered(List<Row> rows) {
    List<Row> history = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    Map<String, Double> versions = new HashMap<>();
    List<Row> inTime =
        rows.stream()
            .sorted(
                Comparator.<Row>comparingDouble(row -> row.event().tsMs())
                    .thenComparing(BY_POSITION))
            .toList();
    for (Row row : inTime) {
      if (row.key() == null || keys.add(row.key())) {
        append(row.event(), versions, history);
      }
    }
    return history;
  }

  private static void append(ArchivedEvent event, Map<String, Double> versions, List<Row> history) {
    boolean known = versions.containsKey(event.entityId());
    boolean made = CREATED.equals(event.verb()) || (UPDATED.equals(event.verb()) && !known);
    if (known && (made || DELETED.equals(event.verb()))) {
      history.add(
          at(history.size() + 1, event, DELETED, versions.getOrDefault(event.entityId(), 0.0) + 1));
      versions.remove(event.entityId());
    }
    if (made) {
      history.add(at(history.size() + 1, event, CREATED, 1));
      versions.put(event.entityId(), 1.0);
    } else if (UPDATED.equals(event.verb())) {
      double version = versions.merge(event.entityId(), 1.0, Double::sum);
      history.add(at(history.size() + 1, event, UPDATED, version));
    }
  }

  private static Row at(double seq, ArchivedEvent event, String verb, double version) {
    return new Row(
        new ArchivedEvent(
            1,
            0,
            seq,
            verb,
            event.entityId(),
            event.entityType(),
            version,
            event.tsMs(),
            event.payload(),
            event.session(),
            event.sub(),
            event.n(),
            event.batchIndex()),
        null);
  }
}
