package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers stopped both ways over every layout, and started again. */
class RestartTest {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

  /** The three layouts, as configuration brings them about. */
  enum Layout {
    COLUMNAR(Setup.plain(), "columnarWrites"),
    PACKED(Setup.plain().with("COLUMNAR_THRESHOLD", "5"), "packedWrites"),
    NORMALIZED(
        Setup.plain().with("COLUMNAR_THRESHOLD", "5").with("LARGE_COLLECTIONS", "normalized"),
        "normalizedWrites");

    final Setup setup;
    final String counter;

    Layout(Setup setup, String counter) {
      this.setup = setup;
      this.counter = counter;
    }
  }

  /** What the test wrote and got acknowledged: the value of {@code n} by id. */
  private final Map<String, Integer> expected = new TreeMap<>();

  private void write(Session s, String id, int n) {
    if (expected.put(id, n) == null) {
      s.create(id, "{'n':" + n + "}").ack();
    } else {
      s.update(id, "{'n':" + n + "}").ack();
    }
  }

  /** Writes {@code t0} to {@code t(count-1)} in one batch, each with a number of its own. */
  private void writeAll(Session s, int count, int firstNumber) {
    ObjectNode batch = Session.json("{'type':'batch','operations':[]}");
    for (int i = 0; i < count; i++) {
      String id = "t" + i;
      int n = firstNumber + i;
      boolean fresh = expected.put(id, n) == null;
      ObjectNode operation =
          fresh
              ? Session.createRequest(id, "{'n':" + n + "}")
              : Session.json("{'type':'update','$id':'" + id + "','data':{'n':" + n + "}}");
      batch.withArray("operations").add(operation);
    }
    Reply reply = s.call(batch).ack();
    for (int i = 0; i < count; i++) {
      assertEquals("t" + i, reply.result(i).id());
    }
  }

  private void removeAll(Session s, int from, int to) {
    ObjectNode batch = Session.json("{'type':'batch','operations':[]}");
    for (int i = from; i < to; i++) {
      expected.remove("t" + i);
      batch.withArray("operations").add(Session.json("{'type':'delete','$id':'t" + i + "'}"));
    }
    Reply reply = s.call(batch).ack();
    for (int i = 0; i < to - from; i++) {
      reply.result(i).ok();
    }
  }

  private void remove(Session s, String id) {
    expected.remove(id);
    s.delete(id).ok();
  }

  private void verify(Session s, int upTo) throws Exception {
    ObjectNode request = Session.json("{'type':'read'}");
    for (int i = 0; i < upTo; i++) {
      request.withArray("$ids").add("t" + i);
    }
    JsonNode things = s.call(request).ok().json().path("things");
    Map<String, Integer> found = new TreeMap<>();
    things.properties().forEach(f -> found.put(f.getKey(), f.getValue().path("n").asInt()));
    assertEquals(expected, found);
    assertEquals(expected.size(), s.stats().path("entries").asInt());
  }

  /** Waits for what the end of the last socket brings about, which is all that some stops save. */
  private static void awaitFlush(StoreServer server) throws Exception {
    Until.within(Duration.ofSeconds(4))
        .sees(
            "a checkpoint after the last socket has closed",
            () -> server.http().stats("store"),
            stats -> stats.path("dirty").asInt(-1) == 0);
  }

  @ParameterizedTest
  @EnumSource
  void everyLayoutSurvivesKillsAndStops(Layout layout, @TempDir Path directory) throws Exception {
    try (StoreServer server = StoreServer.start(layout.setup, directory.resolve("data"))) {
      try (Session s = server.open("store")) {
        writeAll(s, 40, 0);
        server.http().checkpoint("store");
        JsonNode stats = s.stats();
        assertTrue(stats.path("checkpoints").path(layout.counter).asInt() > 0, stats::toString);
        // after the checkpoint, so that only the tail knows them
        write(s, "t3", 300);
        remove(s, "t4");
        write(s, "t40", 40);
        server.process().kill();
      }
      server.startAgain(layout.setup);
      String bootId;
      try (Session s = server.open("store")) {
        verify(s, 50);
        assertTrue(!s.stats().path("recovery").path("clean").asBoolean(true), "was killed");
        bootId = s.stats().path("bootId").asText();
        server.http().checkpoint("store");
        remove(s, "t5");
        write(s, "t6", 600);
        write(s, "t4", 44);
      }
      awaitFlush(server);
      assertEquals(0, server.process().terminate(STOP_DEADLINE));
      server.startAgain(layout.setup);
      try (Session s = server.open("store")) {
        verify(s, 50);
        JsonNode stats = s.stats();
        assertTrue(stats.path("recovery").path("clean").asBoolean(), stats::toString);
        assertEquals("sqlite", stats.path("recovery").path("source").asText());
        assertEquals(expected.size(), stats.path("recovery").path("thingsLoaded").asInt());
        assertNotEquals(bootId, stats.path("bootId").asText());
        assertEquals(1, s.thing("t4").path("$version").asInt(), "created again after a delete");
      }
    }
  }

  @Test
  void aCollectionMovesBetweenLayoutsAndBack(@TempDir Path directory) throws Exception {
    Setup packed = Setup.plain().with("COLUMNAR_THRESHOLD", "10");
    Setup normalized = packed.with("LARGE_COLLECTIONS", "normalized");
    try (StoreServer server = StoreServer.start(packed, directory.resolve("data"))) {
      int n = 0;
      for (Setup next : new Setup[] {normalized, packed, Setup.plain(), normalized, packed}) {
        try (Session s = server.open("store")) {
          verify(s, 60);
          writeAll(s, 60, n);
          n += 60;
          server.http().checkpoint("store");
          write(s, "t1", n++);
          removeAll(s, 3, 60);
          server.http().checkpoint("store");
          verify(s, 60);
          write(s, "t2", n++);
          server.process().kill();
        }
        server.startAgain(next);
      }
      try (Session s = server.open("store")) {
        verify(s, 60);
      }
    }
  }

  @Test
  void aStoreThatIsOnlyReadAfterACleanStartWritesNoRow(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain();
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      try (Session s = server.open("store")) {
        write(s, "t1", 1);
        Until.within(Duration.ofSeconds(20))
            .sees("delivery", s::stats, st -> st.path("pipeline").path("queued").asInt(-1) == 0);
        // with the delivery recorded the next life has nothing to deliver, and nothing to record
        server.http().checkpoint("store");
      }
      assertEquals(0, server.process().terminate(STOP_DEADLINE));
      onlyRead(server, setup);
      Map<String, String> before = databases(server.data());
      onlyRead(server, setup);
      assertEquals(before, databases(server.data()), "a read has changed a database");
    }
  }

  private void onlyRead(StoreServer server, Setup setup) throws Exception {
    server.startAgain(setup);
    try (Session s = server.open("store");
        Session fresh = server.open("fresh")) {
      verify(s, 10);
      fresh.read("t1").ok();
      fresh.delete("t1").ok();
      assertEquals(0, s.stats().path("rowsWritten").asInt(), () -> "rows written by a read");
      assertEquals(0, fresh.stats().path("rowsWritten").asInt(), () -> "rows written by a read");
      server.process().kill();
    }
  }

  @Test
  void aNamespaceThatWasNeverWrittenToLeavesNothing(@TempDir Path directory) throws Exception {
    try (StoreServer server = StoreServer.start(Setup.plain(), directory.resolve("data"))) {
      for (String route : List.of("", "/stats", "/metrics", "/history/a")) {
        server.http().request("GET", "/stores/never-written" + route, null);
      }
      try (Session s = server.open("never-written")) {
        s.read("a").ok();
        s.delete("a").ok();
        s.update("a", "{}").error("NOT_FOUND");
      }
      server.http().checkpoint("never-written");
      assertEquals(0, server.process().terminate(STOP_DEADLINE));
      for (Path file : Target.current().storeFiles(server.data())) {
        assertTrue(Target.current().makesFilesOfItsOwn(), () -> "a file was made: " + file);
        assertEquals(List.of(), tables(file), () -> "written by a read: " + file);
      }
    }
  }

  private static List<String> tables(Path database) throws Exception {
    List<String> tables = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name FROM sqlite_master")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }

  /** A digest of every SQLite file and its log. The index of a log changes with every reader. */
  private static Map<String, String> databases(Path data) throws Exception {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*\\.(db|sqlite)(-wal)?")).toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        digests.put(data.relativize(file).toString(), HexFormat.of().formatHex(digest));
      }
    }
    assertFalse(digests.isEmpty(), "found no database");
    return digests;
  }

  @Test
  void aStopClosesSocketsAndKeepsWhatWasInFlightWhole(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain();
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      Session s = server.open("store");
      for (int i = 0; i < 20; i++) {
        write(s, "t" + i, i);
      }
      assertEquals(0, server.process().terminate(STOP_DEADLINE));
      s.socket().closeCode().get(5, java.util.concurrent.TimeUnit.SECONDS);
      server.startAgain(setup);
      try (Session again = server.open("store")) {
        verify(again, 20);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theLastSocketToGoSavesWhatIsDirty(boolean politely, @TempDir Path directory)
      throws Exception {
    Setup setup = Setup.plain().with("CHECKPOINT_INTERVAL", "600000");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      Session other = server.open("store");
      write(s, "t1", 1);
      other.socket().abort();
      s.ping().ok();
      assertEquals(1, s.stats().path("dirty").asInt(), "somebody is still there");
      if (politely) {
        s.socket().close();
      } else {
        s.socket().abort();
      }
      awaitFlush(server);
      assertEquals(1, server.http().stats("store").path("checkpointSeq").asInt());
    }
  }

  @Test
  void aTimerCheckpointFollowsAWrite(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("CHECKPOINT_INTERVAL", "100");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      write(s, "t1", 1);
      JsonNode stats =
          Until.within(Duration.ofSeconds(10))
              .sees("a checkpoint", s::stats, seen -> seen.path("dirty").asInt(-1) == 0);
      assertEquals(1, stats.path("checkpointSeq").asInt(), stats::toString);
    }
  }

  @Test
  void manyDirtyThingsAreCheckpointedBeforeTheTimer(@TempDir Path directory) throws Exception {
    Setup setup =
        Setup.plain().with("CHECKPOINT_INTERVAL", "600000").with("DIRTY_COUNT_THRESHOLD", "20");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      for (int i = 0; i < 25; i++) {
        write(s, "t" + i, i);
      }
      Until.within(Duration.ofSeconds(10))
          .sees("a checkpoint", s::stats, seen -> seen.path("checkpointSeq").asInt() >= 20);
    }
  }

  @Test
  void manyDirtyBytesAreCheckpointedBeforeTheTimer(@TempDir Path directory) throws Exception {
    Setup setup =
        Setup.plain()
            .with("CHECKPOINT_INTERVAL", "600000")
            .with("MEMORY_THRESHOLD_BYTES", "100000");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      s.create("t1", "{'f':'" + "x".repeat(200_000) + "'}").ack();
      Until.within(Duration.ofSeconds(10))
          .sees("a checkpoint", s::stats, seen -> seen.path("checkpointSeq").asInt() >= 1);
    }
  }
}
