package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.unifiedstorage.driver.HandshakeException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP routes: what each answers, and how it refuses. */
@ExtendWith(SharedServer.class)
class RoutesTest {
  private static void assertRefused(int status, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    JsonNode error = Session.json(response.body()).path("error");
    assertTrue(error.path("code").isTextual(), response::body);
    assertTrue(error.path("message").isTextual(), response::body);
  }

  @Test
  void healthIsOk(StoreServer server) throws IOException {
    HttpResponse<String> health = server.http().request("GET", "/health", null);
    assertEquals(200, health.statusCode());
    assertEquals("ok", Session.json(health.body()).path("status").asText());
  }

  /** How well it is depends on what other tests do to their stores meanwhile. */
  @Test
  void readinessIsToldFromHealth(StoreServer server) throws IOException {
    HttpResponse<String> ready = server.http().request("GET", "/health?ready", null);
    String status = Session.json(ready.body()).path("status").asText();
    boolean takes = List.of("ready", "degraded").contains(status);
    assertTrue(takes || List.of("starting", "failed").contains(status), ready::body);
    assertEquals(takes ? 200 : 503, ready.statusCode());
  }

  @Test
  void aStoreWithoutAnUpgradeIs426(StoreServer server) throws IOException {
    assertRefused(426, server.http().request("GET", "/stores/plain", null));
  }

  static Stream<String> badNamespaces() {
    return Stream.of("a%20b", "a%2Fb", "%C3%A9", "a@b", "a:b", "a*", "a%00", "~a", "n".repeat(129));
  }

  @ParameterizedTest
  @MethodSource("badNamespaces")
  void aBadNamespaceIs400(String namespace, StoreServer server) throws IOException {
    for (String suffix : List.of("", "/stats", "/metrics")) {
      assertRefused(400, server.http().request("GET", "/stores/" + namespace + suffix, null));
    }
    assertRefused(400, server.http().request("POST", "/stores/" + namespace + "/checkpoint", ""));
  }

  /** Or a client keeps the connection for its next request, which then gets no answer. */
  @ParameterizedTest
  @ValueSource(strings = {"/health", "/stores/a@b/stats", "/stores/a%00/stats", "/nowhere"})
  void anAnswerBehindWhichTheConnectionEndsSaysSo(String target, StoreServer server)
      throws IOException {
    RawHttp answer = RawHttp.get(server, target);
    assertTrue(answer.head().toLowerCase(Locale.ROOT).contains("connection: close"), answer::head);
  }

  /** A path is taken as it came: what a URL's reader makes of dots would be another store's. */
  @ParameterizedTest
  @ValueSource(strings = {".", "..", "%2e", "%2E%2E", ".%2e", "%2e."})
  void dotsAreNoNamespaceHoweverTheyAreWritten(String namespace, StoreServer server)
      throws IOException {
    for (String suffix : List.of("", "/stats", "/history/a")) {
      RawHttp answer = RawHttp.get(server, "/stores/" + namespace + suffix);
      assertEquals(400, answer.status(), answer::body);
    }
    HandshakeException refused =
        assertThrows(HandshakeException.class, () -> server.open(namespace).close());
    assertEquals(400, refused.status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/./health", "/stores/a/../../health", "/stores/x/./stats", "/a/../health"})
  void dotsLeadFromNoPathToAnother(String target, StoreServer server) throws IOException {
    RawHttp answer = RawHttp.get(server, target);
    assertEquals(404, answer.status(), answer::body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a|b", "a\"b", "a\\b", "a{b}", "a^b", "a`b", "a%00", "%00", "a%", "%ff"})
  void anIdThatIsNotPercentEncodedOrHasANulIs400(String id, StoreServer server) throws IOException {
    RawHttp answer = RawHttp.get(server, "/stores/odd-ids/history/" + id);
    assertEquals(400, answer.status(), answer::body);
  }

  @Test
  void aSocketToABadNamespaceIs400(StoreServer server) {
    HandshakeException refused =
        assertThrows(HandshakeException.class, () -> server.open("a@b").close());
    assertEquals(400, refused.status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "A-Z.0_9", "...", "-", "constructor", "__proto__"})
  void everyAllowedNamespaceServes(String namespace, StoreServer server) throws IOException {
    for (String name : List.of(namespace, namespace + "n".repeat(128 - namespace.length()))) {
      try (Session s = server.open(name)) {
        s.create("a", "{}").ack();
        assertEquals(1, s.stats().path("entries").asInt());
        s.delete("a").ok();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/stores/a/nothing", "/stores/a/stats/b"})
  void anUnknownRouteIs404(String path, StoreServer server) throws IOException {
    assertRefused(404, server.http().request("GET", path, null));
  }

  @Test
  void faultsAreThereOnlyWhenAskedFor(StoreServer server) throws IOException {
    assertRefused(404, server.http().request("PUT", "/faults", "{}"));
  }

  private static void assertFields(JsonNode stats, JsonNodeType type, String... pointers) {
    for (String pointer : pointers) {
      JsonNode value = stats.at("/" + pointer);
      assertEquals(type, value.getNodeType(), () -> pointer + " in " + stats);
    }
  }

  @Test
  void statsHaveEveryFieldOfTheContract(Session s) throws IOException {
    s.create("a", "{'text':'some'}").ack();
    s.create("b", "{}").ack();
    s.delete("b").ok();
    s.http().checkpoint(s.namespace());
    JsonNode stats = s.stats();
    assertFields(
        stats,
        JsonNodeType.NUMBER,
        "entries",
        "dirty",
        "estimatedBytes",
        "epoch",
        "appliedSeq",
        "durableSeq",
        "checkpointSeq",
        "rowsWritten",
        "checkpoints/count",
        "checkpoints/lastDurationMs",
        "checkpoints/columnarWrites",
        "checkpoints/packedWrites",
        "checkpoints/normalizedWrites",
        "pipeline/queued",
        "pipeline/sent",
        "pipeline/retries",
        "pipeline/deadLettered",
        "recovery/thingsLoaded",
        "recovery/eventsReplayed",
        "recovery/duplicatesSkipped",
        "recovery/durationMs");
    assertFields(
        stats,
        JsonNodeType.STRING,
        "durability",
        "bootId",
        "checkpoints/lastTrigger",
        "pipeline/status",
        "recovery/source");
    assertFields(stats, JsonNodeType.BOOLEAN, "recovery/clean");
    assertTrue(stats.path("pipeline").has("lastError"), stats::toString);
    assertEquals("local", stats.path("durability").asText());
    assertEquals(1, stats.path("entries").asInt());
    assertEquals(0, stats.path("dirty").asInt());
    assertEquals(3, stats.path("appliedSeq").asInt());
    assertEquals(3, stats.path("durableSeq").asInt());
    assertEquals(3, stats.path("checkpointSeq").asInt());
    assertEquals("manual", stats.path("checkpoints").path("lastTrigger").asText());
    assertTrue(stats.path("rowsWritten").asInt() > 0, stats::toString);
    assertTrue(stats.path("estimatedBytes").asInt() > 0, stats::toString);
  }

  /** A write waits for its commit, and a clock that stands still meanwhile goes on by then. */
  @Test
  void statsHaveTheSlowestRequests(Session s) throws IOException {
    s.create("a", "{'text':'some'}").ack();
    s.update("a", "{'text':'other'}").ack();
    JsonNode slowest = s.stats().path("slowest");
    assertTrue(!slowest.isEmpty() && slowest.size() <= 2, slowest::toString);
    double least = Double.POSITIVE_INFINITY;
    for (JsonNode slow : slowest) {
      assertFields(slow, JsonNodeType.NUMBER, "ms", "atMs", "chars", "replyChars");
      boolean create = slow.path("type").asText().equals("create");
      assertEquals(create ? "create" : "update", slow.path("type").asText());
      assertEquals(create, slow.has("$type"), slow::toString);
      assertTrue(slow.path("ms").asDouble() <= least, slowest::toString);
      least = slow.path("ms").asDouble();
    }
    assertTrue(!slowest.toString().contains("some"), slowest::toString);
  }

  @Test
  void aStoreThatIsOnlyReadWritesNoRow(Session s) throws IOException {
    s.read("a", "b").ok();
    s.delete("a").ok();
    s.update("a", "{}").error("NOT_FOUND");
    s.raw("garbage").error("PARSE_ERROR");
    s.http().checkpoint(s.namespace());
    JsonNode stats = s.stats();
    assertEquals(0, stats.path("appliedSeq").asInt(), stats::toString);
    assertEquals(0, stats.path("rowsWritten").asInt(), stats::toString);
  }

  @Test
  void aCheckpointAnswersItsStats(Session s) throws IOException {
    s.create("a", "{}").ack();
    JsonNode before = s.stats();
    assertEquals(1, before.path("dirty").asInt(), before::toString);
    JsonNode checkpoint = s.http().checkpoint(s.namespace());
    assertTrue(checkpoint.isObject() && !checkpoint.isEmpty(), checkpoint::toString);
    JsonNode after = s.stats();
    assertEquals(0, after.path("dirty").asInt(), after::toString);
    assertEquals(
        before.path("checkpoints").path("count").asInt() + 1,
        after.path("checkpoints").path("count").asInt(),
        after::toString);
    assertEquals(before.path("bootId"), after.path("bootId"));
  }

  @Test
  void metricsAreThoseOfTheStats(Session s) throws IOException {
    s.create("a", "{}").ack();
    HttpResponse<String> metrics =
        s.http().request("GET", "/stores/" + s.namespace() + "/metrics", null);
    assertEquals(200, metrics.statusCode());
    assertTrue(
        metrics.headers().firstValue("content-type").orElse("").startsWith("text/plain"),
        () -> metrics.headers().toString());
    List<String> samples = metrics.body().lines().filter(l -> !l.startsWith("#")).toList();
    for (String sample : samples) {
      assertTrue(
          sample.matches("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[^}]*\\})? [-+0-9.eEInfNa]+( \\d+)?"),
          sample);
    }
    for (String figure : List.of("entries", "dirty", "rows_written", "epoch", "seq")) {
      assertTrue(samples.stream().anyMatch(l -> l.contains(figure)), figure + " in " + samples);
    }
    assertTrue(samples.stream().anyMatch(l -> l.contains("entries") && l.endsWith(" 1")));
  }

  @Test
  void aRebuildWithoutAnArchiveIsRefusedAndLosesNothing(Session s) throws IOException {
    s.create("a", "{'n':1}").ack();
    HttpResponse<String> rebuild =
        s.http().request("POST", "/stores/" + s.namespace() + "/rebuild", "");
    assertNotEquals(200, rebuild.statusCode(), rebuild::body);
    assertRefused(rebuild.statusCode(), rebuild);
    assertEquals(1, s.thing("a").path("n").asInt());
  }
}
