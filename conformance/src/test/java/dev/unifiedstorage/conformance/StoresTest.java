package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code GET /stores}: which namespaces there are. */
@ExtendWith(SharedServer.class)
class StoresTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** The names of a prefix, page by page. */
  private static List<String> names(Session s, String prefix, int limit) throws IOException {
    List<String> names = new ArrayList<>();
    String cursor = "";
    do {
      String query = "/stores?prefix=" + prefix + "&limit=" + limit + cursor;
      JsonNode page = s.http().json("GET", query, null);
      assertTrue(page.path("stores").size() <= limit, page::toString);
      for (JsonNode one : page.path("stores")) {
        names.add(one.path("namespace").asText());
        assertTrue(one.path("createdAt").isNumber(), page::toString);
      }
      cursor = page.has("cursor") ? "&cursor=" + page.path("cursor").asText() : "";
    } while (!cursor.isEmpty());
    return names;
  }

  @Test
  void storesWithAnAcknowledgedWriteAreListedOnceAndDeletedOnesAreNot(Session s, StoreServer server)
      throws Exception {
    String prefix = s.namespace() + ".";
    List<String> expected = Stream.of("1", "10", "2", "B", "a").map(n -> prefix + n).toList();
    for (String name : expected) {
      try (Session one = server.open(name)) {
        one.create("a", "{}").ack();
        one.create("b", "{}").ack();
      }
    }
    try (Session reader = server.open(prefix + "read")) {
      assertTrue(reader.thing("a").isMissingNode());
    }
    Until.within(DEADLINE)
        .sees("all are listed", () -> names(s, prefix, 2), names -> names.equals(expected));
    assertEquals(expected, names(s, prefix, 1_000));
    assertFalse(names(s, "", 1_000).contains(prefix + "read"));
    assertEquals(200, s.http().request("DELETE", "/stores/" + prefix + "10", null).statusCode());
    Until.within(DEADLINE)
        .sees("it is gone", () -> names(s, prefix, 1), names -> !names.contains(prefix + "10"));
  }

  @Test
  void whatIsNoPageIsRefused(Session s) throws IOException {
    for (String query :
        List.of(
            "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=1.5", "cursor=%00x")) {
      HttpResponse<String> answer = s.http().request("GET", "/stores?" + query, null);
      assertEquals(400, answer.statusCode(), query);
      assertTrue(answer.body().contains("VALIDATION_ERROR"), answer::body);
    }
    assertEquals(405, s.http().request("POST", "/stores", "").statusCode());
  }
}
