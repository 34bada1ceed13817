package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpRoutesTest {
  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void open() throws IOException {
    server = new TestServer(folder, true);
  }

  @AfterEach
  void close() throws InterruptedException {
    server.close();
  }

  @Test
  void everyRouteHasItsStatusAndErrorsAreJson() throws Exception {
    assertEquals("{\"status\":\"ok\"}", server.request("GET", "/health", "").body());
    expect(426, "VALIDATION_ERROR", "GET", "/stores/a");
    expect(400, "VALIDATION_ERROR", "GET", "/stores/a%20b");
    expect(400, "VALIDATION_ERROR", "GET", "/stores/" + "a".repeat(129) + "/stats");
    expect(400, "VALIDATION_ERROR", "GET", "/stores/%2e%2e%2f/stats");
    expect(405, "VALIDATION_ERROR", "POST", "/stores");
    expect(404, "NOT_FOUND", "GET", "/stores/a/b");
    expect(404, "NOT_FOUND", "GET", "/nowhere");
    expect(404, "NOT_FOUND", "BREW", "/coffee");
    expect(405, "VALIDATION_ERROR", "POST", "/health");
    expect(405, "VALIDATION_ERROR", "GET", "/stores/a/checkpoint");
    expect(405, "VALIDATION_ERROR", "DELETE", "/stores/a/stats");
    assertEquals(200, server.request("GET", "/stores/a/stats", "").statusCode());
    assertEquals(200, server.request("POST", "/stores/a/checkpoint", "").statusCode());
    HttpResponse<String> metrics = server.request("GET", "/stores/a/metrics", "");
    assertTrue(metrics.headers().firstValue("content-type").get().startsWith("text/plain"));
  }

  @Test
  void aServerIsLiveReadyOrDegraded() throws Exception {
    assertEquals("{\"status\":\"ready\"}", server.request("GET", "/health?ready", "").body());
    fault("reject");
    String create = "{\"type\":\"create\",\"id\":1,\"$type\":\"T\",\"data\":{\"$id\":\"a\"}}";
    server.request("POST", "/stores/troubled/requests", create);
    server.request("GET", "/stores/well/stats", "");
    TestServer.await(
        () -> {
          server.scheduler.advance(1_000);
          return health().contains("\"stores\":1,\"of\":2}");
        });
    assertTrue(health().startsWith("{\"status\":\"degraded\""), this::health);
    assertEquals(200, server.request("GET", "/health?ready", "").statusCode());
    assertEquals("{\"status\":\"ok\"}", server.request("GET", "/health", "").body());
    Files.writeString(server.file("broken"), "this is no database, whatever its name says");
    server.request("GET", "/stores/broken/stats", "");
    TestServer.await(() -> health().contains("failed"));
    HttpResponse<String> failed = server.request("GET", "/health?ready", "");
    assertEquals(503, failed.statusCode(), failed::body);
    assertTrue(failed.body().startsWith("{\"status\":\"failed\""), failed::body);
    assertFalse(failed.body().contains("broken"), failed::body);
  }

  private String health() {
    try {
      return server.request("GET", "/health?ready", "").body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Those of the stores are held by core's tests. */
  @Test
  void everyRouteOfItsOwnThatThePageNamesIsThere() throws Exception {
    String page = Files.readString(Path.of("../docs/reference/routes.md"));
    Matcher row =
        Pattern.compile("(?m)^\\| `([A-Z]+) (\\S+)`")
            .matcher(page.substring(page.indexOf("\n## ")));
    int rows = 0;
    while (row.find()) {
      HttpResponse<String> answer =
          server.request(row.group(1), row.group(2).replaceAll("[{}]", ""), "{}");
      assertTrue(answer.statusCode() != 405, answer::body);
      assertFalse(answer.body().contains("there is nothing at"), answer::body);
      rows++;
    }
    assertEquals(8, rows);
  }

  @Test
  void upgradesOfWrongPathsAreRefusedWithTheSameStatuses() {
    assertEquals(400, upgrade("/stores/a%20b"));
    assertEquals(404, upgrade("/nowhere"));
    assertEquals(400, upgrade("/stores/a/stats"));
  }

  @Test
  void theIngestTakesArraysOfObjectsAndNothingElse() throws Exception {
    assertEquals(
        200, server.request("POST", "/pipelines/s", "[{\"a\":1.0},{\"b\":2}]").statusCode());
    assertEquals(200, server.request("POST", "/pipelines/s", " [ ] ").statusCode());
    assertEquals(200, server.request("POST", "/pipelines/s", "[{\n\"c\" : [3]\n}]").statusCode());
    expect(400, "VALIDATION_ERROR", "POST", "/pipelines/s", "{\"a\":1}");
    expect(400, "VALIDATION_ERROR", "POST", "/pipelines/s", "[1]");
    expect(400, "VALIDATION_ERROR", "POST", "/pipelines/s", "[{}");
    expect(400, "VALIDATION_ERROR", "POST", "/pipelines/s", "");
    expect(400, "VALIDATION_ERROR", "POST", "/pipelines/a%2fb", "[]");
    expect(404, "NOT_FOUND", "POST", "/pipelines/a/b", "[]");
    expect(405, "VALIDATION_ERROR", "DELETE", "/pipelines/s", "");
    expect(413, "PAYLOAD_TOO_LARGE", "POST", "/pipelines/s", "[\"" + "x".repeat(5_000_000) + "\"]");
    assertEquals("[{\"a\":1.0},\n{\"b\":2},\n{\"c\":[3]}]\n", records("?from=0"));
    assertEquals("[{\"b\":2}]\n", records("?from=1&limit=1"));
    assertEquals("[]\n", records("?from=3"));
    expect(400, "VALIDATION_ERROR", "GET", "/pipelines/s?limit=x", "");
    expect(400, "VALIDATION_ERROR", "GET", "/pipelines/s?from=-1", "");
  }

  @Test
  void faultsAreCheckedWholeAndHoldForTheIngestToo() throws Exception {
    for (String wrong :
        new String[] {
          "",
          "[]",
          "{\"pipe\":{}}",
          "{\"pipeline\":{\"mode\":\"broken\"}}",
          "{\"pipeline\":1}",
          "{\"pipeline\":{\"mode\":\"reject\",\"delayMs\":-1}}",
          "{\"crash\":true}",
          "{\"evict\":true}",
          "{\"evict\":\"a/b\"}",
          "{\"evict\":\"a\",\"lose\":\"b\"}",
          // A process that goes on is around this emulator.
          "{\"crash\":\"now\"}",
          "{\"pipeline\":{\"mode\":\"reject\"},\"sink\":{\"mode\":\"hang\"}}"
        }) {
      expect(400, "VALIDATION_ERROR", "PUT", "/faults", wrong);
    }
    expect(405, "VALIDATION_ERROR", "GET", "/faults", "");
    assertEquals(
        "{\"pipeline\":{\"mode\":\"ok\",\"delayMs\":0,\"held\":0},\"sink\":{\"mode\":\"stall\"}}",
        server.request("PUT", "/faults", "{\"sink\":{\"mode\":\"stall\"}}").body());

    fault("reject");
    expect(503, "UNAVAILABLE", "POST", "/pipelines/s", "[{\"n\":1}]");
    fault("duplicate");
    expect(503, "UNAVAILABLE", "POST", "/pipelines/s", "[{\"n\":2}]");
    fault("hang");
    CompletableFuture<Integer> hung =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.request("POST", "/pipelines/s", "[{\"n\":3}]").statusCode();
              } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
              }
            });
    TestServer.await(() -> fault("hang").contains("\"held\":1"));
    fault("ok");
    assertEquals(503, hung.get());
    assertEquals(200, server.request("POST", "/pipelines/s", "[{\"n\":4}]").statusCode());
    assertEquals("[{\"n\":2},\n{\"n\":4}]\n", records(""));
  }

  @Test
  void aStoreLeavesTheMemoryOnRequestWithAndWithoutAWarning() throws Exception {
    String write = "{\"type\":\"put\",\"$type\":\"T\",\"$id\":\"a\",\"data\":{}}";
    assertEquals(200, server.request("POST", "/stores/s/requests", write).statusCode());
    String first = bootId();
    assertEquals(first, bootId());
    assertEquals(200, server.request("PUT", "/faults", "{\"evict\":\"s\"}").statusCode());
    String second = bootId();
    assertNotEquals(first, second);
    assertEquals(200, server.request("PUT", "/faults", "{\"lose\":\"s\"}").statusCode());
    assertNotEquals(second, bootId());
    assertEquals(200, server.request("GET", "/stores/s/things/a", "").statusCode());
  }

  @Test
  void aStoreWithARequestThatIsNotYetAnsweredStaysInMemory() throws Exception {
    server.close();
    server = new TestServer(folder, true, true);
    // The archive never has what a rebuild waits for.
    server.request("PUT", "/faults", "{\"sink\":{\"mode\":\"stall\"}}");
    String write = "{\"type\":\"put\",\"$type\":\"T\",\"$id\":\"a\",\"data\":{}}";
    assertEquals(200, server.request("POST", "/stores/s/requests", write).statusCode());
    CompletableFuture<Integer> rebuild =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return server.request("POST", "/stores/s/rebuild", "").statusCode();
              } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
              }
            });
    TestServer.await(() -> phase().equals("recovering"));
    expect(503, "UNAVAILABLE", "PUT", "/faults", "{\"evict\":\"s\"}");
    assertEquals(200, server.request("PUT", "/faults", "{\"lose\":\"s\"}").statusCode());
    assertEquals(503, rebuild.get());
  }

  private String bootId() {
    return stats().string("bootId");
  }

  private String phase() {
    return stats().string("phase");
  }

  private JsonObject stats() {
    try {
      return new JsoniterJson().parse(server.request("GET", "/stores/s/stats", "").body());
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void withoutTheOptionThereAreNoFaults() throws Exception {
    server.close();
    server = new TestServer(folder, false);
    expect(404, "NOT_FOUND", "PUT", "/faults", "{}");
  }

  private String fault(String mode) {
    String body = "{\"pipeline\":{\"mode\":\"" + mode + "\"}}";
    try {
      HttpResponse<String> response = server.request("PUT", "/faults", body);
      assertEquals(200, response.statusCode());
      return response.body();
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  private String records(String query) throws IOException, InterruptedException {
    return server.request("GET", "/pipelines/s" + query, "").body();
  }

  private void expect(int status, String code, String method, String path)
      throws IOException, InterruptedException {
    expect(status, code, method, path, "");
  }

  private void expect(int status, String code, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = server.request(method, path, body);
    assertEquals(status, response.statusCode(), method + " " + path + ": " + response.body());
    assertEquals("application/json", response.headers().firstValue("content-type").orElse(""));
    JsonObject error = new JsoniterJson().parse(response.body()).object("error");
    assertEquals(code, error.string("code"));
    assertTrue(error.string("message").length() > 5);
  }

  private int upgrade(String path) {
    try {
      HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(
              URI.create("ws://127.0.0.1:" + server.port() + path), new WebSocket.Listener() {})
          .join();
      return 101;
    } catch (CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }
}
