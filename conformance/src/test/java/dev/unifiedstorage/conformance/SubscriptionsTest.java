package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that follow things: what they are pushed, and how they go on. */
@ExtendWith(SharedServer.class)
class SubscriptionsTest {
  /** One subscription of a socket: what its messages put together. */
  private static final class Followed {
    private final Session session;
    private final Map<String, JsonNode> things = new TreeMap<>();
    private String at;
    private int messages;

    Followed(Session session) {
      this.session = session;
    }

    /** Subscribes; the mode is the one expected. */
    Followed begins(String mode, String selection) throws Exception {
      ObjectNode request = Session.json("{'type':'subscribe','sub':'s'," + selection + "}");
      Reply reply = session.call(request).ok();
      assertEquals(mode, reply.json().path("mode").asText(), reply.json()::toString);
      assertEquals("s", reply.json().path("sub").asText());
      if (mode.equals("snapshot")) {
        things.clear();
      }
      whole();
      return this;
    }

    /** Takes messages up to one that nothing follows. */
    JsonNode whole() {
      JsonNode message = next();
      while (message.path("more").asBoolean()) {
        message = next();
      }
      at = message.path("at").asText();
      return message;
    }

    private JsonNode next() {
      JsonNode message = session.socket().nextUncorrelated();
      assertFalse(message.has("id"), message::toString);
      assertEquals("s", message.path("sub").asText());
      assertTrue(message.path("more").isBoolean(), message::toString);
      messages++;
      for (Map.Entry<String, JsonNode> one : message.path("things").properties()) {
        if (one.getValue().isNull()) {
          things.remove(one.getKey());
        } else {
          things.put(one.getKey(), one.getValue());
        }
      }
      return message;
    }

    /** Takes messages until what they put together has exactly these ids. */
    void until(Set<String> ids) {
      while (!things.keySet().equals(ids)) {
        whole();
      }
    }

    String since() {
      return ",'since':'" + at + "'";
    }
  }

  @Test
  void changesArePushedInOrderOnceTheyAreDurable(Session s, StoreServer server) throws Exception {
    s.create("a", "{'n':1}").ack();
    try (Session other = server.open(s.namespace())) {
      Followed followed = new Followed(s).begins("snapshot", "'$type':'Customer'");
      assertEquals(Set.of("a"), followed.things.keySet());
      other.create("b", "{'n':1}").ack();
      other.delete("a").ok();
      followed.until(Set.of("b"));
      for (int n = 1; n <= 200; n++) {
        other.send("{'type':'update','$id':'b','data':{'n':" + n + "}}");
      }
      int before = followed.messages;
      while (followed.things.get("b").path("n").asInt() < 200) {
        followed.whole();
      }
      assertTrue(followed.messages - before < 100, "versions between two messages are one");
      assertEquals(s.thing("b"), followed.things.get("b"));
      assertEquals(1, s.stats().path("subscriptions").asInt());
    }
  }

  @Test
  void sinceGoesOnFromAMoment(Session s, StoreServer server) throws Exception {
    for (int i = 0; i < 20; i++) {
      s.create("c" + i, "{'n':" + i + "}").ack();
    }
    String at;
    try (Session first = server.open(s.namespace())) {
      Followed followed =
          new Followed(first).begins("snapshot", "'$type':'Customer','where':{'n':{'$lt':10}}");
      assertEquals(10, followed.things.size());
      at = followed.since();
    }
    s.update("c1", "{'n':100}").ack();
    s.update("c2", "{'x':1}").ack();
    s.delete("c3").ok();
    s.delete("c4").ok();
    s.call("{'type':'create','$type':'Other','data':{'$id':'c4','n':1}}").ack();
    Followed again = new Followed(s);
    again.begins("changes", "'$type':'Customer','where':{'n':{'$lt':10}}" + at);
    assertEquals(Set.of("c2"), again.things.keySet());
    again.begins("changes", "'$type':'Customer','where':{'n':{'$lt':10}}" + again.since());
    assertEquals(Set.of("c2"), again.things.keySet(), "nothing is different");
    again.begins("snapshot", "'$type':'Customer','since':'no moment of this store'");
    assertEquals(18, again.things.size());
  }

  @Test
  void whereTheStoreCannotTellEverythingComesAnew(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DELETIONS_KEPT", "2");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("forgetful")) {
      for (int i = 0; i < 8; i++) {
        s.create("c" + i, "{'n':" + i + "}").ack();
      }
      Followed followed = new Followed(s).begins("snapshot", "'$type':'Customer'");
      String first = followed.since();
      s.call("{'type':'unsubscribe','sub':'s'}").ok();
      s.delete("c0").ok();
      s.delete("c1").ok();
      followed.begins("changes", "'$type':'Customer'" + first);
      assertEquals(Set.of("c2", "c3", "c4", "c5", "c6", "c7"), followed.things.keySet());
      s.call("{'type':'unsubscribe','sub':'s'}").ok();
      // At least so many are kept: the oldest go together.
      for (int i = 2; i < 6; i++) {
        s.delete("c" + i).ok();
      }
      followed.begins("snapshot", "'$type':'Customer'" + first);
      assertEquals(Set.of("c6", "c7"), followed.things.keySet());
    }
  }

  @Test
  void sinceGoesOnAfterARebuild(@TempDir Path directory) throws Exception {
    try (ArchivedServer archived =
            ArchivedServer.start(Setup.plain(), directory, Duration.ofMillis(300));
        Session s = archived.server().open("rebuilt")) {
      for (int i = 0; i < 4; i++) {
        s.create("c" + i, "{'n':" + i + "}").ack();
      }
      Followed followed;
      try (Session first = archived.server().open("rebuilt")) {
        followed = new Followed(first).begins("snapshot", "'$type':'Customer'");
      }
      s.delete("c0").ok();
      s.update("c1", "{'n':10}").ack();
      archived.awaitArchived();
      s.http().json("POST", "/stores/rebuilt/rebuild", "");
      Followed again = new Followed(s);
      again.things.putAll(followed.things);
      JsonNode untouched = again.things.get("c2");
      again.begins("changes", "'$type':'Customer'" + followed.since());
      assertEquals(Set.of("c1", "c2", "c3"), again.things.keySet());
      assertEquals(10, again.things.get("c1").path("n").asInt());
      assertEquals(s.thing("c2"), untouched);
    }
  }

  /** Who begins to follow is shown what a query shows, and so the others learn of it too. */
  @Test
  void whatHasExpiredIsToldAsADeletion(Session s, StoreServer server) throws Exception {
    Followed followed = new Followed(s).begins("snapshot", "'$type':'Customer'");
    try (Session other = server.open(s.namespace())) {
      ObjectNode brief = Session.createRequest("brief", "{'n':1}").put("expiresInMs", 1_000);
      other.call(brief).ack();
      other.create("stays", "{'n':1}").ack();
      followed.until(Set.of("brief", "stays"));
      Until.within(Duration.ofSeconds(20))
          .sees("brief has expired", () -> other.thing("brief"), JsonNode::isMissingNode);
      Followed late = new Followed(other).begins("snapshot", "'$ids':['brief','stays']");
      assertEquals(Set.of("stays"), late.things.keySet());
      assertEquals(1, late.messages);
      followed.until(Set.of("stays"));
    }
  }

  @Test
  void anAtomicBatchIsShownWholeOrNotAtAll(Session s, StoreServer server) throws Exception {
    try (Session other = server.open(s.namespace())) {
      Followed followed = new Followed(s).begins("snapshot", "'$type':'T'");
      String batch = "{'type':'batch','atomic':true,'operations':[";
      other
          .call(
              batch
                  + "{'type':'create','$type':'T','data':{'$id':'x','n':0}},"
                  + "{'type':'create','$type':'T','data':{'$id':'y','n':0}}]}")
          .ack();
      for (int n = 1; n <= 100; n++) {
        String increment = "'data':{'n':" + n + "}}";
        other.send(
            batch
                + "{'type':'update','$id':'x',"
                + increment
                + ",{'type':'update','$id':'y',"
                + increment
                + "]}");
      }
      while (!followed.things.containsKey("x")
          || followed.things.get("x").path("n").asInt() < 100) {
        followed.whole();
        assertEquals(
            followed.things.getOrDefault("x", StoreSocket.JSON.nullNode()).path("n"),
            followed.things.getOrDefault("y", StoreSocket.JSON.nullNode()).path("n"));
      }
    }
  }

  @Test
  void aReplacedAndAnEndedSubscriptionArePushedNoMore(Session s, StoreServer server)
      throws Exception {
    s.create("a", "{'n':1}").ack();
    try (Session other = server.open(s.namespace())) {
      Followed followed = new Followed(s).begins("snapshot", "'$type':'Customer'");
      followed.begins("snapshot", "'$ids':['b','c']");
      assertEquals(Set.of(), followed.things.keySet());
      other.update("a", "{'n':2}").ack();
      other.create("b", "{'n':2}").ack();
      followed.until(Set.of("b"));
      s.call("{'type':'unsubscribe','sub':'s'}").ok();
      s.call("{'type':'unsubscribe','sub':'s'}").ok();
      other.create("c", "{'n':2}").ack();
      other.ping().ok();
      assertEquals(0, s.stats().path("subscriptions").asInt());
      s.ping().ok();
      assertEquals(0, s.socket().uncorrelatedCount());
    }
  }

  @Test
  void whatIsNoSubscriptionIsRefused(Session s) throws Exception {
    for (List<String> wrong :
        List.of(
            List.of("'$type':'T'", "sub"),
            List.of("'sub':'','$type':'T'", "sub"),
            List.of("'sub':'" + "s".repeat(65) + "','$type':'T'", "sub"),
            List.of("'sub':'s'", "$type"),
            List.of("'sub':'s','$type':'" + "T".repeat(257) + "'", "$type"),
            List.of("'sub':'s','$type':'T','$ids':['a']", "$ids"),
            List.of("'sub':'s','$ids':'a'", "$ids"),
            List.of("'sub':'s','$ids':[1]", "$ids"),
            List.of("'sub':'s','$ids':['a'],'where':{}", "where"),
            List.of("'sub':'s','$type':'T','where':[]", "where"),
            List.of("'sub':'s','$type':'T','where':{'a':{'$like':1}}", "where"),
            List.of("'sub':'s','$type':'T','since':1", "since"),
            List.of("'sub':'s','$ids':['" + "x".repeat(8_000) + "']", "$ids"),
            List.of("'sub':'s','$type':'T','where':{'a':'" + "x".repeat(8_000) + "'}", "where"))) {
      Reply reply = s.call("{'type':'subscribe'," + wrong.get(0) + "}").error("VALIDATION_ERROR");
      assertEquals(wrong.get(1), reply.details().path("field").asText(), wrong::toString);
    }
    s.call("{'type':'unsubscribe'}").error("VALIDATION_ERROR");
    s.call("{'type':'batch','operations':[{'type':'subscribe','sub':'s','$type':'T'}]}")
        .ack()
        .result(0)
        .error("UNKNOWN_TYPE");
    assertEquals(0, s.stats().path("subscriptions").asInt());
    s.call("{'type':'subscribe','sub':'" + "s".repeat(64) + "','$type':'T'}").ok();
    assertEquals(1, s.stats().path("subscriptions").asInt());
  }

  @Test
  void aLargeSetComesInMessagesOfOneMebibyte(Session s, StoreServer server) throws Exception {
    String text = "x".repeat(300_000);
    for (int i = 0; i < 12; i++) {
      s.create("l" + i, "{'text':'" + text + "'}").ack();
    }
    Followed followed = new Followed(s).begins("snapshot", "'$type':'Customer'");
    assertEquals(12, followed.things.size());
    assertEquals(3, followed.messages);
  }

  @Test
  void aFrameMaySubscribe(Session s, StoreServer server) throws Exception {
    String frame =
        "[{\"type\":\"subscribe\",\"id\":\"x\",\"sub\":\"s\",\"$type\":\"Customer\"},"
            + "{\"type\":\"ping\",\"id\":\"y\"}]";
    s.socket().sendFrame(Session.TEXT, true, frame.getBytes(StandardCharsets.UTF_8));
    Set<String> seen = new java.util.HashSet<>();
    for (int i = 0; i < 2; i++) {
      seen.add(s.socket().nextUncorrelated().path("id").asText());
    }
    assertEquals(Set.of("x", "y"), seen, "replies come before what is pushed");
    Followed followed = new Followed(s);
    followed.whole();
    try (Session other = server.open(s.namespace())) {
      other.create("a", "{'n':1}").ack();
      followed.until(Set.of("a"));
    }
  }

  /** The object sleeps with its subscriber, wakes by a write of another client, and pushes it. */
  @Test
  void anIdleObjectSleepsWithItsSubscribersAndAWriteIsPushed(@TempDir Path directory)
      throws Exception {
    Setup setup = Setup.plain().with("CHECKPOINT_INTERVAL", "200");
    try (PipelineSink sink = new PipelineSink();
        StoreServer server = StoreServer.start(setup.sendingTo(sink), directory.resolve("data"));
        Session s = server.open("sleepy");
        Session other = server.open("sleepy")) {
      other.create("a", "{'n':1}").ack();
      Followed followed =
          new Followed(s).begins("snapshot", "'$type':'Customer','where':{'n':{'$gt':0}}");
      JsonNode before =
          Until.within(Duration.ofSeconds(20))
              .sees(
                  "nothing left to do",
                  s::stats,
                  stats ->
                      stats.path("dirty").asInt(-1) == 0
                          && stats.path("checkpoints").path("count").asInt() > 0
                          && stats.path("pipeline").path("queued").asInt(-1) == 0);
      // A fixed time, because to ask would wake it.
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(15));
      other.create("b", "{'n':2}").ack();
      followed.until(Set.of("a", "b"));
      JsonNode stats = s.stats();
      assertNotEquals(before.path("bootId"), stats.path("bootId"), "is still in memory");
      assertEquals(1, stats.path("subscriptions").asInt());
      other.update("a", "{'n':0}").ack();
      followed.until(Set.of("b"));
      s.call("{'type':'unsubscribe','sub':'s'}").ok();
    }
  }

  @Test
  void sinceGoesOnAfterAKill(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("DURABILITY", "local");
    try (PipelineSink sink = new PipelineSink();
        StoreServer server = StoreServer.start(setup.sendingTo(sink), directory.resolve("data"))) {
      String at;
      try (Session s = server.open("killed")) {
        for (int i = 0; i < 5; i++) {
          s.create("c" + i, "{'n':" + i + "}").ack();
        }
        at = new Followed(s).begins("snapshot", "'$type':'Customer'").since();
        s.delete("c0").ok();
        s.update("c1", "{'n':10}").ack();
        server.process().kill();
      }
      server.startAgain(setup.sendingTo(sink));
      try (Session s = server.open("killed")) {
        Followed followed = new Followed(s);
        followed.things.put("c0", StoreSocket.JSON.nullNode());
        followed.begins("changes", "'$type':'Customer'" + at);
        assertEquals(Set.of("c1"), followed.things.keySet());
        assertEquals(10, followed.things.get("c1").path("n").asInt());
      }
    }
  }
}
