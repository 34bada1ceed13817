package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code expiresInMs}: absent from that instant on, and deleted by an event some time later. */
@Order(1)
@ExtendWith(SharedServer.class)
class ExpiryTest {
  private static final Until SOON = Until.within(Duration.ofSeconds(20));

  /** Two minutes, and what a busy machine adds. */
  private static final Until DELETED = Until.within(Duration.ofSeconds(140));

  private static Reply create(Session s, String id, String more) {
    return s.call("{'type':'create','$type':'T','data':{'$id':'" + id + "','n':1}" + more + "}");
  }

  private static void awaitGone(Session s, String id) throws Exception {
    SOON.sees(id + " is gone", () -> s.thing(id), JsonNode::isMissingNode);
  }

  private static long count(Session s, String where) {
    return s.call("{'type':'count','$type':'T','where':{" + where + "}}")
        .json()
        .path("count")
        .asLong(-1);
  }

  private static JsonNode event(PipelineSink sink, String namespace, int number) throws Exception {
    return SOON.sees(
            number + " events",
            () -> sink.log(namespace).events(),
            events -> events.size() >= number)
        .get(number - 1);
  }

  @Test
  void aThingThatHasExpiredIsAbsentForEverything(Session s) throws Exception {
    create(s, "stays", "").ack();
    long before = System.currentTimeMillis();
    JsonNode made = create(s, "a", ",'expiresInMs':1500,'return':true").ack().json().path("thing");
    long atMs = made.path("$expiresAt").asLong();
    assertEquals(made.path("$createdAt").asLong() + 1500, atMs, made::toString);
    assertTrue(atMs >= before + 1000, made::toString);
    assertEquals(atMs, s.thing("a").path("$expiresAt").asLong());
    assertEquals(2, count(s, ""));
    assertEquals(1, count(s, "'$expiresAt':" + atMs));
    awaitGone(s, "a");
    assertEquals(1, count(s, ""));
    assertEquals(1, count(s, "'n':1"));
    assertEquals(0, count(s, "'$expiresAt':{'$exists':true}"));
    s.call("{'type':'check','$id':'a','ifVersion':0}").ok();
    s.update("a", "{}").error("NOT_FOUND");
    s.delete("a").ok();
    s.call("{'type':'delete','$id':'a','ifVersion':1}").error("NOT_FOUND");
    Reply put = s.call("{'type':'put','$type':'T','$id':'a','data':{},'ifVersion':1}");
    assertEquals(0, put.error("CONFLICT").details().path("version").asInt(-1));
    assertEquals(2, s.stats().path("appliedSeq").asInt());
  }

  @Test
  void aWriteOverItLogsTheDeletionFirst(Session s, PipelineSink sink) throws Exception {
    create(s, "a", ",'expiresInMs':1").ack();
    create(s, "b", ",'expiresInMs':1").ack();
    awaitGone(s, "a");
    awaitGone(s, "b");
    assertEquals(1, create(s, "a", "").ack().version());
    JsonNode deleted = event(sink, s.namespace(), 3);
    assertEquals("thing.deleted", deleted.path("verb").asText());
    assertEquals("expired", deleted.path("payload").path("$reason").asText());
    assertEquals("a", deleted.path("entityId").asText());
    JsonNode created = event(sink, s.namespace(), 4);
    assertEquals("thing.created", created.path("verb").asText());
    assertFalse(created.path("payload").has("$expiresAt"));
    s.call(
            "{'type':'batch','atomic':true,'operations':["
                + "{'type':'put','$type':'T','$id':'b','data':{},'expiresInMs':60000},"
                + "{'type':'update','$id':'b','data':{'x':1}}]}")
        .ack();
    assertEquals("expired", event(sink, s.namespace(), 5).path("payload").path("$reason").asText());
    assertTrue(event(sink, s.namespace(), 6).path("payload").path("$expiresAt").isNumber());
    assertFalse(event(sink, s.namespace(), 7).path("payload").has("$expiresAt"));
    assertEquals(2, s.thing("b").path("$version").asInt());
  }

  @Test
  void updatesKeepMoveOrEndIt(Session s, PipelineSink sink) throws Exception {
    create(s, "a", ",'expiresInMs':60000").ack();
    long first = s.thing("a").path("$expiresAt").asLong();
    s.update("a", "{'n':2}").ack();
    assertEquals(first, s.thing("a").path("$expiresAt").asLong());
    assertEquals(3, s.call("{'type':'update','$id':'a','expiresInMs':900000}").ack().version());
    long second = s.thing("a").path("$expiresAt").asLong();
    assertTrue(second > first);
    assertEquals(second, event(sink, s.namespace(), 3).path("payload").path("$expiresAt").asLong());
    s.call("{'type':'update','$id':'a','expiresInMs':null}").ack();
    assertFalse(s.thing("a").has("$expiresAt"));
    assertTrue(event(sink, s.namespace(), 4).path("payload").path("$expiresAt").isNull());
    s.call("{'type':'update','$id':'a','expiresInMs':900000}").ack();
    s.call("{'type':'put','$type':'T','$id':'a','data':{}}").ack();
    assertFalse(s.thing("a").has("$expiresAt"));
    assertTrue(event(sink, s.namespace(), 6).path("payload").path("$expiresAt").isNull());
  }

  @Test
  void whatIsNoTimeToLiveIsRefused(Session s) {
    create(s, "a", "").ack();
    for (String wrong : List.of("0", "-1", "1.5", "10000000000001", "'1'", "true", "[]")) {
      String more = ",'expiresInMs':" + wrong;
      for (Reply reply :
          List.of(
              create(s, "b", more),
              s.call("{'type':'update','$id':'a'" + more + "}"),
              s.call("{'type':'put','$type':'T','$id':'b','data':{}" + more + "}"))) {
        JsonNode field = reply.error("VALIDATION_ERROR").details().path("field");
        assertEquals("expiresInMs", field.asText(), wrong);
      }
    }
    create(s, "b", ",'expiresInMs':null").error("VALIDATION_ERROR");
    create(s, "b", ",'expiresInMs':10000000000000").ack();
  }

  /** The alarm is rounded up to a minute: how long it takes depends on when it begins. */
  @Test
  @Timeout(400)
  void itIsDeletedWithinTwoMinutesAlsoByAServerThatWasKilled(@TempDir Path directory)
      throws Exception {
    try (PipelineSink sink = new PipelineSink()) {
      Setup setup = Setup.plain().sendingTo(sink).with("DURABILITY", "local");
      try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
        try (Session s = server.open("killed");
            Session other = server.open("running")) {
          create(s, "a", ",'expiresInMs':3000").ack();
          create(s, "b", ",'expiresInMs':900000").ack();
          create(other, "a", ",'expiresInMs':40000").ack();
          server.process().kill();
        }
        server.startAgain(setup);
        try (Session s = server.open("killed");
            Session other = server.open("running")) {
          assertTrue(other.thing("a").has("$expiresAt"));
          awaitGone(s, "a");
          assertTrue(s.thing("b").has("$expiresAt"));
        }
        // No request reaches the stores here: each is woken by its alarm.
        for (String namespace : List.of("killed", "running")) {
          int events = namespace.equals("killed") ? 3 : 2;
          JsonNode last =
              DELETED
                  .sees(
                      "the deletion in " + namespace,
                      () -> sink.log(namespace).events(),
                      seen -> seen.size() == events)
                  .get(events - 1);
          assertEquals("thing.deleted", last.path("verb").asText());
          assertEquals("expired", last.path("payload").path("$reason").asText());
          assertEquals("a", last.path("entityId").asText());
        }
        try (Session s = server.open("killed")) {
          assertEquals(1, s.stats().path("entries").asInt());
          assertEquals(1, create(s, "a", "").ack().version());
        }
      }
    }
  }
}
