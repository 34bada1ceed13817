package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.emulator.time.ManualScheduler;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AccessGuardTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);

  static AccessGuard guard(Map<String, String> vars, boolean loopbackNames) {
    AccessPolicy policy =
        new AccessPolicy(
            AccessSettings.fromVars(vars),
            "set ACCESS_TOKEN",
            null,
            new ManualScheduler(),
            new JsoniterJson());
    return new AccessGuard(policy, loopbackNames);
  }

  private void start(AccessGuard guard) throws Exception {
    guard.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            Content.Sink.write(response, true, "let in", callback);
            return true;
          }
        });
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(guard);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private HttpResponse<String> get(String path, String authorization) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void asksForTheTokenEverywhereButAtHealth() throws Exception {
    start(guard(Map.of("ACCESS_TOKEN", "s3cret"), false));
    assertEquals(200, get("/health", null).statusCode());
    assertEquals(401, get("/stores/a/stats", null).statusCode());
    assertEquals(401, get("/stores/a/stats", "Bearer wrong").statusCode());
    assertEquals(401, get("/stores/a/stats?access_token=wrong", null).statusCode());
    assertEquals("let in", get("/stores/a/stats", "Bearer s3cret").body());
    assertEquals("let in", get("/stores/a/stats?access_token=s3cret", null).body());
    String body = get("/pipelines/events", null).body();
    assertTrue(body.contains("\"code\":\"UNAUTHORIZED\""), body);
  }

  @Test
  void thePageThatAsksForTheTokenIsServedWithoutOne() throws Exception {
    start(guard(Map.of("ACCESS_TOKEN", "s3cret"), false));
    for (String path :
        List.of("/", "/inspector", "/inspector/inspector.js", "/inspector/inspector.css?v=1")) {
      assertEquals(200, get(path, null).statusCode(), path);
    }
    for (String path :
        List.of("/inspector/other", "/inspector/../stores/a/stats", "/stores", "/iceberg")) {
      assertEquals(401, get(path, null).statusCode(), path);
    }
  }

  @Test
  void refusesAllRequestsWithoutATokenUnlessOpen() throws Exception {
    start(guard(Map.of(), false));
    assertEquals(401, get("/stores/a/stats", null).statusCode());
    assertEquals(200, get("/health", null).statusCode());
  }

  /** Java's client sets no Host of its own choice, so this one speaks for itself. */
  private String statusFor(String host) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
      String request =
          "GET /stores/a/stats HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.substring(9, 12);
    }
  }

  @Test
  void aPageWhoseNameWasPointedHereIsRefused() throws Exception {
    start(guard(Map.of("PUBLIC", "true"), true));
    for (String host :
        List.of("127.0.0.1:8787", "localhost:1", "[::1]:8787", "store", "app.localhost:80")) {
      assertEquals("200", statusFor(host), host);
    }
    for (String host : List.of("evil.example:8787", "evil.example", "127.0.0.1.evil.example")) {
      assertEquals("403", statusFor(host), host);
    }
  }

  @Test
  void servesEverybodyWhereThatWasSaid() throws Exception {
    start(guard(Map.of("PUBLIC", "true"), false));
    assertEquals(200, get("/stores/a/stats", null).statusCode());
  }
}
