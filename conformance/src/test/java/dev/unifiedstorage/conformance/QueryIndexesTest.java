package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Indexes, what is refused without one, evicted things, restarts and the past. */
class QueryIndexesTest {
  private static final int CARDS = 300;
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
  private static final Setup INDEXED =
      Setup.plain()
          .with("MAX_SCAN", "100")
          .with("INDEXES", "{\"Card\":[[\"board\",\"position\"],[\"assignee\"],[\"$id\"]]}");

  @TempDir private Path directory;

  private static void fill(Session s) {
    ObjectNode request = Session.json("{'type':'batch'}");
    ArrayNode operations = request.putArray("operations");
    for (int i = 0; i < CARDS; i++) {
      ObjectNode create = operations.addObject().put("type", "create").put("$type", "Card");
      ObjectNode data = create.putObject("data").put("$id", "c" + i).put("board", "b" + i % 10);
      data.put("position", i * 7 % 40).put("assignee", i % 3 == 0 ? "ada" : "bob").put("n", i);
    }
    s.call(request).ack();
  }

  private static Reply ask(Session s, String members) {
    return s.call("{'type':'query','$type':'Card','explain':true" + members + "}");
  }

  private static List<Integer> values(Reply reply, String field) {
    List<Integer> values = new ArrayList<>();
    reply.ok().json().path("things").forEach(thing -> values.add(thing.path(field).asInt()));
    return values;
  }

  private static void explained(Reply reply, String index, int looked, int matched) {
    JsonNode explain = reply.ok().json().path("explain");
    String expected = "{'index':%s,'looked':%d,'matched':%d}".formatted(index, looked, matched);
    assertEquals(Session.json(expected), explain, explain::toString);
  }

  @Test
  void anIndexLooksAtLittle() throws Exception {
    try (StoreServer server = StoreServer.start(INDEXED, directory.resolve("data"));
        Session s = server.open("store")) {
      fill(s);
      double before = s.stats().path("estimatedBytes").asDouble();
      Reply page = ask(s, ",'where':{'board':'b1'},'orderBy':['position'],'limit':5");
      explained(page, "['board','position']", 6, 6);
      assertEquals(List.of(7, 7, 7, 7, 7), positionsSorted(page));
      assertTrue(s.stats().path("estimatedBytes").asDouble() > before);
      explained(
          ask(s, ",'where':{'board':'b1','position':{'$gte':17,'$lt':27}}"),
          "['board','position']",
          14,
          7);
      explained(
          ask(s, ",'where':{'board':{'$in':['b1','b2']},'n':{'$lt':100}}"),
          "['board','position']",
          60,
          20);
      // Downwards, and then upwards by the id.
      Reply down = ask(s, ",'where':{'board':'b1'},'orderBy':['-position'],'limit':9");
      explained(down, "['board','position']", 10, 10);
      assertEquals(37, values(down, "position").get(0));
      assertTrue(
          down.json()
                  .path("things")
                  .get(0)
                  .path("$id")
                  .asText()
                  .compareTo(down.json().path("things").get(1).path("$id").asText())
              < 0);
      // Changes are seen at once.
      s.update(down.json().path("things").get(0).path("$id").asText(), "{'position':-1}").ack();
      assertEquals(
          -1,
          values(ask(s, ",'where':{'board':'b1'},'orderBy':['position'],'limit':1"), "position")
              .get(0));
      Reply count = s.call("{'type':'count','$type':'Card','where':{'board':'b1'},'explain':true}");
      assertEquals(30, count.ok().json().path("count").asInt());
      explained(count, "['board','position']", 30, 30);
    }
  }

  private static List<Integer> positionsSorted(Reply page) {
    List<Integer> positions = values(page, "position");
    assertEquals(positions.stream().sorted().toList(), positions);
    return positions;
  }

  @Test
  void withoutOneALargeTypeIsTooExpensive() throws Exception {
    try (StoreServer server = StoreServer.start(INDEXED, directory.resolve("data"));
        Session s = server.open("store")) {
      fill(s);
      Reply refused = ask(s, ",'where':{'n':{'$gt':5},'$or':[{'board':'b1'}]},'orderBy':['n']");
      JsonNode details = refused.error("TOO_EXPENSIVE").details();
      assertTrue(details.path("looked").asInt() > 100, details::toString);
      assertEquals("[\"n\"]", details.path("index").toString());
      details = ask(s, ",'where':{'n':5,'m':{'$gte':1}}").error("TOO_EXPENSIVE").details();
      assertEquals("[\"n\",\"m\"]", details.path("index").toString());
      details = ask(s, ",'orderBy':['-n','board']").error("TOO_EXPENSIVE").details();
      assertEquals("[\"n\",\"board\"]", details.path("index").toString());
      s.call("{'type':'count','$type':'Card','where':{'n':1}}").error("TOO_EXPENSIVE");
      // One that looks at too much of an index.
      details = ask(s, ",'where':{'assignee':'bob','n':-1}").error("TOO_EXPENSIVE").details();
      assertEquals(101, details.path("looked").asInt());
      // These never are.
      assertEquals(300, s.call("{'type':'count','$type':'Card'}").json().path("count").asInt());
      assertEquals(100, values(ask(s, ""), "n").size());
    }
  }

  @Test
  void pagesOfEverythingAreNeverRefused() throws Exception {
    Setup setup = Setup.plain().with("MAX_SCAN", "10");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      fill(s);
      ObjectNode request = Session.json("{'type':'query','$type':'Card','limit':130}");
      int found = 0;
      for (boolean more = true; more; ) {
        Reply page = s.call(request).ok();
        found += page.json().path("things").size();
        more = page.json().has("cursor");
        request.set("cursor", page.json().path("cursor"));
      }
      assertEquals(CARDS, found);
    }
  }

  @Test
  void evictedThingsAreFoundLikeAnyOther() throws Exception {
    Setup setup = INDEXED.with("MAX_ENTRIES", "20").with("COLUMNAR_THRESHOLD", "10");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      try (Session s = server.open("store")) {
        fill(s);
        server.http().checkpoint("store");
        assertTrue(s.stats().path("entriesInMemory").asInt() < 50, () -> "nothing was evicted");
        everythingIsFound(s);
        assertTrue(s.stats().path("entriesInMemory").asInt() < 50, () -> "a query keeps things");
        server.http().checkpoint("store");
      }
      server.process().terminate(STOP_DEADLINE);
      server.startAgain(setup);
      try (Session s = server.open("store")) {
        everythingIsFound(s);
        s.update("c11", "{'position':-5}").ack();
        s.delete("c21").ok();
        Reply page = ask(s, ",'where':{'board':'b1'},'orderBy':['position']");
        assertEquals(29, values(page, "n").size());
        assertEquals(11, values(page, "n").get(0));
      }
    }
    // Without an index, while there are few.
    Setup scanning = setup.with("INDEXES", "").with("MAX_SCAN", "300");
    try (StoreServer server = StoreServer.start(scanning, directory.resolve("data"));
        Session s = server.open("store")) {
      Reply page = ask(s, ",'where':{'board':'b1'},'orderBy':['position']");
      explained(page, "null", 299, 29);
      assertEquals(11, values(page, "n").get(0));
    }
    // Pages of everything need one once the ids have left memory.
    Setup few = setup.with("INDEXES", "").with("MAX_SCAN", "100");
    try (StoreServer server = StoreServer.start(few, directory.resolve("data"));
        Session s = server.open("store")) {
      JsonNode details = ask(s, "").error("TOO_EXPENSIVE").details();
      assertEquals("[\"$id\"]", details.path("index").toString());
      assertEquals(299, s.call("{'type':'count','$type':'Card'}").json().path("count").asInt());
    }
  }

  private static void everythingIsFound(Session s) {
    List<Integer> found = new ArrayList<>();
    ObjectNode request =
        Session.json(
            "{'type':'query','$type':'Card','where':{'board':'b1'},'orderBy':['-position'],'limit':7}");
    for (boolean more = true; more; ) {
      Reply page = s.call(request).ok();
      found.addAll(values(page, "position"));
      more = page.json().has("cursor");
      request.set("cursor", page.json().path("cursor"));
    }
    assertEquals(30, found.size());
    assertEquals(found.stream().sorted((a, b) -> b - a).toList(), found);
    assertEquals(11, values(ask(s, ",'where':{'$id':{'$startsWith':'c11'}}"), "n").size());
  }

  @Test
  void aCursorOutlivesTheServer() throws Exception {
    try (StoreServer server = StoreServer.start(INDEXED, directory.resolve("data"))) {
      ObjectNode request =
          Session.json(
              "{'type':'query','$type':'Card','where':{'board':'b2'},'orderBy':['position'],'limit':20}");
      String at;
      try (Session s = server.open("store")) {
        fill(s);
        Reply page = s.call(request).ok();
        request.set("cursor", page.json().get("cursor"));
        at = page.json().path("at").asText();
        server.process().kill();
      }
      server.startAgain(INDEXED);
      try (Session s = server.open("store")) {
        Reply rest = s.call(request).ok();
        assertEquals(10, rest.json().path("things").size());
        assertFalse(rest.json().has("cursor"));
        assertTrue(at.length() > 0);
      }
    }
  }

  @Test
  void wrongIndexesAreRefusedByName() throws Exception {
    Setup wrong = Setup.plain().with("INDEXES", "{\"Card\":[\"board\"]}");
    if (Target.current().hasEmulatorRoutes()) {
      // It ends, and says so.
      IOException ended =
          assertThrows(
              IOException.class, () -> StoreServer.start(wrong, directory.resolve("data")).close());
      assertTrue(ended.getMessage().contains("INDEXES"), ended.getMessage());
      return;
    }
    try (StoreServer server = StoreServer.start(wrong, directory.resolve("data"));
        Session s = server.open("store")) {
      Reply reply = new Reply(s.socket().call(Session.json("{'type':'read','$ids':[]}")));
      assertTrue(
          reply.error("UNAVAILABLE").json().path("error").asText().contains("INDEXES"),
          reply::toString);
    }
  }

  @Test
  void thePastIsAskedOfTheArchive() throws Exception {
    try (ArchivedServer archived =
            ArchivedServer.start(Setup.plain(), directory, Duration.ofMillis(300));
        Session s = archived.server().open("store")) {
      ObjectNode card = Session.createRequest("a", "{'v':1}").put("$type", "Card");
      s.call(card).ack();
      s.call(Session.createRequest("b", "{'v':2}").put("$type", "Card")).ack();
      Reply then = s.call("{'type':'query','$type':'Card'}").ok();
      s.update("a", "{'v':3}").ack();
      s.delete("b").ok();
      s.call(Session.createRequest("c", "{'v':1}").put("$type", "Card")).ack();
      archived.awaitArchived();
      ObjectNode request = Session.json("{'type':'query','$type':'Card','orderBy':['-v']}");
      request.set("at", then.json().get("at"));
      Reply past = s.call(request).ok();
      assertEquals(List.of(2, 1), values(past, "v"));
      assertEquals(then.json().get("at"), past.json().get("at"));
      request.putObject("at").put("seq", 3);
      assertEquals(List.of(3, 2), values(s.call(request), "v"));
      request.put("at", 1000);
      assertEquals(List.of(), values(s.call(request), "v"));
      Reply count = s.call("{'type':'count','$type':'Card','where':{'v':1},'at':{'seq':2}}").ok();
      assertEquals(1, count.json().path("count").asInt());
    }
  }
}
