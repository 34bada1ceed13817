package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbered writes: once and in order, over any socket, also after a kill. */
@ExtendWith(SharedServer.class)
class SessionsTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(20));

  private static Reply hello(Session s, String session, int next) {
    return s.call("{'type':'hello','session':'" + session + "','next':" + next + "}");
  }

  private static int next(Session s, String session, int next) {
    return hello(s, session, next).ok().json().path("next").asInt();
  }

  private static Reply increment(Session s, int n) {
    return s.call("{'type':'update','n':" + n + ",'$id':'a','increment':{'v':1}}");
  }

  private static Reply create(Session s, int n, String id) {
    return s.call("{'type':'create','n':" + n + ",'$type':'T','data':{'$id':'" + id + "','v':0}}");
  }

  private static void assertReplayed(Reply reply) {
    assertTrue(reply.json().path("replayed").asBoolean(), reply.json()::toString);
  }

  @Test
  void aNumberIsCarriedOutOnceOverAnySocket(Session s, StoreServer server) throws Exception {
    JsonNode greeting = hello(s, "one", 1).ok().json();
    assertEquals(1, greeting.path("next").asInt());
    assertEquals("one", greeting.path("session").asText());
    assertFalse(greeting.path("at").asText().isEmpty());
    assertEquals(256, greeting.path("limits").path("unanswered").asInt());
    assertEquals(1_048_576, greeting.path("limits").path("message").asInt());
    create(s, 1, "a").ack();
    assertEquals(2, increment(s, 2).ack().version());
    assertEquals(3, increment(s, 3).ack().version());
    Reply again = increment(s, 2).ack();
    assertReplayed(again);
    assertEquals(2, again.version());
    try (Session other = server.open(s.namespace())) {
      assertEquals(4, next(other, "one", 1));
      assertReplayed(create(other, 1, "b").ack());
      assertReplayed(increment(other, 3).ack());
      assertEquals(4, increment(other, 4).ack().version());
      assertTrue(other.thing("b").isMissingNode());
      hello(other, "unknown", 2).error("SESSION_EXPIRED");
    }
    assertReplayed(increment(s, 4).ack());
    assertEquals(3, s.thing("a").path("v").asInt());
    assertEquals(1, s.stats().path("sessions").asInt());
  }

  @Test
  void gapsAndMissingNumbersAreRefused(Session s) {
    hello(s, "one", 1).ok();
    assertEquals(1, create(s, 2, "a").error("VALIDATION_ERROR").details().path("expected").asInt());
    for (String wrong : new String[] {"", "'n':0,", "'n':1.5,", "'n':'1',", "'n':null,"}) {
      Reply refused = s.call("{'type':'create'," + wrong + "'$type':'T','data':{}}");
      assertEquals("n", refused.error("VALIDATION_ERROR").details().path("field").asText(), wrong);
    }
    s.call("{'type':'create','n':1,'$type':'','data':{}}").error("VALIDATION_ERROR");
    create(s, 2, "a").ack();
    Reply batch =
        s.call(
            "{'type':'batch','n':3,'operations':[{'type':'read','$ids':['a']},"
                + "{'type':'update','$id':'a','increment':{'v':1},'return':true}]}");
    assertTrue(batch.ack().json().path("results").path(0).has("things"));
    Reply again = s.call("{'type':'batch','n':3,'operations':[]}").ack();
    assertReplayed(again);
    assertEquals("ok", again.json().path("results").path(0).path("status").asText());
    assertFalse(again.json().path("results").path(1).has("thing"));
    assertEquals(2, again.json().path("results").path(1).path("$version").asInt());
    s.read("a");
    s.call("{'type':'hello','session':'','next':1}").error("VALIDATION_ERROR");
    s.call("{'type':'hello','session':'x','next':0}").error("VALIDATION_ERROR");
  }

  @Test
  void aNumberedWriteOverHttpIsCarriedOutOnce(Session s, StoreServer server) throws Exception {
    String create = "{'type':'create','session':'http','n':%d,'$type':'T','data':{'$id':'%s'}}";
    assertEquals("ack", post(s, create.formatted(1, "a")).path("status").asText());
    JsonNode again = post(s, create.formatted(1, "b"));
    assertTrue(again.path("replayed").asBoolean(), again::toString);
    assertEquals("a", again.path("$id").asText());
    JsonNode replies =
        post(s, "[" + create.formatted(2, "b") + "," + create.formatted(4, "c") + "]");
    assertEquals("ack", replies.path(0).path("status").asText());
    assertEquals(3, replies.path(1).path("details").path("expected").asInt(), replies::toString);
    assertEquals(
        "SESSION_EXPIRED",
        post(s, create.formatted(2, "c").replace("http", "other")).path("code").asText());
    String without = create.replace("'n':%d,", "").formatted("c");
    assertEquals("n", post(s, without).path("details").path("field").asText());
    assertTrue(s.thing("c").isMissingNode());
    // The same session over a socket.
    try (Session other = server.open(s.namespace())) {
      assertEquals(3, next(other, "http", 1));
      assertReplayed(create(other, 2, "x").ack());
      create(other, 3, "c").ack();
    }
  }

  private static JsonNode post(Session s, String body) throws IOException {
    String path = "/stores/" + s.namespace() + "/requests";
    return s.http().json("POST", path, body.replace('\'', '"'));
  }

  @Test
  void atMost256WritesWaitForTheirAnswers(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DURABILITY", "pipeline");
    try (PipelineSink sink = new PipelineSink();
        StoreServer server = StoreServer.start(setup.sendingTo(sink), directory.resolve("data"));
        Session s = server.open("waits")) {
      hello(s, "one", 1).ok();
      create(s, 1, "a").ack();
      sink.mode(PipelineSink.Mode.HANG);
      List<CompletableFuture<JsonNode>> sent = new ArrayList<>();
      for (int n = 2; n <= 258; n++) {
        String update = "'$id':'a','increment':{'v':1}}";
        sent.add(s.send("{'type':'update','n':" + n + "," + update));
      }
      Reply refused = new Reply(sent.get(256).get(20, TimeUnit.SECONDS)).error("OVERLOADED");
      assertTrue(refused.details().path("retryAfterMs").isNumber(), refused::toString);
      assertFalse(sent.get(255).isDone());
      sink.mode(PipelineSink.Mode.OK);
      for (CompletableFuture<JsonNode> one : sent.subList(0, 256)) {
        new Reply(one.get(20, TimeUnit.SECONDS)).ack();
      }
      assertEquals(258, increment(s, 258).ack().version());
    }
  }

  @Test
  void whatWasNotKeptIsLostOrExpired(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DURABILITY", "local").with("SESSIONS_KEPT", "2");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      try (Session s = server.open("kept")) {
        for (String session : List.of("one", "two", "three")) {
          hello(s, session, 1).ok();
          create(s, 1, session).ack();
        }
        hello(s, "one", 2).error("SESSION_EXPIRED");
        assertEquals(2, next(s, "two", 2));
        create(s, 2, "two").error("CONFLICT");
        create(s, 3, "a").ack();
        assertEquals(2, s.stats().path("sessions").asInt());
        server.process().kill();
      }
      server.startAgain(setup);
      try (Session s = server.open("kept")) {
        assertEquals(4, next(s, "two", 1));
        Reply lost = create(s, 2, "b").error("CONFLICT");
        assertTrue(lost.details().path("lost").asBoolean(), lost::toString);
        assertTrue(s.thing("b").isMissingNode());
        assertReplayed(create(s, 3, "b").ack());
        create(s, 4, "b").ack();
      }
    }
  }

  @Test
  void recordsCarrySessionAndNumber(Session s, PipelineSink sink) throws Exception {
    s.create("plain", "{}").ack();
    hello(s, "tagged", 1).ok();
    create(s, 1, "a").ack();
    increment(s, 2).ack();
    var events =
        SOON.sees("events", () -> sink.log(s.namespace()).events(), seen -> seen.size() == 3);
    assertFalse(events.get(0).has("session"));
    assertEquals("tagged", events.get(1).path("session").asText());
    assertEquals(1, events.get(1).path("n").asInt());
    assertEquals(2, events.get(2).path("n").asInt());
    assertFalse(events.get(2).path("payload").has("n"));
  }

  @Test
  void aSessionBelongsToTheSubOfItsTokenAlsoAfterAKill(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DURABILITY", "pipeline").with("AUTH_JWT_SECRET", Jwt.SECRET);
    Duration roll = Duration.ofMillis(500);
    try (ArchivedServer archived = ArchivedServer.start(setup, directory, roll)) {
      StoreServer server = archived.server();
      try (Session alice = server.open("subs", tokenOf("alice"));
          Session bob = server.open("subs", tokenOf("bob"))) {
        hello(alice, "one", 1).ok();
        hello(bob, "one", 1).ok();
        create(alice, 1, "a").ack();
        assertFalse(create(bob, 1, "b").ack().json().has("replayed"));
        increment(bob, 2).ack();
        server.process().kill();
      }
      archived.startAgain(setup, roll);
      try (Session alice = server.open("subs", tokenOf("alice"));
          Session bob = server.open("subs", tokenOf("bob"));
          Session carol = server.open("subs", tokenOf("carol"))) {
        assertEquals(2, next(alice, "one", 1));
        assertEquals(3, next(bob, "one", 1));
        assertEquals("a", create(alice, 1, "c").ack().json().path("$id").asText());
        assertEquals("b", create(bob, 1, "c").ack().json().path("$id").asText());
        hello(carol, "one", 2).error("SESSION_EXPIRED");
      }
    }
  }

  private static String tokenOf(String subject) {
    String claims = "{'ns':'*','scope':'read write','sub':'%s','exp':%d}";
    return "access_token="
        + Jwt.signed(
            "{'alg':'HS256'}",
            claims.formatted(subject, Jwt.inSeconds(600)),
            Jwt.SECRET.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "pipeline"})
  void outcomesSurviveAKill(String durability, @TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DURABILITY", durability);
    Duration roll = Duration.ofMillis(500);
    try (ArchivedServer archived = ArchivedServer.start(setup, directory, roll)) {
      StoreServer server = archived.server();
      try (Session s = server.open("killed")) {
        hello(s, "one", 1).ok();
        create(s, 1, "a").ack();
        for (int n = 2; n <= 50; n++) {
          assertEquals(n, increment(s, n).ack().version());
        }
        s.call("{'type':'batch','n':51,'operations':[{'type':'update','$id':'a','data':{}}]}")
            .ack();
        s.call("{'type':'delete','n':52,'$id':'a'}").ok();
        server.process().kill();
      }
      archived.startAgain(setup, roll);
      try (Session s = server.open("killed")) {
        assertEquals(53, next(s, "one", 1));
        assertReplayed(create(s, 1, "other").ack());
        for (int n = 2; n <= 50; n += 7) {
          Reply again = increment(s, n).ack();
          assertReplayed(again);
          assertEquals(n, again.version());
        }
        Reply batch = s.call("{'type':'batch','n':51,'operations':[]}").ack();
        assertReplayed(batch);
        assertTrue(batch.json().has("lost") != batch.json().has("results"), batch::toString);
        assertReplayed(s.call("{'type':'delete','n':52,'$id':'a'}").ok());
        create(s, 53, "a").ack();
        assertTrue(s.thing("other").isMissingNode());
      }
    }
  }
}
