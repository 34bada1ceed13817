package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unifiedstorage.driver.HandshakeException;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is served: with a secret those who know it; without one no request, unless all are. */
class AccessTest {
  /** With every character that a query has to escape. */
  private static final String TOKEN = "s3cret+/=&?%41#";

  private static final String IN_QUERY =
      "access_token=" + URLEncoder.encode(TOKEN, StandardCharsets.UTF_8);
  private static final String STATS = "/stores/guarded/stats";

  @TempDir private Path directory;

  @BeforeEach
  void onlyWhereATokenIsAskedFor() {
    assumeTrue(Target.current().asksForAToken(), "a server of the loopback interface alone");
  }

  private StoreServer start(Setup setup) throws IOException {
    return StoreServer.start(setup, directory.resolve("data"));
  }

  private HttpResponse<String> get(StoreServer server, String path, String... headers)
      throws Exception {
    return server.http().request("GET", path, null, headers);
  }

  private static void assertUnauthorized(HttpResponse<String> response) {
    assertEquals(401, response.statusCode(), response::body);
    String message = Session.json(response.body()).at("/error/message").asText();
    assertTrue(message.contains("ACCESS_TOKEN") || message.contains("token"), response::body);
    assertTrue(!response.body().contains(TOKEN), response::body);
  }

  private static void assertNoSocket(StoreServer server, String query) {
    var refused =
        assertThrows(HandshakeException.class, () -> server.open("guarded", query).close());
    assertEquals(401, refused.status());
  }

  @Test
  void theSecretIsAskedForOnEveryRouteButHealth() throws Exception {
    try (StoreServer server = start(Setup.plain().with("ACCESS_TOKEN", TOKEN))) {
      assertEquals(200, get(server, "/health").statusCode());
      assertUnauthorized(get(server, STATS));
      assertUnauthorized(get(server, "/stores/guarded/metrics"));
      for (String action : List.of("checkpoint", "rebuild")) {
        assertUnauthorized(server.http().request("POST", "/stores/guarded/" + action, ""));
      }
      assertNoSocket(server, "");
      assertUnauthorized(get(server, STATS + "?access_token=wrong"));
      assertUnauthorized(get(server, STATS + "?access_token="));
      for (String wrong : List.of("", "wrong", TOKEN + "x", TOKEN.substring(1), TOKEN + " x")) {
        assertUnauthorized(get(server, STATS, "Authorization", "Bearer " + wrong));
      }
      assertUnauthorized(get(server, STATS, "Authorization", TOKEN));
      assertUnauthorized(get(server, STATS, "Authorization", "Basic " + TOKEN));
      assertNoSocket(server, "access_token=wrong");
    }
  }

  @Test
  void theSecretOpensEverything() throws Exception {
    try (StoreServer server = start(Setup.plain().with("ACCESS_TOKEN", TOKEN));
        Session s = server.open("guarded", IN_QUERY)) {
      s.create("a", "{'n':1}").ack();
      assertEquals(200, get(server, STATS, "Authorization", "Bearer " + TOKEN).statusCode());
      assertEquals(200, get(server, STATS, "Authorization", "bearer " + TOKEN).statusCode());
      HttpResponse<String> stats = get(server, STATS + "?" + IN_QUERY);
      assertEquals(1, Session.json(stats.body()).path("entries").asInt(), stats::body);
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + TOKEN)
              .buildAsync(server.http().socket("guarded"), new WebSocket.Listener() {})
              .get(20, TimeUnit.SECONDS);
      socket.abort();
    }
  }

  @Test
  void withoutASecretNoRequestIsServedUnlessAllAre() throws Exception {
    try (StoreServer server = start(Setup.plain().with("PUBLIC", "false"))) {
      assertEquals(200, get(server, "/health").statusCode());
      assertUnauthorized(get(server, STATS));
      assertUnauthorized(get(server, STATS + "?access_token="));
      assertUnauthorized(get(server, STATS + "?access_token=undefined"));
      assertUnauthorized(get(server, STATS, "Authorization", "Bearer undefined"));
      assertNoSocket(server, "");
      server.process().kill();
      server.startAgain(Setup.plain().with("PUBLIC", "true"));
      server.open("guarded").close();
    }
  }
}
