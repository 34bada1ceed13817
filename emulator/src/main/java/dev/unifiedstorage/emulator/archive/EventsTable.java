package dev.unifiedstorage.emulator.archive;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.apache.iceberg.types.Types;

/**
 * The table {@code unified_storage.events}, and the catalog that knows it: SQLite for the names, a
 * folder for the files.
 *
 * <p>It has one column for each flat field of a record, the payload as JSON text, and when the sink
 * took the record in. That, the partitions by day and the lack of any order are how Cloudflare's
 * sink writes; the properties below say what is set besides.
 *
 * <p>Two properties of the table belong to the sink. {@link #NEXT_OFFSET} says how far the log is
 * in the table. It changes in the same commit as the rows, and unlike a snapshot's summary it
 * outlives the snapshot. {@link #MISSING} is there when the log had been cut before the table
 * existed, as when someone deletes the table: readers refuse such a table, for they cannot tell
 * what it lacks.
 */
final class EventsTable implements AutoCloseable {
  static final String BUCKET = "archive";
  static final Namespace NAMESPACE = Namespace.of("unified_storage");
  static final TableIdentifier NAME = TableIdentifier.of(NAMESPACE, "events");
  static final String NEXT_OFFSET = "unified-storage.sink.next-offset";
  static final String MISSING = "unified-storage.sink.missing-offsets";

  /** When the sink took a record in. */
  static final String INGEST = "__ingest_ts";

  /** In a snapshot's summary: the records it holds, by their offsets in the log. */
  static final String BATCH = "unified-storage.batch";

  /** In a snapshot's summary: how many of them did not fit the schema and were dropped. */
  static final String DROPPED = "unified-storage.dropped-records";

  static final Schema SCHEMA =
      new Schema(
          required(1, "ns", Types.StringType.get()),
          required(2, "epoch", Types.LongType.get()),
          required(3, "seq", Types.LongType.get()),
          required(4, "verb", Types.StringType.get()),
          required(5, "store", Types.StringType.get()),
          optional(6, "entityId", Types.StringType.get()),
          optional(7, "entityType", Types.StringType.get()),
          optional(8, "version", Types.LongType.get()),
          required(9, "ts", Types.LongType.get()),
          required(10, "idempotencyKey", Types.StringType.get()),
          required(11, "payload", Types.StringType.get()),
          required(12, INGEST, Types.TimestampType.withZone()),
          optional(13, "life", Types.LongType.get()),
          optional(14, "session", Types.StringType.get()),
          optional(15, "n", Types.LongType.get()),
          optional(16, "batchIndex", Types.LongType.get()),
          optional(17, "sub", Types.StringType.get()),
          optional(18, "events", Types.LongType.get()));

  private static final PartitionSpec BY_DAY = PartitionSpec.builderFor(SCHEMA).day(INGEST).build();

  /** The sink, readers and a few clients at a time. */
  private static final int CONNECTIONS = 4;

  /** Readers do not hold up the sink, commits are synced, and writers wait for each other. */
  private static final String SQLITE = "?journal_mode=WAL&synchronous=FULL&busy_timeout=5000";

  private static final String DICTIONARY =
      TableProperties.PARQUET_DICT_ENCODING_ENABLED_COLUMN_PREFIX;

  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          Map.entry(TableProperties.FORMAT_VERSION, "2"),
          Map.entry(TableProperties.PARQUET_COMPRESSION, "zstd"),
          // The lowest level: writing is a third faster, and files are a few percent larger.
          Map.entry(TableProperties.PARQUET_COMPRESSION_LEVEL, "1"),
          // A reader holds one row group of a file; a Worker has 128 MB for everything.
          Map.entry(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, Integer.toString(16 << 20)),
          Map.entry(TableProperties.MANIFEST_MIN_MERGE_COUNT, "10"),
          Map.entry(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true"),
          Map.entry(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "10"),
          // Readers prune by ns: namespaces that share their first characters need whole bounds.
          Map.entry(TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + "ns", "full"),
          // These are not searched by value, and hardly two of them are the same.
          Map.entry(TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + "payload", "none"),
          Map.entry(TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + "idempotencyKey", "none"),
          Map.entry(TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + "payload", "false"),
          Map.entry(
              TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + "idempotencyKey", "false"),
          Map.entry(DICTIONARY + "payload", "false"),
          Map.entry(DICTIONARY + "idempotencyKey", "false"),
          Map.entry(DICTIONARY + "seq", "false"),
          Map.entry(DICTIONARY + "ts", "false"));

  /**
   * Iceberg takes a commit a minute older than the last one; a clock may step once more by then.
   */
  private static final long MOST_AHEAD_MS = 30_000;

  private static final Pattern TIME =
      Pattern.compile("(\"(?:last-updated-ms|timestamp-ms)\"\\s*:\\s*)(\\d+)");

  private static final Pattern OLDER_METADATA =
      Pattern.compile("\"metadata-log\"\\s*:\\s*\\[[^]]*]");

  private final JdbcCatalog catalog;
  private final FolderIO io;
  private final StoreObserver observer;

  private EventsTable(JdbcCatalog catalog, FolderIO io, StoreObserver observer) {
    this.catalog = catalog;
    this.io = io;
    this.observer = observer;
  }

  /**
   * Opens the catalog, and creates it and the table if they are missing.
   *
   * @param firstOffset the oldest record in the log, for a table that begins with it
   */
  static EventsTable open(Path database, Path warehouse, long firstOffset, StoreObserver observer)
      throws IOException {
    Files.createDirectories(warehouse);
    FolderIO io = new FolderIO(warehouse);
    JdbcCatalog catalog =
        new JdbcCatalog(
            properties -> io,
            properties ->
                new JdbcClientPool(CONNECTIONS, properties.get(CatalogProperties.URI), properties),
            true);
    Map<String, String> properties = new HashMap<>();
    properties.put(CatalogProperties.URI, "jdbc:sqlite:" + database + SQLITE);
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, "s3://" + BUCKET);
    properties.put("jdbc.schema-version", "V1");
    catalog.initialize("emulator", properties);
    EventsTable table = new EventsTable(catalog, io, observer);
    table.loadOrCreate(firstOffset);
    return table;
  }

  JdbcCatalog catalog() {
    return catalog;
  }

  FolderIO io() {
    return io;
  }

  /** The table as it is now; throws {@code NoSuchTableException} when someone dropped it. */
  Table load() {
    return catalog.loadTable(NAME);
  }

  /** The table as it is now, or a new one. */
  synchronized Table loadOrCreate(long firstOffset) {
    if (catalog.tableExists(NAME)) {
      return withAllColumns(withoutFuture(load()));
    }
    if (!catalog.namespaceExists(NAMESPACE)) {
      catalog.createNamespace(NAMESPACE);
    }
    Map<String, String> properties = new HashMap<>(PROPERTIES);
    properties.put(NEXT_OFFSET, Long.toString(firstOffset));
    if (firstOffset > 0) {
      properties.put(MISSING, "0-" + (firstOffset - 1));
    }
    try {
      return catalog.createTable(NAME, SCHEMA, BY_DAY, properties);
    } catch (AlreadyExistsException e) {
      // A client of the REST catalog was faster.
      return load();
    }
  }

  /**
   * Sets the times of a table back to the clock where they are ahead of it: the clock was set back,
   * or a clock that was ahead wrote the folder. Iceberg commits nothing to such a table.
   */
  private Table withoutFuture(Table table) {
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata found = operations.current();
    // Iceberg stamps commits with this clock, also when the objects run by a virtual one.
    long nowMs = System.currentTimeMillis();
    long aheadMs = newestMs(found) - nowMs;
    if (aheadMs <= MOST_AHEAD_MS) {
      return table;
    }
    observer.warning(
        "the last commit to table "
            + NAME
            + " is "
            + aheadMs / 1_000
            + " s ahead of the clock, as after a clock was set back; the table's times are set to"
            + " the clock's, because Iceberg would refuse every commit until then");
    // Its older metadata goes: a file counts as removed when its time has changed.
    String before =
        "\"metadata-log\":[{\"timestamp-ms\":"
            + nowMs
            + ",\"metadata-file\":\""
            + found.metadataFileLocation()
            + "\"}]";
    String mended =
        TIME.matcher(TableMetadataParser.toJson(found))
            .replaceAll(time -> time.group(1) + Math.min(nowMs, Long.parseLong(time.group(2))));
    mended = OLDER_METADATA.matcher(mended).replaceAll(Matcher.quoteReplacement(before));
    operations.commit(found, TableMetadataParser.fromJson(mended));
    return load();
  }

  /** The newest moment that the next commit is compared with. */
  private static long newestMs(TableMetadata metadata) {
    long newest = metadata.lastUpdatedMillis();
    for (HistoryEntry entry : metadata.snapshotLog()) {
      newest = Math.max(newest, entry.timestampMillis());
    }
    return newest;
  }

  /** Adds the columns that came later to a table from before them; they are null in its files. */
  private static Table withAllColumns(Table table) {
    UpdateSchema update = table.updateSchema();
    boolean any = false;
    for (Types.NestedField field : SCHEMA.columns()) {
      if (field.isOptional() && table.schema().findField(field.name()) == null) {
        update.addColumn(field.name(), field.type());
        any = true;
      }
    }
    if (any) {
      update.commit();
    }
    return table;
  }

  /** The columns of {@link #SCHEMA} with the ids that they have in a table. */
  static Schema schemaOf(Table table) {
    List<Types.NestedField> fields = new ArrayList<>();
    for (Types.NestedField field : SCHEMA.columns()) {
      Types.NestedField found = table.schema().findField(field.name());
      fields.add(found == null ? field : found);
    }
    return new Schema(fields);
  }

  /** How far the log is in the table: the offset of the first record that is not. */
  static long nextOffset(Table table) {
    return Long.parseLong(table.properties().getOrDefault(NEXT_OFFSET, "0"));
  }

  /** Forgets all snapshots but the last {@code keep}, with the files that only they needed. */
  void expire(Table table, int keep) {
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(keep).commit();
  }

  static int snapshots(Table table) {
    int count = 0;
    for (Snapshot snapshot : table.snapshots()) {
      count += snapshot == null ? 0 : 1;
    }
    return count;
  }

  @Override
  public void close() {
    catalog.close();
  }
}
