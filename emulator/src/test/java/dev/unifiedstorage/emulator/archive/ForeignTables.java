package dev.unifiedstorage.emulator.archive;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.IcebergBuild;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.avro.Avro;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.DataWriter;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Writes the tables of Iceberg Java that both readers are held against, beside those that {@code
 * write.py} has written; {@link ForeignTablesTest} says how to run it.
 */
final class ForeignTables {
  private static final List<String> NAMES =
      List.of(
          "ns",
          "epoch",
          "seq",
          "verb",
          "entityId",
          "entityType",
          "version",
          "ts",
          "payload",
          "life",
          "session",
          "n",
          "batchIndex",
          "sub",
          "events");
  private static final Set<String> REQUIRED = Set.of("ns", "epoch", "seq", "verb", "ts", "payload");
  private static final Set<String> WHOLE =
      Set.of("epoch", "seq", "version", "ts", "life", "n", "batchIndex", "events");
  private static final int INGEST_ID = 99;
  private static final long BASE_MS = 1_769_860_800_000L;

  private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private final ArrayNode cases = json.createArrayNode();
  private final List<JsonNode> events = new ArrayList<>();
  private final Path tables;
  private final JdbcCatalog catalog = new JdbcCatalog(properties -> io(), null, true);
  private FolderIO io;
  private int files;

  /** Something that is done to a table. */
  private interface Act {
    void to(Table table) throws IOException;
  }

  private ForeignTables(Path folder) throws IOException {
    tables = folder.resolve("tables");
    for (JsonNode event : json.readTree(folder.resolve("events.json").toFile())) {
      events.add(event);
    }
  }

  private FolderIO io() {
    return io;
  }

  /** Writes all of them anew into the folder that has {@code events.json}. */
  static void write(Path folder, Path scratch) throws IOException {
    new ForeignTables(folder).writeAll(folder.resolve("cases-java.json"), scratch);
  }

  private void writeAll(Path list, Path scratch) throws IOException {
    Files.createDirectories(scratch);
    io = new FolderIO(scratch);
    catalog.initialize(
        "foreign",
        Map.of(
            CatalogProperties.URI,
            "jdbc:sqlite:" + scratch.resolve("catalog.sqlite"),
            CatalogProperties.WAREHOUSE_LOCATION,
            "s3://archive",
            "jdbc.schema-version",
            "V1"));
    catalog.createNamespace(Namespace.of("foreign"));
    all();
    try (Stream<Path> old = Files.walk(tables)) {
      for (Path path : old.sorted((a, b) -> b.compareTo(a)).toList()) {
        if (tables.relativize(path).toString().startsWith("iceberg-java-")) {
          Files.delete(path);
        }
      }
    }
    Path from = scratch.resolve("archive");
    try (Stream<Path> written = Files.walk(from)) {
      for (Path path : written.filter(Files::isRegularFile).toList()) {
        Path to = tables.resolve(from.relativize(path).toString());
        Files.createDirectories(to.getParent());
        Files.copy(path, to);
      }
    }
    ObjectNode root = json.createObjectNode();
    root.put("version", IcebergBuild.version());
    root.set("tables", cases);
    Files.writeString(list, json.writeValueAsString(root) + "\n");
    catalog.close();
  }

  private void all() throws IOException {
    Schema plain = schema(Map.of());
    PartitionSpec none = PartitionSpec.unpartitioned();
    PartitionSpec day = PartitionSpec.builderFor(plain).day(EventsTable.INGEST).build();
    PartitionSpec ns = PartitionSpec.builderFor(plain).identity("ns").build();
    int half = events.size() / 2;
    Act twice =
        table -> {
          append(table, events.subList(0, half));
          append(table, events.subList(half, events.size()));
        };
    Map<String, String> gzip = Map.of(TableProperties.PARQUET_COMPRESSION, "gzip");
    Map<String, String> zstd = Map.of(TableProperties.PARQUET_COMPRESSION, "zstd");
    table("v1-gzip-day", 1, plain, day, with(gzip, dictionaries(false)), twice, null);
    table("v2-small-pages", 2, plain, none, with(zstd, SMALL), twice, null);
    Map<String, String> second = Map.of("write.parquet.page-version", "v2");
    Map<String, String> snappy = Map.of(TableProperties.PARQUET_COMPRESSION, "snappy");
    table("v2-pages-v2", 2, plain, ns, with(snappy, with(second, SMALL)), twice, null);
    Map<String, String> deltas = with(second, dictionaries(false));
    Map<String, String> bare = Map.of(TableProperties.PARQUET_COMPRESSION, "uncompressed");
    table("v2-pages-v2-delta", 2, plain, none, with(bare, deltas), twice, null);
    Map<String, String> bloom =
        Map.of(
            TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + "ns",
            "true",
            TableProperties.PARQUET_BLOOM_FILTER_MAX_BYTES,
            "64");
    table("v2-bloom", 2, plain, none, with(zstd, bloom), twice, null);
    Map<String, String> unknown =
        Map.of(
            TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + "ns",
            "false",
            TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + "seq",
            "false",
            TableProperties.DEFAULT_WRITE_METRICS_MODE,
            "counts");
    table("v2-no-statistics", 2, plain, none, with(zstd, unknown), twice, null);

    Schema decimals =
        schema(
            Map.of(
                "epoch", Types.IntegerType.get(),
                "seq", Types.DecimalType.of(9, 0),
                "version", Types.DecimalType.of(18, 0),
                "life", Types.DecimalType.of(38, 0),
                "ts", Types.TimestampType.withoutZone()));
    table("v2-decimals", 2, decimals, none, zstd, twice, null);
    Act widened =
        table -> {
          append(table, events.subList(0, half));
          table
              .updateSchema()
              .updateColumn("epoch", Types.LongType.get())
              .updateColumn("seq", Types.DecimalType.of(20, 0))
              .updateColumn("life", Types.DecimalType.of(38, 0))
              .moveFirst("payload")
              .commit();
          append(table, events.subList(half, events.size()));
        };
    Schema narrow =
        schema(
            Map.of(
                "epoch", Types.IntegerType.get(),
                "seq", Types.DecimalType.of(9, 0),
                "life", Types.DecimalType.of(18, 0)));
    table("v2-widened", 2, narrow, none, zstd, widened, null);
    Act byOthers =
        table -> {
          append(table, events.subList(0, half));
          table
              .updateSpec()
              .removeField(Expressions.ref("ns"))
              .addField(Expressions.bucket("ns", 4))
              .addField(Expressions.hour(EventsTable.INGEST))
              .commit();
          append(table, events.subList(half, events.size()));
        };
    table("v2-other-partitions", 2, plain, ns, zstd, byOthers, null);

    Schema nanos =
        schema(
            Map.of(
                "ts",
                Types.TimestampNanoType.withZone(),
                EventsTable.INGEST,
                Types.TimestampNanoType.withZone()));
    PartitionSpec hour = PartitionSpec.builderFor(nanos).hour(EventsTable.INGEST).build();
    table("v3-nanos-hour", 3, nanos, hour, zstd, twice, null);

    Act avro = table -> table.newAppend().appendFile(avro(table)).commit();
    table("v2-avro", 2, plain, none, zstd, avro, "expected a Parquet file, found AVRO");
    table("v2-position-deletes", 2, plain, none, zstd, this::positionDeletes, "delete file");
    table("v2-equality-deletes", 2, plain, none, zstd, this::equalityDeletes, "delete file");
    table("v3-deletion-vectors", 3, plain, none, zstd, this::deletionVectors, "delete file");
    Act applied =
        table -> {
          positionDeletes(table);
          applied(table);
        };
    table("v2-deletes-applied", 2, plain, none, zstd, applied, null);

    List<Types.NestedField> before = new ArrayList<>(plain.columns());
    before.removeIf(field -> field.name().equals("life"));
    Act withDefault =
        table -> {
          append(table, events.subList(0, half));
          table
              .updateSchema()
              .addColumn("life", Types.LongType.get(), "later", Literal.of(7L))
              .commit();
          append(table, events.subList(half, events.size()));
        };
    table("v3-default", 3, new Schema(before), none, zstd, withDefault, "column life: .*default");
  }

  /** Pages of a few rows, and row groups of a few pages. */
  private static final Map<String, String> SMALL =
      Map.of(
          TableProperties.PARQUET_PAGE_ROW_LIMIT, "4",
          TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, "100",
          TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT, "9",
          TableProperties.PARQUET_ROW_GROUP_CHECK_MAX_RECORD_COUNT, "9");

  private static Map<String, String> dictionaries(boolean on) {
    Map<String, String> properties = new HashMap<>();
    for (String name : NAMES) {
      properties.put(
          TableProperties.PARQUET_DICT_ENCODING_ENABLED_COLUMN_PREFIX + name, Boolean.toString(on));
    }
    return properties;
  }

  private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(some);
    all.putAll(more);
    return all;
  }

  private static Schema schema(Map<String, Type> types) {
    List<Types.NestedField> fields = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      String name = NAMES.get(i);
      Type normal = WHOLE.contains(name) ? Types.LongType.get() : Types.StringType.get();
      Type type = types.getOrDefault(name, normal);
      fields.add(
          REQUIRED.contains(name) ? required(i + 1, name, type) : optional(i + 1, name, type));
    }
    Type came = types.getOrDefault(EventsTable.INGEST, Types.TimestampType.withZone());
    fields.add(optional(INGEST_ID, EventsTable.INGEST, came));
    return new Schema(fields);
  }

  private void table(
      String name,
      int version,
      Schema schema,
      PartitionSpec spec,
      Map<String, String> properties,
      Act act,
      String refused)
      throws IOException {
    String full = "iceberg-java-" + name;
    TableIdentifier id = TableIdentifier.of("foreign", full);
    Map<String, String> all = new HashMap<>(properties);
    all.put(TableProperties.FORMAT_VERSION, Integer.toString(version));
    act.to(
        catalog
            .buildTable(id, schema)
            .withLocation("s3://archive/" + full)
            .withPartitionSpec(spec)
            .withProperties(all)
            .create());
    Table table = catalog.loadTable(id);
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    table = catalog.loadTable(id);
    String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
    Path kept = io.path(metadata);
    try (Stream<Path> paths = Files.list(kept.getParent())) {
      for (Path path : paths.filter(one -> one.toString().endsWith(".metadata.json")).toList()) {
        if (!path.equals(kept)) {
          Files.delete(path);
        }
      }
    }
    ObjectNode one = cases.addObject().put("name", full).put("metadata", metadata);
    if (refused != null) {
      one.put("refused", refused);
    }
  }

  private void append(Table table, List<JsonNode> some) throws IOException {
    var append = table.newAppend();
    for (DataFile file : write(table, some)) {
      append.appendFile(file);
    }
    append.commit();
  }

  /** The files of some events, one a partition. */
  private List<DataFile> write(Table table, List<JsonNode> some) throws IOException {
    Map<PartitionKey, List<Record>> partitions = new LinkedHashMap<>();
    InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
    for (JsonNode event : some) {
      Record record = record(table.schema(), event);
      PartitionKey key = new PartitionKey(table.spec(), table.schema());
      key.partition(wrapper.wrap(record));
      partitions.computeIfAbsent(key, absent -> new ArrayList<>()).add(record);
    }
    List<DataFile> written = new ArrayList<>();
    for (Map.Entry<PartitionKey, List<Record>> partition : partitions.entrySet()) {
      var writer =
          Parquet.writeData(output(table, "parquet"))
              .forTable(table)
              .withSpec(table.spec())
              .withPartition(partition.getKey())
              .createWriterFunc(GenericParquetWriter::create)
              .<Record>build();
      try (writer) {
        writer.write(partition.getValue());
      }
      written.add(writer.toDataFile());
    }
    return written;
  }

  private DataFile avro(Table table) throws IOException {
    var writer =
        Avro.writeData(output(table, "avro"))
            .forTable(table)
            .withSpec(table.spec())
            .createWriterFunc(DataWriter::create)
            .<Record>build();
    try (writer) {
      for (JsonNode event : events) {
        writer.write(record(table.schema(), event));
      }
    }
    return writer.toDataFile();
  }

  private OutputFile output(Table table, String extension) {
    return io.newOutputFile(table.location() + "/data/" + files++ + "." + extension);
  }

  private static Record record(Schema schema, JsonNode event) {
    Record record = GenericRecord.create(schema);
    for (Types.NestedField field : schema.columns()) {
      record.setField(field.name(), value(field, event));
    }
    return record;
  }

  private static Object value(Types.NestedField field, JsonNode event) {
    Type type = field.type();
    if (field.name().equals(EventsTable.INGEST)) {
      return time(BASE_MS + event.path("seq").asLong() / 10 * 86_400_000, 0, type);
    }
    JsonNode value = event.path(field.name());
    if (value.isNull()) {
      return null;
    }
    return switch (type.typeId()) {
      case STRING -> value.textValue();
      case INTEGER -> value.intValue();
      case LONG -> value.longValue();
      case DECIMAL -> BigDecimal.valueOf(value.longValue());
      case TIMESTAMP -> time(value.longValue(), 999_000, type);
      case TIMESTAMP_NANO -> time(value.longValue(), 999_999, type);
      default -> throw new IllegalArgumentException(field.toString());
    };
  }

  private static Object time(long ms, long nanos, Type type) {
    Instant instant = Instant.ofEpochMilli(ms).plus(nanos, ChronoUnit.NANOS);
    boolean zoned =
        type instanceof Types.TimestampType micros
            ? micros.shouldAdjustToUTC()
            : ((Types.TimestampNanoType) type).shouldAdjustToUTC();
    return zoned
        ? OffsetDateTime.ofInstant(instant, ZoneOffset.UTC)
        : LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  /** Rows that should not be there, and the deletes of their places. */
  private void positionDeletes(Table table) throws IOException {
    DataFile file = withRowsTooMany(table);
    PositionDeleteWriter<Record> writer =
        Parquet.writeDeletes(output(table, "deletes.parquet"))
            .forTable(table)
            .rowSchema(null)
            .withSpec(table.spec())
            .buildPositionWriter();
    try (writer) {
      PositionDelete<Record> delete = PositionDelete.create();
      for (int i = 0; i < 2; i++) {
        writer.write(delete.set(file.location(), i));
      }
    }
    table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
  }

  private void equalityDeletes(Table table) throws IOException {
    withRowsTooMany(table);
    Schema columns = table.schema().select("ns", "epoch");
    EqualityDeleteWriter<Record> writer =
        Parquet.writeDeletes(output(table, "deletes.parquet"))
            .forTable(table)
            .withSpec(table.spec())
            .rowSchema(columns)
            .equalityFieldIds(1, 2)
            .createWriterFunc(GenericParquetWriter::create)
            .buildEqualityWriter();
    try (writer) {
      Record delete = GenericRecord.create(columns);
      delete.setField("ns", "a");
      delete.setField("epoch", 77L);
      writer.write(delete);
    }
    table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
  }

  private void deletionVectors(Table table) throws IOException {
    DataFile file = withRowsTooMany(table);
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PUFFIN).build();
    BaseDVFileWriter writer = new BaseDVFileWriter(outputs, path -> null);
    try (writer) {
      writer.delete(file.location(), 0, table.spec(), null);
      writer.delete(file.location(), 1, table.spec(), null);
    }
    RowDelta delta = table.newRowDelta();
    writer.result().deleteFiles().forEach(delta::addDeletes);
    delta.commit();
  }

  private DataFile withRowsTooMany(Table table) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    for (int seq = 31; seq <= 32; seq++) {
      all.add(
          ((ObjectNode) events.get(0).deepCopy()).put("ns", "a").put("epoch", 77).put("seq", seq));
    }
    all.addAll(events);
    DataFile file = write(table, all).get(0);
    table.newAppend().appendFile(file).commit();
    return file;
  }

  /** Writes the file of a table without what is deleted from it, as a compaction does. */
  private void applied(Table table) throws IOException {
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        var rewrite =
            table
                .newRewrite()
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .deleteFile(task.file());
        for (DeleteFile delete : task.deletes()) {
          rewrite.deleteFile(delete);
        }
        write(table, events).forEach(rewrite::addFile);
        rewrite.commit();
      }
    }
    for (ManifestFile manifest : table.currentSnapshot().deleteManifests(io)) {
      if (manifest.hasAddedFiles() || manifest.hasExistingFiles()) {
        throw new IllegalStateException("a delete file is left: " + manifest);
      }
    }
  }
}
