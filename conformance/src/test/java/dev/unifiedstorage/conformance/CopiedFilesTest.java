package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that were put back, or copied to another namespace, while the server was down. */
@Order(4)
class CopiedFilesTest {
  private static final Duration ROLL = Duration.ofMillis(500);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

  @TempDir private Path directory;
  private ArchivedServer archived;

  @AfterEach
  void close() throws IOException {
    if (archived != null) {
      archived.close();
    }
  }

  private StoreServer start() throws IOException {
    archived = ArchivedServer.start(Setup.plain(), directory, ROLL);
    return archived.server();
  }

  // ---- databases of a server that is down

  /** The main file of a namespace's database, which holds everything: no log lies beside it. */
  private static Path database(StoreServer server, String namespace) throws Exception {
    for (Path file : Target.current().storeFiles(server.data())) {
      if (namespace.equals(namespaceOf(file))) {
        return file;
      }
    }
    throw new AssertionError("no database of " + namespace);
  }

  /** The namespace that the newest commit record names; "" when there is none. */
  private static String namespaceOf(Path file) throws SQLException {
    String newest = "";
    double newestTx = -1;
    // The last connection that closes brings what is in a log into the main file.
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String table : List.of("segments", "collections")) {
        ResultSet there =
            statement.executeQuery("SELECT 1 FROM sqlite_master WHERE name = '" + table + "'");
        if (!there.next()) {
          continue;
        }
        ResultSet heads =
            statement.executeQuery(
                "SELECT tx, substr(head, 1, instr(head, char(10))) FROM "
                    + table
                    + " WHERE head IS NOT NULL");
        while (heads.next()) {
          if (heads.getDouble(1) > newestTx) {
            newestTx = heads.getDouble(1);
            newest = Session.json(heads.getString(2)).path("ns").asText();
          }
        }
      }
    }
    return newest;
  }

  private static void put(Path from, Path database) throws IOException {
    for (String suffix : List.of("-wal", "-shm", "-journal")) {
      Files.deleteIfExists(database.resolveSibling(database.getFileName() + suffix));
    }
    Files.copy(from, database, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void awaitClean(StoreServer server, String namespace) throws Exception {
    Until.within(Duration.ofSeconds(20))
        .sees(
            "a clean checkpoint behind the last socket",
            () -> server.http().stats(namespace),
            stats ->
                stats.path("dirty").asInt(-1) == 0 && stats.at("/pipeline/queued").asInt(-1) == 0);
    server.http().checkpoint(namespace);
  }

  private static JsonNode answered(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer::body);
    return Session.json(answer.body());
  }

  // ---- another namespace's

  private static JsonNode fill(StoreServer server) throws IOException {
    try (Session s = server.open("copy")) {
      s.create("of-the-copy", "{}").ack();
    }
    try (Session s = server.open("store")) {
      for (int i = 0; i < 30; i++) {
        s.create("t" + i, "{'n':" + i + "}").ack();
      }
      server.http().checkpoint("store");
      s.update("t7", "{'n':77}").ack();
      s.delete("t8").ok();
      s.create("last", "{}").ack();
      return s.read("t7", "t8", "t29", "last").json().path("things");
    }
  }

  private void isAFork(StoreServer server, JsonNode parent) throws Exception {
    double life;
    try (Session s = server.open("copy")) {
      assertEquals(parent, s.read("t7", "t8", "t29", "last").json().path("things"));
      assertTrue(s.thing("of-the-copy").isMissingNode());
      JsonNode stats = s.stats();
      assertEquals(30, stats.path("entries").asInt(), stats::toString);
      JsonNode from = stats.at("/recovery/from");
      assertEquals("store", from.path("namespace").asText(), stats::toString);
      assertTrue(from.path("at").asText().endsWith("-33"), stats::toString);
      s.update("t7", "{'n':78}").ack();
      assertEquals(3, s.thing("t7").path("$version").asInt());
      server.process().kill();
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("copy")) {
      assertEquals(78, s.thing("t7").path("n").asInt());
      assertEquals(30, s.stats().path("entries").asInt());
      archived.awaitArchived();
      JsonNode recovery = answered(server.http().request("POST", "/stores/copy/rebuild", ""));
      assertEquals(30, recovery.path("thingsLoaded").asInt(), recovery::toString);
      // What the name had before is a branch.
      assertEquals(1, recovery.path("branches").asInt(), recovery::toString);
      life = recovery.path("branchLives").path(0).asDouble();
      assertEquals(parent.path("t29"), s.thing("t29"));
    }
    JsonNode branch =
        server.http().json("GET", "/stores/copy/history/of-the-copy?branch=" + (long) life, null);
    assertEquals(1, branch.path("history").size(), branch::toString);
    try (Session s = server.open("store")) {
      assertEquals(77, s.thing("t7").path("n").asInt());
      s.create("more", "{}").ack();
    }
  }

  @Test
  void aDatabaseOfAnotherNamespaceBeginsAsItsFork() throws Exception {
    StoreServer server = start();
    JsonNode parent = fill(server);
    awaitClean(server, "store");
    assertEquals(0, server.process().terminate(STOP_DEADLINE));
    put(database(server, "store"), database(server, "copy"));
    archived.startAgain(Setup.plain(), ROLL);
    isAFork(server, parent);
  }

  @Test
  void theEndOfAnOpenOneComesFromTheOthersArchive() throws Exception {
    StoreServer server = start();
    JsonNode parent;
    // While the socket is open nothing is written that closes the life.
    try (Session open = server.open("store")) {
      parent = fill(server);
      open.ping().ok();
      server.process().kill();
    }
    put(database(server, "store"), database(server, "copy"));
    archived.startAgain(Setup.plain(), ROLL);
    isAFork(server, parent);
  }

  @Test
  void aLocalOneHasItsOwnEnd() throws Exception {
    Setup local = Setup.plain().with("DURABILITY", "local");
    archived = ArchivedServer.start(local, directory, ROLL);
    StoreServer server = archived.server();
    JsonNode parent;
    try (Session open = server.open("store")) {
      parent = fill(server);
      open.ping().ok();
      server.process().kill();
    }
    put(database(server, "store"), database(server, "copy"));
    archived.startAgain(local, ROLL);
    archived.stallSink();
    try (Session s = server.open("copy")) {
      assertEquals(parent, s.read("t7", "t8", "t29", "last").json().path("things"));
      archived.resumeSink();
    }
    isAForkOfTheSame(server, local);
  }

  private void isAForkOfTheSame(StoreServer server, Setup setup) throws Exception {
    server.process().kill();
    archived.startAgain(setup, ROLL);
    try (Session s = server.open("copy")) {
      assertEquals(30, s.stats().path("entries").asInt());
      archived.awaitArchived();
      JsonNode recovery = answered(server.http().request("POST", "/stores/copy/rebuild", ""));
      assertEquals(30, recovery.path("thingsLoaded").asInt(), recovery::toString);
    }
  }

  // ---- an older one of the same namespace

  @Test
  void whatTheFutureOfADatabaseThatWasPutBackHasWrittenStaysReadable() throws Exception {
    StoreServer server = start();
    try (Session s = server.open("store")) {
      s.create("a", "{'n':1}").ack();
    }
    awaitClean(server, "store");
    assertEquals(0, server.process().terminate(STOP_DEADLINE));
    Path before = directory.resolve("before");
    Files.copy(database(server, "store"), before);
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      s.update("a", "{'n':2}").ack();
      s.create("b", "{}").ack();
      archived.awaitArchived();
    }
    assertEquals(0, server.process().terminate(STOP_DEADLINE));
    put(before, database(server, "store"));
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertEquals(1, s.thing("a").path("n").asInt());
      s.update("a", "{'n':3}").ack();
      archived.awaitArchived();
      JsonNode recovery = answered(server.http().request("POST", "/stores/store/rebuild", ""));
      assertEquals(1, recovery.path("branchLives").size(), recovery::toString);
      String life = "?branch=" + recovery.path("branchLives").path(0).asLong();
      String history = "/stores/store/history/";
      JsonNode branch = server.http().json("GET", history + "a" + life, null);
      assertEquals(1, branch.path("history").size(), branch::toString);
      assertEquals(2, branch.at("/history/0/thing/n").asInt(), branch::toString);
      branch = server.http().json("GET", history + "b" + life, null);
      assertEquals("thing.created", branch.at("/history/0/verb").asText(), branch::toString);
      JsonNode path = server.http().json("GET", history + "a", null);
      assertEquals(3, path.at("/history/1/thing/n").asInt(), path::toString);
      HttpResponse<String> none = server.http().request("GET", history + "none" + life, null);
      assertEquals(404, none.statusCode(), none::body);
      none = server.http().request("GET", history + "a?branch=4321", null);
      assertEquals(404, none.statusCode(), none::body);
      for (String wrong : List.of("", "0", "x", "-1", "9007199254740993")) {
        none = server.http().request("GET", history + "a?branch=" + wrong, null);
        assertEquals(400, none.statusCode(), none::body);
      }
    }
  }

  private static List<String> listed(StoreServer server) throws IOException {
    JsonNode stores = server.http().json("GET", "/stores", null).path("stores");
    return stores.findValuesAsText("namespace");
  }

  @Test
  void aDatabaseThatWasPutBackToBeforeItsDeletionIsListedAgain() throws Exception {
    StoreServer server = start();
    Until listing = Until.within(Duration.ofSeconds(60));
    try (Session s = server.open("store")) {
      s.create("a", "{}").ack();
    }
    listing.sees("it is listed", () -> listed(server), List.of("store")::equals);
    awaitClean(server, "store");
    assertEquals(0, server.process().terminate(STOP_DEADLINE));
    Path before = directory.resolve("before");
    Files.copy(database(server, "store"), before);
    archived.startAgain(Setup.plain(), ROLL);
    answered(server.http().request("DELETE", "/stores/store", null));
    listing.sees("it is not", () -> listed(server), List::isEmpty);
    assertEquals(0, server.process().terminate(STOP_DEADLINE));
    put(before, database(server, "store"));
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      s.create("b", "{}").ack();
      listing.sees("it is listed again", () -> listed(server), List.of("store")::equals);
    }
  }
}
