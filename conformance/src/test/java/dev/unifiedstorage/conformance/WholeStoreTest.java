package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done to a store as a whole: deleted, restored, forked. */
class WholeStoreTest {
  private static final Duration ROLL = Duration.ofMillis(500);

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

  private static JsonNode answered(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer::body);
    return Session.json(answer.body());
  }

  private static JsonNode delete(StoreServer server, String namespace) throws IOException {
    return answered(server.http().request("DELETE", "/stores/" + namespace, null));
  }

  private static HttpResponse<String> post(
      StoreServer server, String namespace, String action, String body) throws IOException {
    String path = "/stores/" + namespace + "/" + action;
    return server.http().request("POST", path, body.replace('\'', '"'));
  }

  /** Asks until the archive has come far enough. */
  private JsonNode restored(StoreServer server, String at) throws Exception {
    archived.awaitArchived();
    return answered(post(server, "store", "restore", "{'at':" + at + "}"));
  }

  @Test
  void aDeletedStoreIsEmptyAndNothingOfItComesBack() throws Exception {
    StoreServer server = start();
    try (Session s = server.open("store")) {
      for (int i = 0; i < 20; i++) {
        s.create("t" + i, "{}").ack();
      }
      s.call("{'type':'subscribe','sub':'all','$type':'Customer'}").ok();
      assertEquals("{\"deleted\":20}", delete(server, "store").toString());
      assertEquals(0, s.stats().path("entries").asInt());
      assertEquals("{\"deleted\":0}", delete(server, "store").toString());
    }
    try (Session s = server.open("store")) {
      s.create("t1", "{'again':true}").ack();
      assertEquals(1, s.thing("t1").path("$version").asInt());
      server.process().kill();
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("store")) {
      assertTrue(s.thing("t1").path("again").asBoolean());
      assertEquals(1, s.stats().path("entries").asInt());
      archived.awaitArchived();
      answered(post(server, "store", "rebuild", ""));
      assertEquals(1, s.stats().path("entries").asInt());
    }
  }

  @Test
  void aStoreBecomesWhatItWasAlsoBeforeItsDeletion() throws Exception {
    StoreServer server = start();
    try (Session s = server.open("store")) {
      s.create("kept", "{'n':1}").ack();
      s.create("gone", "{'n':1}").ack();
      String then = s.call("{'type':'count','$type':'Customer'}").ok().json().path("at").asText();
      s.update("kept", "{'n':2,'more':1}").ack();
      s.delete("gone").ok();
      s.create("new", "{}").ack();
      JsonNode answer = restored(server, "'" + then + "'");
      assertEquals(2, answer.path("things").asInt(), answer::toString);
      assertEquals("store", answer.path("namespace").asText());
      assertEquals(1, s.thing("kept").path("n").asInt());
      assertEquals(3, s.thing("kept").path("$version").asInt());
      assertTrue(s.thing("kept").path("more").isMissingNode());
      assertEquals(1, s.thing("gone").path("n").asInt());
      assertEquals(2, s.stats().path("entries").asInt());
      long ms = s.thing("gone").path("$updatedAt").asLong();
      while (System.currentTimeMillis() <= ms) {
        Thread.onSpinWait();
      }
      s.update("kept", "{'n':3}").ack();
      restored(server, String.valueOf(ms));
      assertEquals(1, s.thing("kept").path("n").asInt());
      delete(server, "store");
      answer = restored(server, "{'seq':2}");
      assertEquals(2, answer.path("things").asInt(), answer::toString);
      assertEquals(1, s.thing("kept").path("n").asInt());
    }
  }

  @Test
  void aForkHasEveryVersionAndGoesItsOwnWay() throws Exception {
    StoreServer server = start();
    JsonNode parent;
    try (Session s = server.open("store")) {
      for (int i = 0; i < 30; i++) {
        s.create("t" + i, "{'n':" + i + ",'text':'" + "é".repeat(5000) + "'}").ack();
      }
      s.update("t7", "{'n':77}").ack();
      parent = s.read("t7", "t29").json().path("things");
      JsonNode answer = answered(post(server, "store", "fork", "{'to':'copy'}"));
      assertEquals(30, answer.path("things").asInt(), answer::toString);
      assertEquals("copy", answer.path("namespace").asText());
      HttpResponse<String> again = post(server, "store", "fork", "{'to':'copy'}");
      assertEquals(409, again.statusCode(), again::body);
    }
    try (Session s = server.open("copy")) {
      assertEquals(parent, s.read("t7", "t29").json().path("things"));
      s.update("t7", "{'n':78}").ack();
      server.process().kill();
    }
    archived.startAgain(Setup.plain(), ROLL);
    try (Session s = server.open("copy")) {
      assertEquals(78, s.thing("t7").path("n").asInt());
      assertEquals(3, s.thing("t7").path("$version").asInt());
      assertEquals(30, s.stats().path("entries").asInt());
      archived.awaitArchived();
      answered(post(server, "copy", "rebuild", ""));
      assertEquals(30, s.stats().path("entries").asInt());
      assertEquals(parent.path("t29"), s.thing("t29"));
    }
    try (Session s = server.open("store")) {
      assertEquals(77, s.thing("t7").path("n").asInt());
    }
  }

  @Test
  void whatIsNoMomentAndNoTargetIsRefused() throws Exception {
    StoreServer server = start();
    try (Session s = server.open("store")) {
      s.create("a", "{}").ack();
      assertEquals(400, post(server, "store", "restore", "{'at':'x'}").statusCode());
      assertEquals(400, post(server, "store", "restore", "no JSON").statusCode());
      assertEquals(400, post(server, "store", "fork", "{'to':'store'}").statusCode());
      assertEquals(400, post(server, "store", "fork", "{}").statusCode());
      assertEquals(405, server.http().request("DELETE", "/stores/store/stats", null).statusCode());
      assertEquals(1, s.stats().path("entries").asInt());
    }
  }
}
