package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server refuses whose stores have little room, and tokens that are for it alone. */
class TightLimitsTest {
  private static final int BURST = 5;
  private static final String AUDIENCE = "'aud':['x','stores']";

  @TempDir private static Path directory;

  private static StoreServer server;

  @BeforeAll
  static void start() throws IOException {
    Setup setup =
        Setup.plain()
            .with("AUTH_JWT_SECRET", Jwt.SECRET)
            .with("AUTH_AUDIENCE", "stores")
            .with("RATE_LIMIT", "1:" + BURST)
            .with("MAX_SOCKETS", "1")
            .with("MAX_THINGS", "2");
    server = StoreServer.start(setup, directory.resolve("data"));
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  /** A token for everything; each scope's name has a rate of its own. */
  private static String token(String client, String more) {
    String claims =
        "{'ns':'*','scope':'read write admin %s','exp':%d,%s}"
            .formatted(client, Jwt.inSeconds(600), more);
    byte[] key = Jwt.SECRET.getBytes(StandardCharsets.UTF_8);
    return Jwt.signed("{'alg':'HS256'}", claims, key);
  }

  private static HttpResponse<String> ask(String token, String method, String path, String body)
      throws IOException {
    return server.http().request(method, path, body, "Authorization", "Bearer " + token);
  }

  private static Reply request(String token, String store, String request) throws IOException {
    String body = Session.json(request).toString();
    HttpResponse<String> answer = ask(token, "POST", "/stores/" + store + "/requests", body);
    assertEquals(200, answer.statusCode(), answer::body);
    return new Reply(StoreSocket.JSON.readTree(answer.body()));
  }

  @Test
  void aTokenHasToBeForTheAudience() throws IOException {
    String stats = "/stores/audience/stats";
    assertEquals(401, ask(token("", "'sub':'a'"), "GET", stats, null).statusCode());
    assertEquals(401, ask(token("", "'aud':'other'"), "GET", stats, null).statusCode());
    assertEquals(200, ask(token("", "'aud':'stores'"), "GET", stats, null).statusCode());
    assertEquals(200, ask(token("", AUDIENCE), "GET", stats, null).statusCode());
  }

  @Test
  void aTokenThatAsksTooFastIsToldWhenToComeBack() throws IOException {
    String fast = token("fast", AUDIENCE);
    HttpResponse<String> answer = ask(fast, "GET", "/stores/rate/things/a", null);
    // A slow machine lets one in each second, so the burst may last a little longer.
    for (int i = 0; i < 2 * BURST && answer.statusCode() == 404; i++) {
      answer = ask(fast, "GET", "/stores/rate/things/a", null);
    }
    assertEquals(429, answer.statusCode(), answer::body);
    assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
    JsonNode error = StoreSocket.JSON.readTree(answer.body()).path("error");
    assertEquals("RATE_LIMITED", error.path("code").asText());
    int retryAfterMs = error.path("details").path("retryAfterMs").asInt();
    assertTrue(retryAfterMs > 0 && retryAfterMs <= 1_000, error::toString);
    String other = token("other", AUDIENCE);
    assertEquals(404, ask(other, "GET", "/stores/rate/things/a", null).statusCode());
  }

  @Test
  void aFullStoreRefusesPutsBatchesAndImports() throws IOException {
    String writer = token("writer", AUDIENCE);
    String create = "{'type':'create','$type':'T','data':{'$id':'%s'}}";
    String both = create.formatted("a") + "," + create.formatted("b");
    request(writer, "full", "{'type':'batch','operations':[" + both + "]}").ack();
    Reply put = request(writer, "full", "{'type':'put','$type':'T','$id':'c','data':{}}");
    assertEquals(2, put.error("QUOTA_EXCEEDED").details().path("limit").asInt());
    String batch = "{'type':'batch','atomic':%s,'operations':[" + create.formatted("c") + "]}";
    request(writer, "full", batch.formatted("false")).ack().result(0).error("QUOTA_EXCEEDED");
    Reply atomic = request(writer, "full", batch.formatted("true")).error("BATCH_FAILED");
    assertEquals("QUOTA_EXCEEDED", atomic.details().path("code").asText(), atomic::toString);
    request(writer, "full", "{'type':'put','$type':'T','$id':'a','data':{}}").ack();
    String lines = "{\"$id\":\"a\",\"$type\":\"T\"}\n{\"$id\":\"c\",\"$type\":\"T\"}\n";
    String importer = token("importer", AUDIENCE);
    HttpResponse<String> imported = ask(importer, "POST", "/stores/full/import?mode=put", lines);
    assertEquals(200, imported.statusCode(), imported::body);
    JsonNode failed = StoreSocket.JSON.readTree(imported.body()).path("failed");
    assertEquals(1, failed.size(), imported::body);
    assertEquals(2, failed.at("/0/line").asInt(), imported::body);
    assertEquals("QUOTA_EXCEEDED", failed.at("/0/code").asText(), imported::body);
  }

  @Test
  void pastMaxSocketsOneThatBringsItsTokenLaterIsClosed() throws Exception {
    String token = token("", AUDIENCE);
    try (Session first = server.open("sockets", "access_token=" + token);
        Session late = server.open("sockets")) {
      first.ping().ok();
      late.send("{'type':'auth','token':'" + token + "'}");
      assertEquals(1013, late.socket().closeCode().get(20, TimeUnit.SECONDS));
      first.ping().ok();
    }
  }
}
