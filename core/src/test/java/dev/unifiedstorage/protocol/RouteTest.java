package dev.unifiedstorage.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RouteTest {
  private static Route get(String target) {
    return Route.parse("GET", target, false);
  }

  private static void assertError(int status, String says, Route route) {
    assertEquals(status, route.kind().status());
    assertTrue(route.problem().contains(says), route.problem());
  }

  @Test
  void everyRouteOfTheContract() {
    assertEquals(Route.Kind.HEALTH, get("/health?x=1").kind());
    assertEquals(Route.Kind.STATS, get("/stores/a.B_c-9/stats").kind());
    assertEquals("a.B_c-9", get("/stores/a.B_c-9/stats?access_token=t").namespace());
    assertEquals(Route.Kind.METRICS, get("/stores/a/metrics").kind());
    assertEquals(Route.Kind.REBUILD, Route.parse("POST", "/stores/a/rebuild", false).kind());
    assertEquals(Route.Kind.CHECKPOINT, Route.parse("POST", "/stores/a/checkpoint", false).kind());
    assertEquals(Route.Kind.SOCKET, Route.parse("GET", "/stores/a?access_token=t", true).kind());
  }

  @Test
  void healthIsAskedWhetherItIsReadyWithAValueOrWithout() {
    for (String query : new String[] {"?ready", "?ready=1", "?a=b&ready", "?ready&a=b"}) {
      assertTrue(get("/health" + query).asksReadiness(), query);
    }
    for (String query : new String[] {"", "?", "?already", "?ready2", "?a=ready"}) {
      assertFalse(get("/health" + query).asksReadiness(), query);
    }
    assertFalse(get("/stores/a/stats?ready").asksReadiness());
  }

  @Test
  void errorsSayWhatWasFound() {
    assertError(426, "Upgrade: websocket", get("/stores/a"));
    assertError(
        400, "no WebSocket at /stores/a/stats", Route.parse("GET", "/stores/a/stats", true));
    assertError(400, "a namespace is 1 to 128 characters", get("/stores/a%20b"));
    assertError(400, "a namespace is", Route.parse("GET", "/stores/" + "a".repeat(129), true));
    for (String dots : new String[] {".", "..", "%2e", "%2E%2E", ".%2e"}) {
      assertError(400, "neither . nor ..", get("/stores/" + dots + "/stats"));
      assertError(400, "neither . nor ..", Route.parse("GET", "/stores/" + dots, true));
    }
    assertEquals(Route.Kind.STATS, get("/stores/.../stats").kind());
    assertError(404, "nothing at GET /stores/a/", get("/stores/a/"));
    assertError(404, "nothing at GET /store", get("/store"));
    assertError(400, "cursor must be", get("/stores?cursor=%00bad"));
    assertError(400, "cursor must be", get("/stores?cursor="));
    assertError(405, "/health does not take PUT", Route.parse("PUT", "/health", false));
    assertError(405, "does not take GET", get("/stores/a/checkpoint"));
    assertError(405, "does not take POST", Route.parse("POST", "/stores/a", false));
  }

  @Test
  void thingOfAHistoryIsDecoded() {
    Route route = get("/stores/a/history/caf%C3%A9%2F%e2%82%ac%F0%9F%98%80?x=1&afterSeq=42&y=2");
    assertEquals("café/€😀", route.thingId());
    assertEquals(42, route.afterSeq());
    assertEquals(0, get("/stores/a/history/b").afterSeq());
    assertEquals("b?c", get("/stores/a/history/b%3Fc").thingId());
  }

  @Test
  void branchOfAHistoryIsALife() {
    assertEquals(0, get("/stores/a/history/b").branch());
    assertEquals(9007199254740991.0, get("/stores/a/history/b?branch=9007199254740991").branch());
    for (String life : new String[] {"", "0", "-1", "1.5", "x", "9007199254740993", "%zz"}) {
      assertError(400, "branch", get("/stores/a/history/b?branch=" + life));
    }
  }

  @Test
  void thingThatIsNoneIsRefused() {
    for (String id :
        new String[] {"", "%", "%2", "%zz", "%C3", "%C3x", "%80", "%F8%80%80%80", "é"}) {
      assertError(400, "percent-encoded", get("/stores/a/history/" + id));
    }
    assertError(400, "1 to 256 characters", get("/stores/a/history/" + "x".repeat(257)));
    assertError(400, "NUL", get("/stores/a/history/b%00c"));
    for (char c : "\"<>\\^`{|} \0\u007f".toCharArray()) {
      assertError(400, "percent-encoded", get("/stores/a/history/b" + c));
    }
    assertEquals("..", get("/stores/a/history/..").thingId());
    for (String seq : new String[] {"", "-1", "1.5", "x", "1234567890123456"}) {
      Route refused = get("/stores/a/history/b?access_token=s3cret&afterSeq=" + seq);
      assertError(400, "afterSeq", refused);
      assertFalse(refused.problem().contains("s3cret"), refused.problem());
    }
  }
}
