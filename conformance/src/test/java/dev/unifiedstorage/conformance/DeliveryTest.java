package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether what the Pipeline has accepted reaches the archive, and what a store does when not. */
@Order(4)
class DeliveryTest {
  private static final Duration LAG = Duration.ofMillis(200);
  private static final Until SOON = Until.within(Duration.ofSeconds(60));

  @TempDir private Path directory;
  private ArchivedServer archived;
  private int written;

  @AfterEach
  void close() throws IOException {
    if (archived != null) {
      archived.close();
    }
  }

  /** A store that looks at the archive itself when no report has come for a second. */
  private static Setup limited() {
    return Setup.plain()
        .with("ARCHIVE_LAG_LIMIT", "1000")
        .with("CHECKPOINT_INTERVAL", "60000")
        .with("RECORDS", "packed");
  }

  /** How the archive stands after one more write. */
  private JsonNode archiveAfterAWrite(Session s) throws IOException {
    s.create("written" + written++, "{}").ack();
    return s.stats().path("archive");
  }

  @Test
  void pastTheLimitWritesGoToSqliteUntilTheArchiveHasCaughtUp() throws Exception {
    archived = ArchivedServer.start(limited(), directory, LAG);
    StoreServer server = archived.server();
    try (Session s = server.open("store")) {
      s.create("first", "{}").ack();
      archived.stallSink();
      SOON.sees(
          "a lag past the limit",
          () -> archiveAfterAWrite(s),
          archive -> archive.path("limited").asBoolean());
      assertTrue(s.stats().path("archive").path("lagMs").asDouble() > 1000, s.stats()::toString);
      archived.faultPipeline("hang", 0);
      s.create("beside", "{}").ack();
      server.process().kill();
    }
    archived.startAgain(limited(), LAG);
    archived.faultPipeline("ok", 0);
    try (Session s = server.open("store")) {
      // Of what was acknowledged from SQLite nothing waits for the archive.
      assertEquals("beside", s.thing("beside").path("$id").asText());
      archived.resumeSink();
      SOON.sees(
          "an archive that has caught up",
          () -> archiveAfterAWrite(s),
          archive ->
              archive.path("lastSeq").asInt() > 2
                  && !archive.path("limited").asBoolean()
                  && archive.path("holes").asInt() == 0);
    }
  }

  @Test
  void anEventThatTheSinkDropsIsAHole() throws Exception {
    archived = ArchivedServer.start(limited().with("RECORDS", "event"), directory, LAG);
    StoreServer server = archived.server();
    try (Session s = server.open("store")) {
      s.create("first", "{}").ack();
      archived.awaitArchived();
      archived.dropInSink();
      s.create("lost", "{}").ack();
      SOON.sees("a dropped record", archived::droppedRecords, dropped -> dropped > 0);
      archived.resumeSink();
      JsonNode archive =
          SOON.sees(
              "a hole", () -> archiveAfterAWrite(s), looked -> looked.path("holes").asInt() > 0);
      assertEquals("[2,2]", archive.path("firstHole").toString());
      String metrics = server.http().request("GET", "/stores/store/metrics", null).body();
      String line = "unified_storage_archive_holes{namespace=\"store\"} 1\n";
      assertTrue(metrics.contains(line), metrics);
    }
  }

  @Test
  void everyRecordThatAStoreSendsFitsTheSchemaAndAnotherIsAcceptedAndDropped() throws Exception {
    archived = ArchivedServer.start(limited(), directory, LAG);
    for (String request :
        List.of(
            "POST requests [{'type':'create','$type':'T','data':{'$id':'a','n':0}},"
                + "{'type':'update','$id':'a','increment':{'n':1},'expiresInMs':90000000},"
                + "{'type':'create','$type':'T','data':{'$id':'b'},'session':'s','n':1},"
                + "{'type':'batch','session':'s','n':2,'operations':["
                + "{'type':'update','$id':'b','data':{'n':1}},{'type':'delete','$id':'b'}]}]",
            "POST requests [{'type':'update','$id':'a','unset':['n'],'expiresInMs':null}]",
            "POST requests [{'type':'delete','$id':'a','session':'s','n':3}]",
            "POST restore {'at':{'seq':2}}",
            "POST fork {'to':'copy'}",
            "POST rebuild ",
            "DELETE  ",
            "POST requests [{'type':'create','$type':'T','data':{'$id':'c'}}]")) {
      archived.awaitArchived();
      String[] parts = request.replace('\'', '"').split(" ", 3);
      String path = "/stores/store" + (parts[1].isEmpty() ? "" : "/" + parts[1]);
      String body = parts[2].isEmpty() ? null : parts[2];
      // A new store waits for its archive's first answer, which a busy machine gives late.
      HttpResponse<String> answer =
          SOON.sees(
              "an answer to " + request,
              () -> archived.server().http().request(parts[0], path, body),
              it -> !it.body().contains("\"RECOVERING\""));
      assertEquals(200, answer.statusCode(), () -> request + ": " + answer.body());
      assertTrue(!answer.body().contains("\"error\""), () -> request + ": " + answer.body());
    }
    archived.awaitArchived();
    assertEquals(0, archived.droppedRecords());
    assertEquals(1, archived.send("[{\"ns\":\"store\"}]").path("accepted").asInt());
    SOON.sees("a dropped record", archived::droppedRecords, dropped -> dropped == 1);
  }
}
