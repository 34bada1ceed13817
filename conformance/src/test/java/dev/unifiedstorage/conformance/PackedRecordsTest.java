package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of several events: written, and read back by whatever reads the archive. */
@Order(4)
class PackedRecordsTest {
  private static final Duration LAG = Duration.ofSeconds(3);
  private static final int THINGS = 30;

  @TempDir private Path directory;
  private ArchivedServer archived;

  @AfterEach
  void close() throws IOException {
    if (archived != null) {
      archived.close();
    }
  }

  private static Setup setup(String records) {
    return Setup.plain().with("RECORDS", records).with("CHECKPOINT_INTERVAL", "60000");
  }

  /** Sends requests as one frame, and waits for all replies. */
  private static void inOneFrame(Session s, List<String> requests) {
    List<ObjectNode> frame = new ArrayList<>();
    requests.forEach(request -> frame.add(Session.json(request)));
    for (CompletableFuture<JsonNode> reply : s.socket().sendFrame(frame)) {
      assertTrue(StoreSocket.await(reply).path("code").isMissingNode());
    }
  }

  private static void fill(Session s) {
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < THINGS; i++) {
      requests.add(
          "{'type':'create','$type':'T','data':{'$id':'t" + i + "','text':'zoë ☃','n':0}}");
    }
    for (int i = 0; i < THINGS; i += 3) {
      requests.add("{'type':'update','$id':'t" + i + "','data':{'n':1},'unset':['text']}");
    }
    inOneFrame(s, requests);
  }

  private static JsonNode everything(Session s) {
    String[] ids = new String[THINGS];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = "t" + i;
    }
    return s.read(ids).json().path("things");
  }

  @Test
  void crashesThePastAndARebuildReadBothKindsOfRecords() throws Exception {
    archived = ArchivedServer.start(setup("packed"), directory, LAG);
    StoreServer server = archived.server();
    JsonNode before;
    try (Session s = server.open("store")) {
      s.create("first", "{}").ack();
      fill(s);
      before = everything(s);
      server.process().kill();
    }
    archived.startAgain(setup("event"), LAG);
    try (Session s = server.open("store")) {
      assertEquals(before, everything(s));
      JsonNode recovery = s.stats().path("recovery");
      assertEquals(1 + THINGS + THINGS / 3, recovery.path("eventsReplayed").asInt());
      inOneFrame(
          s,
          List.of("{'type':'update','$id':'t0','data':{'n':2}}", "{'type':'delete','$id':'t1'}"));
      server.process().kill();
    }
    archived.startAgain(setup("packed"), LAG);
    try (Session s = server.open("store")) {
      assertEquals(2, s.thing("t0").path("n").asInt());
      inOneFrame(
          s,
          List.of("{'type':'update','$id':'t0','data':{'n':3}}", "{'type':'delete','$id':'t2'}"));
      JsonNode now = everything(s);
      archived.awaitArchived();
      JsonNode versions = server.http().json("GET", "/stores/store/history/t0", null);
      assertEquals("0 1 2 3", numbers(versions.path("history")), versions::toString);
      // Behind the creation of t0, t1 and t2: in the middle of a record.
      String at = "/stores/store/export?at=%7B%22seq%22%3A4%7D";
      HttpResponse<String> then = server.http().request("GET", at, null);
      assertEquals(200, then.statusCode(), then::body);
      assertTrue(then.body().endsWith("{\"end\":true,\"things\":4}\n"), then::body);
      HttpResponse<String> rebuilt = server.http().request("POST", "/stores/store/rebuild", null);
      assertEquals(200, rebuilt.statusCode(), rebuilt::body);
      assertEquals(now, everything(s));
    }
    List<String> kinds =
        archived.records().stream()
            .filter(record -> record.path("seq").asInt() > 0)
            .map(record -> record.path("verb").asText() + " x" + record.path("events").asInt(1))
            .distinct()
            .toList();
    assertEquals(
        List.of(
            "thing.created x1",
            "store.events x40",
            "thing.updated x1",
            "thing.deleted x1",
            "store.events x2"),
        kinds);
  }

  private static String numbers(JsonNode history) {
    List<String> numbers = new ArrayList<>();
    history.forEach(version -> numbers.add(version.path("thing").path("n").asText()));
    return String.join(" ", numbers);
  }
}
