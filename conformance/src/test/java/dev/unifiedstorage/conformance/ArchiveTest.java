package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What comes back from the archive: the tail of a killed life, and a store whose SQLite is lost.
 */
@Order(4)
class ArchiveTest {
  private static final Duration ROLL = Duration.ofMillis(500);
  private static final Duration LAG = Duration.ofSeconds(3);

  @TempDir private Path directory;
  private ArchivedServer archived;

  @AfterEach
  void close() throws IOException {
    if (archived != null) {
      archived.close();
    }
  }

  private StoreServer start(Setup setup, Duration rollInterval) throws IOException {
    archived = ArchivedServer.start(setup, directory, rollInterval);
    return archived.server();
  }

  /** Things of two types, changed, some of them deleted; their replies are awaited. */
  private static void fill(Session s) {
    for (int i = 0; i < 60; i++) {
      ObjectNode create = Session.createRequest("t" + i, "{'n':" + i + "}");
      s.call(create.put("$type", i % 3 == 0 ? "Order" : "Person")).ack();
    }
    for (int i = 0; i < 60; i += 4) {
      s.update("t" + i, "{'n':" + -i + ",'more':{'text':'zoë ☃','list':[1,null,true]}}").ack();
    }
    for (int i = 1; i < 60; i += 10) {
      s.delete("t" + i).ok();
    }
  }

  private static JsonNode everything(Session s) {
    String[] ids = new String[60];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = "t" + i;
    }
    return s.read(ids).json().path("things");
  }

  @Test
  void pipelineIsTheDefaultWhereAnArchiveIsReadAndSaysSo() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals("pipeline", s.stats().path("durability").asText());
      assertTrue(s.stats().path("tailRecoverable").asBoolean(), () -> "");
    }
  }

  @Test
  void killInsideTheArchivesLagTwiceInARowLosesNothing() throws Exception {
    StoreServer server = start(Setup.plain().with("CHECKPOINT_INTERVAL", "60000"), LAG);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      before = everything(s);
      server.process().kill();
    }
    archived.startAgain(Setup.plain().with("CHECKPOINT_INTERVAL", "60000"), LAG);
    try (Session s = server.open("store")) {
      // Killed again while it waits: the fence of this recovery is not in the archive either.
      new Reply(s.socket().call(Session.json("{'type':'read','$ids':['t0']}"))).error("RECOVERING");
      server.process().kill();
    }
    archived.startAgain(Setup.plain().with("CHECKPOINT_INTERVAL", "60000"), LAG);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      JsonNode recovery = s.stats().path("recovery");
      assertEquals(60 + 15 + 6, recovery.path("eventsReplayed").asInt(), recovery::toString);
      s.create("after", "{}").ack();
      server.process().kill();
    }
    archived.startAgain(Setup.plain(), LAG);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      assertEquals(1, s.thing("after").path("$version").asInt());
    }
  }

  @Test
  void cleanStartNeverWaitsForTheArchive() throws Exception {
    StoreServer server = start(Setup.plain(), LAG);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      server.http().checkpoint("store");
      before = everything(s);
    }
    Until.within(Duration.ofSeconds(20))
        .sees(
            "a clean checkpoint behind the last socket",
            () -> server.http().stats("store").path("dirty").asInt(-1),
            dirty -> dirty == 0);
    server.process().terminate(Duration.ofSeconds(5));
    archived.startAgain(Setup.plain(), LAG);
    archived.stallSink();
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      assertEquals("sqlite", s.stats().path("recovery").path("source").asText());
    }
  }

  @Test
  void deletedSqliteComesBackFromTheArchive() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      before = everything(s);
      archived.awaitArchived();
      loseFiles(server);
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      assertEquals("iceberg", s.stats().path("recovery").path("source").asText());
      s.create("after", "{}").ack();
    }
    // The rebuilt state is in SQLite: the next start needs no archive for it.
    server.process().terminate(Duration.ofSeconds(5));
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      assertEquals("sqlite", s.stats().path("recovery").path("source").asText());
      assertEquals(1, s.thing("after").path("$version").asInt());
    }
  }

  @Test
  void storeComesBackFromASnapshotWhereEverythingBeforeItIsErased() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    JsonNode before;
    JsonNode then;
    String at;
    try (Session s = server.open("store")) {
      fill(s);
      then = everything(s);
      archived.awaitArchived();
      long beganMs = System.currentTimeMillis();
      HttpResponse<String> refused = archived.erase("before=" + beganMs);
      assertEquals(409, refused.statusCode());
      assertTrue(refused.body().contains("store=no whole snapshot"), refused.body());
      JsonNode snapshot = server.http().json("POST", "/stores/store/snapshot", null);
      assertEquals(54, snapshot.path("things").asInt(), snapshot::toString);
      assertEquals(snapshot, s.stats().path("snapshot"));
      at = snapshot.path("at").asText();
      archived.awaitArchived();
      HttpResponse<String> erased = archived.erase("before=" + beganMs);
      assertEquals(200, erased.statusCode(), erased.body());
      assertTrue(Session.json(erased.body()).path("rows").asInt() >= 81, erased.body());
      s.update("t0", "{'n':1000}").ack();
      before = everything(s);
      archived.awaitArchived();
      loseFiles(server);
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      JsonNode recovery = s.stats().path("recovery");
      assertEquals(1, recovery.path("eventsReplayed").asInt(), recovery::toString);
      assertEquals("iceberg", recovery.path("source").asText());
      JsonNode past =
          s.call(Session.json("{'type':'read','$ids':['t0','t1','t59'],'at':'" + at + "'}")).json();
      assertEquals(then.path("t0"), past.path("things").path("t0"), past::toString);
      assertEquals(then.path("t59"), past.path("things").path("t59"));
      assertTrue(past.path("things").path("t1").isMissingNode());
      JsonNode history = server.http().json("GET", "/stores/store/history/t0", null);
      assertEquals("store.snapshot", history.path("history").path(0).path("verb").asText());
      assertEquals(2, history.path("history").size(), history::toString);
    }
  }

  @Test
  void rowsOfOneNamespaceAreErasedAndOthersStay() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session kept = server.open("kept");
        Session erased = server.open("erased")) {
      kept.create("a", "{}").ack();
      erased.create("b", "{}").ack();
      server.http().json("POST", "/stores/erased/snapshot", null);
      archived.awaitArchived();
      HttpResponse<String> done = archived.erase("namespace=erased");
      assertEquals(200, done.statusCode(), done.body());
      // Its event, its fence, the part and the head of its snapshot.
      assertEquals(4, Session.json(done.body()).path("rows").asInt(), done.body());
      HttpResponse<String> gone = server.http().request("GET", "/stores/erased/history/b", null);
      assertTrue(gone.statusCode() != 200, gone.body());
      assertEquals(200, server.http().request("GET", "/stores/kept/history/a", null).statusCode());
      assertEquals(400, archived.erase("namespace=no/namespace").statusCode());
    }
  }

  @Test
  void damagedRowIsNamedAndTheStoreRebuilt() throws Exception {
    StoreServer server = start(Setup.plain().with("COLUMNAR_THRESHOLD", "30"), ROLL);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      server.http().checkpoint("store");
      before = everything(s);
      archived.awaitArchived();
      server.process().kill();
    }
    damageARow(server.data());
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      assertEquals("iceberg", s.stats().path("recovery").path("source").asText());
    }
    String output = server.process().output();
    assertTrue(output.contains("row collections[") || output.contains("row segments["), output);
    assertTrue(output.contains("rebuilt from the archive"), output);
  }

  @Test
  void fileThatIsNoDatabaseIsKeptAndTheStoreRebuilt() throws Exception {
    assumeTrue(
        Target.current().hasEmulatorRoutes(), "workerd ends an object whose file it cannot read");
    StoreServer server = start(Setup.plain(), ROLL);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      before = everything(s);
      server.process().kill();
    }
    byte[] garbage = "this is no database ".repeat(1_000).getBytes(StandardCharsets.UTF_8);
    for (Path file : storeFiles(server.data())) {
      Files.write(file, garbage);
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
    }
    String output = server.process().output();
    assertTrue(output.contains("It is kept as"), output);
    try (Stream<Path> files = Files.walk(server.data())) {
      Path kept =
          files.filter(f -> f.toString().endsWith(".sqlite.damaged-1")).findAny().orElseThrow();
      assertArrayEquals(garbage, Files.readAllBytes(kept));
    }
  }

  @Test
  void stalledSinkIsWaitedForAndSaidToBe() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    JsonNode before;
    try (Session s = server.open("store")) {
      fill(s);
      before = everything(s);
      archived.stallSink();
      server.process().kill();
    }
    archived.startAgain(Setup.plain(), ROLL);
    archived.stallSink();
    try (Session s = server.open("store")) {
      Reply waiting =
          Until.within(Duration.ofSeconds(20))
              .sees(
                  "what the recovery waits for",
                  () -> new Reply(s.socket().call(Session.json("{'type':'read','$ids':['t0']}"))),
                  reply -> reply.json().path("error").asText().contains("the probe"));
      waiting.error("RECOVERING");
      assertTrue(waiting.details().path("retryAfterMs").asInt() > 0, waiting::toString);
      s.ping().ok();
      archived.resumeSink();
      assertEquals(before, everything(s));
    }
  }

  @Test
  void forcedRebuildGivesTheSameState() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      fill(s);
      JsonNode before = everything(s);
      JsonNode result = server.http().json("POST", "/stores/store/rebuild", "");
      assertEquals("iceberg", result.path("source").asText(), result::toString);
      assertEquals(54, result.path("thingsLoaded").asInt(), result::toString);
      assertEquals(before, everything(s));
      s.update("t0", "{'n':7}").ack();
    }
  }

  @Test
  void pastCanBeReadAtASeqAndAtATime() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      s.create("a", "{'n':1}").ack();
      double createdAt = s.thing("a").path("$createdAt").asDouble();
      // The update must be later than the creation, by the server's clock.
      Until.within(Duration.ofSeconds(10))
          .sees(
              "a later update",
              () -> {
                s.update("a", "{'n':2}").ack();
                return s.thing("a").path("$updatedAt").asDouble();
              },
              updatedAt -> updatedAt > createdAt);
      s.delete("a").ok();
      archived.awaitArchived();
      assertEquals(1, at(s, "{'seq':1}").path("n").asInt());
      assertEquals(1, at(s, String.valueOf((long) createdAt)).path("$version").asInt());
      assertEquals(2, at(s, "{'seq':2}").path("n").asInt());
      assertTrue(at(s, "{'seq':999}").isMissingNode());
      JsonNode history = server.http().json("GET", "/stores/store/history/a", null);
      JsonNode versions = history.path("history");
      assertEquals("thing.created", versions.path(0).path("verb").asText(), history::toString);
      JsonNode last = versions.path(versions.size() - 1);
      assertEquals("thing.deleted", last.path("verb").asText(), history::toString);
      assertTrue(last.path("thing").isNull(), history::toString);
      new Reply(s.socket().call(Session.json("{'type':'read','$ids':['a'],'at':'noon'}")))
          .error("VALIDATION_ERROR");
    }
  }

  @Test
  void whatTheSinkRepeatsIsCountedAsSkipped() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      // The first request waits until the store knows that it is new.
      s.create("first", "{}").ack();
      archived.faultPipeline("duplicate", 0);
      var create = s.socket().send(Session.createRequest("a", "{}"));
      Until.within(Duration.ofSeconds(20))
          .sees(
              "a retry",
              () -> server.http().stats("store"),
              stats -> stats.at("/pipeline/retries").asInt() > 0);
      archived.faultPipeline("ok", 0);
      new Reply(StoreSocket.await(create)).ack();
      archived.awaitArchived();
      JsonNode recovery = server.http().json("POST", "/stores/store/rebuild", "");
      assertTrue(recovery.path("duplicatesSkipped").asInt() > 0, recovery::toString);
      assertEquals("a", s.thing("a").path("$id").asText());
    }
  }

  @Test
  void historyWaitsForTheSinkAndThatOfAnIdThatNeverWasIs404() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      archived.stallSink();
      s.create("fresh", "{}").ack();
      HttpResponse<String> early =
          server.http().request("GET", "/stores/store/history/fresh", null);
      assertEquals(503, early.statusCode(), early::body);
      assertEquals("UNAVAILABLE", Session.json(early.body()).at("/error/code").asText());
      archived.resumeSink();
      archived.awaitArchived();
      JsonNode history = server.http().json("GET", "/stores/store/history/fresh", null);
      assertEquals(1, history.path("history").size(), history::toString);
      HttpResponse<String> none = server.http().request("GET", "/stores/store/history/none", null);
      assertEquals(404, none.statusCode(), none::body);
      assertEquals("NOT_FOUND", Session.json(none.body()).at("/error/code").asText());
    }
  }

  @Test
  void emptyDatabaseOverAnothersLogRefusesUntilItIsToldToAdoptIt() throws Exception {
    StoreServer server = start(Setup.plain(), ROLL);
    try (Session s = server.open("theirs")) {
      s.create("a", "{'n':1}").ack();
      archived.awaitArchived();
    }
    // As if an object that is gone had written that under the name "store".
    StringBuilder theirs = new StringBuilder();
    for (JsonNode record : archived.records()) {
      String writer = record.at("/payload/writer").asText("none");
      String text =
          record.toString().replace("\"theirs\"", "\"store\"").replace(writer, "elsewhere");
      theirs.append(theirs.length() == 0 ? "[" : ",").append(text);
    }
    archived.send(theirs.append("]").toString());
    archived.awaitArchived();
    try (Session s = server.open("store")) {
      Reply refused = s.call(Session.json("{'type':'read','$ids':['a']}")).error("UNAVAILABLE");
      String error = refused.json().path("error").asText();
      assertTrue(error.contains("writer elsewhere") && error.contains("ADOPT_LOG=true"), error);
      server.process().kill();
    }
    Setup adopting = Setup.plain().with("ADOPT_LOG", "true");
    archived.startAgain(adopting, ROLL);
    try (Session s = server.open("store")) {
      assertEquals(1, s.thing("a").path("n").asInt());
      JsonNode recovery = s.stats().path("recovery");
      assertEquals("elsewhere", recovery.at("/from/writer").asText(), recovery::toString);
      s.update("a", "{'n':2}").ack();
      archived.awaitArchived();
      loseFiles(server);
    }
    archived.startAgain(adopting, ROLL);
    try (Session s = server.open("store")) {
      assertEquals(2, s.thing("a").path("n").asInt());
      JsonNode recovery = s.stats().path("recovery");
      assertTrue(recovery.path("from").isMissingNode(), "its own life wins: " + recovery);
    }
  }

  private static JsonNode at(Session s, String moment) throws Exception {
    ObjectNode request = Session.json("{'type':'read','$ids':['a'],'at':" + moment + "}");
    return new Reply(StoreSocket.await(s.socket().send(request))).ok().thing("a");
  }

  /** Kills a server and deletes what its stores have in SQLite. */
  private static void loseFiles(StoreServer server) throws Exception {
    server.process().kill();
    for (Path file : storeFiles(server.data())) {
      Files.delete(file);
    }
  }

  private static List<Path> storeFiles(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().contains(".sqlite"))
          .filter(file -> Target.current().isStoreFile(withoutSuffix(file)))
          .toList();
    }
  }

  /** The database that a file belongs to. */
  private static Path withoutSuffix(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.indexOf(".sqlite") + ".sqlite".length()));
  }

  private static void damageARow(Path data) throws IOException, SQLException {
    List<Path> databases =
        storeFiles(data).stream().filter(file -> file.equals(withoutSuffix(file))).toList();
    assertEquals(1, databases.size(), databases::toString);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + databases.get(0));
        Statement statement = connection.createStatement()) {
      int rows = statement.executeUpdate("UPDATE collections SET body = replace(body, 't3', 't4')");
      assertTrue(rows > 0, "there is a columnar collection to be damaged");
    }
  }
}
