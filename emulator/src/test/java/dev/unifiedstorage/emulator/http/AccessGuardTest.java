package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
    start(new AccessGuard("s3cret", false));
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
  void refusesAllRequestsWithoutATokenUnlessOpen() throws Exception {
    start(new AccessGuard(null, false));
    assertEquals(401, get("/stores/a/stats", null).statusCode());
    assertEquals(200, get("/health", null).statusCode());
  }

  @Test
  void servesEverybodyWhereThatWasSaid() throws Exception {
    start(new AccessGuard(null, true));
    assertEquals(200, get("/stores/a/stats", null).statusCode());
  }
}
