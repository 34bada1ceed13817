package dev.unifiedstorage.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.driver.ServerProcess;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The archive from outside: the SQL of {@code docs/query.md}, run by DuckDB over the catalog of an
 * emulator that the demo's flights went through.
 *
 * <p>What the answers must be is computed from the input files, or asked of the store.
 */
class ArchiveQueryTest {
  private static final String FLIGHTS = "flights";
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final long POLL_NANOS = 20_000_000;
  private static final int LATE_MINUTES = 15;
  private static final int SHOWN = 5;

  @TempDir static Path folder;

  private static QueryPage page;
  private static Expected expected;
  private static ServerProcess server;
  private static StoreClient store;
  private static ArchiveEngine engine;
  private static long records;

  @BeforeAll
  static void replayFlights() throws IOException, SQLException {
    page = QueryPage.read(Path.of("../docs/query.md"));
    InputFiles input = new InputFiles(Path.of("node_modules/vega-datasets/data"));
    List<Airport> airports = input.airports();
    List<Flight> flights = input.flights("2k");
    Feed feed = Feed.of(flights);
    expected = new Expected(airports, flights, feed.end());

    Path jar = Path.of(System.getProperty("emulator.jar"));
    assertTrue(Files.exists(jar), jar + " is not there: mvn -pl emulator,demo -am verify makes it");
    int port = ServerProcess.freePort();
    List<String> command =
        ServerProcess.emulatorCommand(
            jar, folder.resolve("data"), port, List.of("--roll-interval", "200"));
    // A short life: what the second compiler would win, it does not live to see.
    command.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    server = ServerProcess.start(command, port, folder.resolve("server.log"), DEADLINE);
    store = StoreClient.connect(ClientOptions.of(server.http().socket(FLIGHTS)));
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Progress progress = new Progress(nowhere, false, Replay.operations(airports, feed));
    new Replay(List.of(store), 512).run(airports, feed, progress);
    archived(Replay.operations(airports, feed) + 1);

    engine = new ArchiveEngine(URI.create("http://127.0.0.1:" + port), folder);
    engine.show(engine.table().newScan());
    for (QueryPage.Snippet snippet : page.snippets()) {
      if (snippet.table().isEmpty()) {
        assertTrue(snippet.sql().startsWith("CREATE VIEW"), snippet::sql);
        engine.execute(snippet.sql());
      }
    }
  }

  @AfterAll
  static void stop() throws IOException, SQLException {
    if (engine != null) {
      engine.close();
    }
    if (store != null) {
      store.close();
    }
    if (server != null) {
      server.close();
    }
  }

  /** Waits until the table has that many more records of the log. */
  private static void archived(long more) throws IOException {
    records += more;
    long end = System.nanoTime() + DEADLINE.toNanos();
    JsonNode status = server.http().json("GET", "/archive", null);
    while (status.path("nextOffset").asLong() < records) {
      assertTrue(System.nanoTime() < end, "expected " + records + " records, last seen " + status);
      LockSupport.parkNanos(POLL_NANOS);
      status = server.http().json("GET", "/archive", null);
    }
    assertEquals(records, status.path("logEnd").asLong());
  }

  @Test
  void everyTableOfThePageIsWhatItsQueryAnswers() throws SQLException {
    for (QueryPage.Snippet snippet : page.snippets()) {
      if (!snippet.table().isEmpty()) {
        List<List<String>> answer = engine.execute(snippet.sql());
        int columns = answer.get(0).size();
        List<List<String>> printed =
            snippet.table().stream().map(row -> row.subList(0, columns)).toList();
        assertEquals(printed, answer, snippet.sql());
      }
    }
  }

  @Test
  void operatorsQueryFindsWhatIsMissing() throws IOException, SQLException {
    QueryPage operating = QueryPage.read(Path.of("../docs/guide/operating.md"));
    assertEquals(1, operating.snippets().size());
    String query = operating.snippets().get(0).sql();
    assertEquals(List.of(), engine.rows(query));
    String holed =
        query.replace(
            "FROM events", "FROM (SELECT * FROM events WHERE ns <> 'flights' OR seq <> 7)");
    List<List<String>> found = engine.rows(holed);
    assertEquals(1, found.size());
    assertEquals(List.of(FLIGHTS, "1"), List.of(found.get(0).get(0), found.get(0).get(2)));
  }

  @Test
  void retentionsQueryNamesTheStoresWithoutASnapshotFirst() throws IOException, SQLException {
    QueryPage retention = QueryPage.read(Path.of("../docs/retention.md"));
    assertEquals(1, retention.snippets().size());
    String query = retention.snippets().get(0).sql();
    engine.show(engine.table().newScan());
    assertEquals("0", row(FLIGHTS, engine.rows(query)).get(1));
    JsonNode made = server.http().json("POST", "/stores/" + FLIGHTS + "/snapshot", null);
    archived(made.path("parts").asInt() + 1);
    engine.show(engine.table().newScan());
    List<List<String>> stores = engine.rows(query);
    assertEquals(made.path("atMs").asText(), row(FLIGHTS, stores).get(1));
    assertEquals(stores.size() - 1, stores.indexOf(row(FLIGHTS, stores)), stores::toString);
    // A snapshot is no event, and hides none.
    String events = "SELECT count(*) FROM events WHERE ns LIKE '%/snapshots'";
    assertEquals(List.of(List.of("0")), engine.rows(events));
    QueryPage operating = QueryPage.read(Path.of("../docs/guide/operating.md"));
    assertEquals(List.of(), engine.rows(operating.snippets().get(0).sql()));
  }

  private static List<String> row(String store, List<List<String>> rows) {
    return rows.stream().filter(one -> one.get(0).equals(store)).findFirst().orElseThrow();
  }

  /** What an origin's flights came to. */
  private record Delays(long departed, long landed, long late, long minutes) {
    Delays plus(Delays more) {
      return new Delays(
          departed + more.departed, landed + more.landed, late + more.late, minutes + more.minutes);
    }
  }

  @Test
  void lateFlightsAreThoseOfTheInput() throws SQLException {
    Map<String, Delays> origins = new TreeMap<>();
    for (Flight flight : expected.flights()) {
      boolean landed = flight.landing() <= expected.end();
      boolean late = landed && flight.delay() > LATE_MINUTES;
      Delays one = new Delays(1, landed ? 1 : 0, late ? 1 : 0, landed ? flight.delay() : 0);
      origins.merge(flight.origin(), one, Delays::plus);
    }
    List<List<String>> right =
        origins.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.comparingLong(Delays::late).reversed()))
            .limit(SHOWN)
            .map(
                entry -> {
                  Delays sum = entry.getValue();
                  return List.of(
                      entry.getKey(),
                      Long.toString(sum.departed()),
                      Long.toString(sum.landed()),
                      Long.toString(sum.late()),
                      Long.toString(sum.minutes()));
                })
            .toList();
    assertEquals(right, engine.rows(page.about("origin").sql()));
  }

  @Test
  void theLatestStateIsWhatTheStoreSays() throws IOException, SQLException {
    assertEquals(List.of(), new Verifier(store, expected).mismatches());
    ObjectNode folded = StoreSocket.JSON.createObjectNode();
    for (List<String> row :
        engine.rows("SELECT entityId, thing FROM things WHERE ns = 'flights'")) {
      folded.set(row.get(0), StoreSocket.JSON.readTree(row.get(1)));
    }
    assertEquals(expected.things(), folded.size());
    List<String> ids = new ArrayList<>();
    folded.fieldNames().forEachRemaining(ids::add);
    String path = "/stores/" + FLIGHTS + "/requests";
    for (int from = 0; from < ids.size(); from += 500) {
      ObjectNode read = StoreSocket.JSON.createObjectNode().put("type", "read");
      ids.subList(from, Math.min(from + 500, ids.size())).forEach(read.withArray("$ids")::add);
      server
          .http()
          .json("POST", path, read.toString())
          .path("things")
          .properties()
          .forEach(thing -> assertEquals(thing.getValue(), folded.remove(thing.getKey())));
    }
    assertTrue(folded.isEmpty(), folded::toString);
  }

  @Test
  void repeatedRecordsAndThoseOfBranchesDoNotCount() throws IOException, SQLException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                fence(1, 0),
                record(1, 1, "created", "a", "'n':1,'tags':{'x':1,'y':2},'note':'first'"),
                record(1, 2, "updated", "a", "'tags':{'x':9},'note':null"),
                record(1, 3, "updated", "a", "'n':99"),
                record(1, 4, "created", "ghost", "'n':1"),
                fence(2, 2),
                record(2, 3, "updated", "a", "'n':2"),
                record(2, 4, "created", "b", "'k':1"),
                record(2, 5, "deleted", "b", "'$deletedAt':1"),
                record(2, 6, "created", "b", "'m':1"),
                record(2, 7, "created", "c", "'n':1"),
                record(2, 8, "deleted", "c", "'$deletedAt':1"),
                record(2, 9, "updated", "a", "'n':77"),
                fence(3, 8),
                record(3, 9, "created", "d", "'n':1"),
                fence(4, 9)));
    // The order in which records come says nothing.
    Collections.reverse(lines);
    send(lines);
    send(lines.subList(5, 12));
    Table table = engine.table();
    int all = engine.show(table.newScan());
    int planned = engine.show(table.newScan().filter(Expressions.equal("ns", "rules")));
    assertTrue(planned < all, planned + " of " + all + " files are planned for one namespace");
    assertEquals(
        List.of(List.of("23")),
        engine.rows("SELECT count(*) FROM archive.unified_storage.events WHERE ns = 'rules'"));
    assertEquals(
        List.of("1 1", "1 2", "2 3", "2 4", "2 5", "2 6", "2 7", "2 8", "3 9"),
        engine.rows("SELECT epoch, seq FROM events WHERE ns = 'rules' ORDER BY seq").stream()
            .map(row -> String.join(" ", row))
            .toList());
    List<JsonNode> things = new ArrayList<>();
    for (List<String> row :
        engine.rows("SELECT thing FROM things WHERE ns = 'rules' ORDER BY entityId")) {
      things.add(StoreSocket.JSON.readTree(row.get(0)));
    }
    List<JsonNode> right = new ArrayList<>();
    for (String thing :
        List.of(
            "'$id':'a','n':2,'note':null,'tags':{'x':9}", "'$id':'b','m':1", "'$id':'d','n':1")) {
      right.add(StoreSocket.JSON.readTree(json(thing)));
    }
    assertEquals(right, things);
    engine.show(table.newScan());
  }

  @Test
  void packedRecordsAnswerAsTheirEventsWould() throws IOException, SQLException {
    String packed =
        json(
            "'verb':'store.events','store':'things','payload':{'lastSeq':4,'events':["
                + "['C',0,1,'T','a',{'n':1,'note':'zo\u00eb,,x'}],['U',5,2,'T','a',{'n':null}],"
                + "['C',6,1,'T','b',{},{'v':1,'session':'s','n':1}],['D',7,1,'T','b',{}]]},"
                + "'timestamp':'t','idempotencyKey':'store:events-4','ns':'rules','epoch':1,'life':%d,'seq':1,"
                + "'events':4,'ts':100",
            life(1));
    List<String> lines =
        List.of(fence(1, 0), packed, packed, record(1, 5, "updated", "a", "'m':3")).stream()
            .map(line -> line.replace("\"rules\"", "\"packed\""))
            .toList();
    send(lines);
    engine.show(engine.table().newScan());
    List<String> found =
        engine
            .rows(
                "SELECT seq, verb, entityId, entityType, version, ts FROM events"
                    + " WHERE ns = 'packed' ORDER BY seq")
            .stream()
            .map(row -> String.join(" ", row).strip())
            .toList();
    assertEquals(
        List.of(
            "1 thing.created a T 1 100",
            "2 thing.updated a T 2 105",
            "3 thing.created b T 1 106",
            "4 thing.deleted b T 1 107",
            "5 thing.updated a T  1"),
        found);
    List<List<String>> things = engine.rows("SELECT thing FROM things WHERE ns = 'packed'");
    assertEquals(
        StoreSocket.JSON.readTree(
            json(
                "'$id':'a','$type':'T','$version':2,'n':null,'note':'zo\u00eb,,x','m':3,"
                    + "'$createdAt':100,'$updatedAt':105")),
        StoreSocket.JSON.readTree(things.get(0).get(0)));
    assertEquals(1, things.size());
  }

  @Test
  void aFilterOnTheNamespaceReachesTheFiles() throws IOException, SQLException {
    String explain = "EXPLAIN (FORMAT json) SELECT count(*) FROM events WHERE ns = 'flights'";
    JsonNode plan = StoreSocket.JSON.readTree(engine.rows(explain).get(0).get(1));
    List<JsonNode> scans =
        plan.findParents("name").stream()
            .filter(node -> node.path("name").asText().strip().equals("READ_PARQUET"))
            .toList();
    // Fences are read of all namespaces: no filter goes into a recursive part.
    assertTrue(
        scans.stream()
            .anyMatch(
                scan ->
                    scan.path("extra_info").path("Filters").toString().contains("ns='flights'")),
        plan::toString);
  }

  private static void send(List<String> lines) throws IOException {
    server.http().json("POST", "/pipelines/events", "[" + String.join(",", lines) + "]");
    archived(lines.size());
  }

  /** The fence of the life of an epoch, which goes on from the one before behind an event. */
  private static String fence(int epoch, int parentSeq) {
    return json(
        "'verb':'store.fence','store':'things','payload':{'parent':%d,'parentSeq':%d},"
            + "'timestamp':'t','idempotencyKey':'f%d','ns':'rules','epoch':%d,'life':%d,'seq':0,'ts':%d",
        epoch == 1 ? 0 : life(epoch - 1), parentSeq, epoch, epoch, life(epoch), epoch);
  }

  private static long life(int epoch) {
    return 5_000_000_000L + epoch;
  }

  private static String record(int epoch, int seq, String verb, String id, String fields) {
    return json(
        "'verb':'thing.%s','store':'things','payload':{'$id':'%s',%s},'timestamp':'t','idempotencyKey':'%s:%d.%d',"
            + "'ns':'rules','epoch':%d,'life':%d,'seq':%d,'entityId':'%s','entityType':'T','ts':1",
        verb, id, fields, id, epoch, seq, epoch, life(epoch), seq, id);
  }

  private static String json(String fields, Object... values) {
    return "{" + fields.formatted(values).replace('\'', '"') + "}";
  }

  @Test
  void anOlderSnapshotAnswersAsItDidAndExpiringLosesNoEvent() throws IOException, SQLException {
    String count = "SELECT count(*) FROM archive.unified_storage.events";
    Table table = engine.table();
    for (Snapshot snapshot : table.snapshots()) {
      engine.show(table.newScan().useSnapshot(snapshot.snapshotId()));
      String total = snapshot.summary().get("total-records");
      assertEquals(List.of(List.of(total)), engine.rows(count));
    }
    assertEquals(
        1, server.http().json("POST", "/archive/expire?keep=1", "").path("snapshots").asInt());
    engine.show(engine.table().newScan());
    assertEquals(List.of(List.of(Long.toString(records))), engine.rows(count));
  }
}
