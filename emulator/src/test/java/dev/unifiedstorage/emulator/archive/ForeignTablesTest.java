package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same events in the files and tables of other engines, with odd settings: each is read
 * exactly, or refused by an error that says what it cannot read.
 *
 * <p>The Worker's reader is held against the same ones. {@code write.py} and {@code
 * write-arrow-rs.mjs} beside them wrote most; those of Iceberg Java are written anew by {@code mvn
 * -pl emulator -am test -Dtest=ForeignTablesTest#write -Dsurefire.failIfNoSpecifiedTests=false
 * -Dforeign.write=true}.
 */
class ForeignTablesTest {
  private static final Path DATA = Path.of("../iceberg-reader-js/test/data/engines");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double ALL = Double.POSITIVE_INFINITY;
  private static final long BASE_MS = 1_769_860_800_000L;
  private static final long DAY_MS = 86_400_000;

  private static final List<Query> QUERIES =
      List.of(
          Query.events("a", 0),
          Query.events("b", 0),
          Query.events("aa", 0),
          Query.events("absent", 0),
          Query.events("a", 9),
          new Query("a", 4, 16, null, false),
          Query.events("a", 99),
          Query.of("a", Set.of("thing-3"), ALL));

  @TempDir static Path folder;
  private static ArchiveFixture fixture;

  /** A file or a table, by what it is called. */
  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.path("name").textValue();
    }

    private boolean isRefused() {
      return json.has("refused") && json.path("refusedBy").asText("emulator").equals("emulator");
    }

    private boolean lacks(String column) {
      return json.path("without").valueStream().anyMatch(name -> name.textValue().equals(column));
    }
  }

  static Stream<Case> files() throws IOException {
    return Stream.concat(cases("cases.json", "files"), cases("cases-arrow-rs.json", "files"));
  }

  static Stream<Case> tables() throws IOException {
    return Stream.concat(cases("cases.json", "tables"), cases("cases-java.json", "tables"));
  }

  private static Stream<Case> cases(String file, String kind) throws IOException {
    return JSON.readTree(DATA.resolve(file).toFile()).path(kind).valueStream().map(Case::new);
  }

  @BeforeAll
  static void open() {
    fixture = new ArchiveFixture(folder);
  }

  @AfterAll
  static void close() throws InterruptedException {
    fixture.close();
  }

  @BeforeEach
  void drop() throws IOException {
    fixture.archive.table().catalog().dropTable(EventsTable.NAME, true);
  }

  @Test
  @EnabledIfSystemProperty(named = "foreign.write", matches = "true")
  void write() throws IOException {
    ForeignTables.write(DATA, folder.resolve("written"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileIsReadExactlyOrRefusedByName(Case one) throws Exception {
    EventsTable events = fixture.archive.table();
    Path file = DATA.resolve("files/" + one + ".parquet");
    String location = "s3://archive/" + one + ".parquet";
    Files.createDirectories(events.io().path(location).getParent());
    Files.copy(file, events.io().path(location));
    Table table =
        events
            .catalog()
            .createTable(
                EventsTable.NAME,
                schema(one.json.path("types")),
                null,
                Map.of(TableProperties.FORMAT_VERSION, "3"));
    table
        .newAppend()
        .appendFile(
            DataFiles.builder(table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(Files.size(file))
                .withRecordCount(one.json.path("rows").asInt(1))
                .build())
        .commit();
    hold(one);
  }

  @ParameterizedTest
  @MethodSource("tables")
  void aTableIsReadExactlyOrRefusedByName(Case one) throws Exception {
    EventsTable events = fixture.archive.table();
    Path from = DATA.resolve("tables");
    Path to = fixture.archive.warehouse().resolve(EventsTable.BUCKET);
    try (Stream<Path> paths = Files.walk(from.resolve(one.toString()))) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(path).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(path, copy);
      }
    }
    events.catalog().registerTable(EventsTable.NAME, one.json.path("metadata").textValue());
    hold(one);
    if (!one.isRefused()) {
      holdSince(one);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seq | string | an integer or a decimal of scale 0",
        "seq | decimal(38, 2) | an integer or a decimal of scale 0",
        "epoch | double | an integer or a decimal of scale 0",
        "life | boolean | an integer or a decimal of scale 0",
        "ns | binary | string",
        "ts | date | a time",
        "__ingest_ts | long | a time"
      })
  void aTableWhoseColumnsAreOfOtherTypesIsRefused(String name, String type, String expected)
      throws Exception {
    EventsTable events = fixture.archive.table();
    ObjectNode types = JSON.createObjectNode().put(name, type);
    events.catalog().createTable(EventsTable.NAME, schema(types));
    assertEquals(
        List.of(
            "namespace a: table unified_storage.events: column "
                + name
                + ": expected the type "
                + expected
                + ", found "
                + type),
        fixture.read("a", 0));
  }

  @ParameterizedTest
  @CsvSource({
    "seq, 1.5",
    "seq, NaN",
    "epoch, 9.007199254740994E15",
    "ts, -Infinity",
    "version, 0.5",
  })
  void aRealThatIsNoWholeNumberIsRefusedInTheRowsThatAreAskedFor(String name, double value)
      throws Exception {
    EventsTable events = fixture.archive.table();
    Table table =
        events.catalog().createTable(EventsTable.NAME, schema(JSON.createObjectNode()), null);
    Schema file = schema(JSON.createObjectNode().put(name, "double"));
    var writer =
        Parquet.writeData(events.io().newOutputFile("s3://archive/reals/" + name + value))
            .schema(file)
            .withSpec(PartitionSpec.unpartitioned())
            .createWriterFunc(GenericParquetWriter::create)
            .<GenericRecord>build();
    try (writer) {
      for (String ns : List.of("a", "b")) {
        GenericRecord row = GenericRecord.create(file);
        row.setField("ns", ns);
        for (String number : List.of("epoch", "seq", "version", "ts")) {
          row.setField(number, 1L);
        }
        row.setField("verb", "thing.updated");
        row.setField("payload", "{}");
        row.setField(name, ns.equals("a") ? value : 1.0);
        writer.write(row);
      }
    }
    table.newAppend().appendFile(writer.toDataFile()).commit();
    assertEquals(List.of("1.1", "completed"), fixture.read("b", 0));
    List<String> answer = fixture.read("a", 0);
    String expected = ": column " + name + ": expected whole numbers within ±2^53, found " + value;
    assertEquals(1, answer.size(), answer::toString);
    assertTrue(answer.get(0).endsWith(expected), answer.get(0));
  }

  /** Whatever came since a moment comes, whatever else does. */
  private void holdSince(Case one) throws Exception {
    for (int day = 0; day < 4; day++) {
      Set<ArchivedEvent> missing = new HashSet<>();
      for (JsonNode event : events(one)) {
        if (event.path("ns").textValue().equals("a") && event.path("seq").asInt() / 10 >= day) {
          missing.add(expected(event, one));
        }
      }
      fixture.events(Query.events("a", 0).since(BASE_MS + day * DAY_MS)).forEach(missing::remove);
      assertEquals(Set.of(), missing, "day " + day);
    }
  }

  private void hold(Case one) throws Exception {
    JsonNode refused = one.json.path("refused");
    if (one.isRefused()) {
      Pattern pattern = Pattern.compile(refused.textValue(), Pattern.CASE_INSENSITIVE);
      for (boolean positions : new boolean[] {false, true}) {
        List<String> answer = fixture.read(new Query("a", 0, ALL, null, positions));
        String error = answer.get(answer.size() - 1);
        assertTrue(pattern.matcher(error).find(), error);
      }
      return;
    }
    for (Query query : QUERIES) {
      List<ArchivedEvent> expected = new ArrayList<>();
      for (JsonNode event : events(one)) {
        if (wants(query, event)) {
          expected.add(expected(event, one));
        }
      }
      expected.sort(
          Comparator.comparingDouble(ArchivedEvent::epoch).thenComparingDouble(ArchivedEvent::seq));
      assertEquals(expected, fixture.events(query), query::toString);
      if (query.entityIds() == null && query.untilSeq() == ALL && query.afterSeq() < 99) {
        holdPositions(query, expected);
      }
    }
  }

  private void holdPositions(Query query, List<ArchivedEvent> expected) throws Exception {
    Query positions = Query.positions(query.namespace(), query.afterSeq());
    assertEquals(
        expected.stream().map(ForeignTablesTest::position).toList(),
        fixture.events(positions).stream().map(ForeignTablesTest::position).toList(),
        positions::toString);
  }

  private static List<JsonNode> events(Case one) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    if (one.json.path("rows").asInt(1) == 0) {
      return events;
    }
    JsonNode lost = one.json.path("lost");
    for (JsonNode event : JSON.readTree(DATA.resolve("events.json").toFile())) {
      boolean isLost =
          event.path("ns").equals(lost.path(0))
              && event.path("seq").asInt() == lost.path(1).asInt();
      if (!isLost) {
        events.add(event);
      }
    }
    return events;
  }

  private static boolean wants(Query query, JsonNode event) {
    double seq = event.path("seq").doubleValue();
    if (!event.path("ns").textValue().equals(query.namespace())) {
      return false;
    }
    if (seq == 0) {
      return true;
    }
    return seq > query.afterSeq()
        && seq <= query.untilSeq()
        && (query.entityIds() == null
            || event.path("events").asInt() > 0
            || query.entityIds().contains(event.path("entityId").textValue()));
  }

  private static ArchivedEvent expected(JsonNode event, Case one) {
    JsonNode batchIndex = event.path("batchIndex");
    return new ArchivedEvent(
        event.path("epoch").doubleValue(),
        one.lacks("life") ? 0 : event.path("life").asDouble(),
        event.path("seq").doubleValue(),
        event.path("verb").textValue(),
        event.path("entityId").textValue(),
        event.path("entityType").textValue(),
        event.path("version").asDouble(),
        event.path("ts").doubleValue() + one.json.path("tsShift").asDouble(),
        event.path("payload").textValue(),
        one.lacks("session") ? null : event.path("session").textValue(),
        one.lacks("sub") ? null : event.path("sub").textValue(),
        one.lacks("n") ? 0 : event.path("n").asDouble(),
        one.lacks("batchIndex") || batchIndex.isNull() ? -1 : batchIndex.asInt(),
        one.lacks("events") ? 0 : event.path("events").asInt());
  }

  private static ArchivedEvent position(ArchivedEvent event) {
    return new ArchivedEvent(
        event.epoch(),
        event.life(),
        event.seq(),
        null,
        null,
        null,
        0,
        0,
        null,
        null,
        null,
        0,
        -1,
        event.events());
  }

  private static Schema schema(JsonNode types) throws IOException {
    List<Types.NestedField> fields = new ArrayList<>();
    JsonNode event = JSON.readTree(DATA.resolve("events.json").toFile()).get(0);
    Set<String> texts = Set.of("ns", "verb", "entityId", "entityType", "payload", "session", "sub");
    int id = 0;
    for (String name : (Iterable<String>) event::fieldNames) {
      id++;
      Type normal = texts.contains(name) ? Types.StringType.get() : Types.LongType.get();
      JsonNode other = types.path(name);
      Type type = other.isMissingNode() ? normal : Types.fromPrimitiveString(other.textValue());
      fields.add(Types.NestedField.optional(id, name, type));
    }
    if (types.has(EventsTable.INGEST)) {
      Type type = Types.fromPrimitiveString(types.path(EventsTable.INGEST).textValue());
      fields.add(Types.NestedField.optional(id + 1, EventsTable.INGEST, type));
    }
    return new Schema(fields);
  }
}
