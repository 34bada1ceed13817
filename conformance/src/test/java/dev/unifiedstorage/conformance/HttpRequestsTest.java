package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code POST requests} and {@code GET things/{id}}: the protocol and single things over HTTP. */
@ExtendWith(SharedServer.class)
class HttpRequestsTest {
  private static HttpResponse<String> post(Session s, String body) throws IOException {
    String path = "/stores/" + s.namespace() + "/requests";
    return s.http().request("POST", path, body.replace('\'', '"'));
  }

  private static JsonNode answer(Session s, String body) throws IOException {
    HttpResponse<String> response = post(s, body);
    assertEquals(200, response.statusCode(), response::body);
    return StoreSocket.JSON.readTree(response.body());
  }

  private static void assertRefused(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    JsonNode error = Session.json(response.body()).path("error");
    assertEquals(code, error.path("code").asText(), response::body);
    assertTrue(error.path("message").isTextual(), response::body);
  }

  @Test
  void oneRequestHasOneReplyWithOrWithoutAnId(Session s) throws IOException {
    JsonNode reply = answer(s, "{'type':'create','$type':'T','data':{'$id':'a','n':1}}");
    assertEquals("ack", reply.path("status").asText());
    assertTrue(reply.path("id").isNull(), reply::toString);
    reply = answer(s, "{'type':'read','id':'r','$ids':['a']}");
    assertEquals("r", reply.path("id").asText());
    assertEquals(s.thing("a"), reply.path("things").path("a"));
    assertEquals(
        "NOT_FOUND", answer(s, "{'type':'update','$id':'b','data':{}}").path("code").asText());
    for (String other : List.of("subscribe", "hello", "nothing")) {
      assertEquals("UNKNOWN_TYPE", answer(s, "{'type':'" + other + "'}").path("code").asText());
    }
    assertEquals("ok", answer(s, "{'type':'unsubscribe','sub':'s'}").path("status").asText());
    assertEquals("VALIDATION_ERROR", answer(s, "{'type':'ping','id':[]}").path("code").asText());
  }

  @Test
  void anArrayHasItsRepliesInOrder(Session s) throws IOException {
    JsonNode replies =
        answer(
            s,
            "[{'type':'create','$type':'T','data':{'$id':'a','n':1}},{'type':'ping','id':1},7,"
                + "{'type':'update','$id':'a','increment':{'n':1}},{'type':'read','$ids':['a']}]");
    assertEquals(5, replies.size(), replies::toString);
    assertEquals(1, replies.path(0).path("$version").asInt());
    assertEquals(1, replies.path(1).path("id").asInt());
    assertEquals("PARSE_ERROR", replies.path(2).path("code").asText());
    assertEquals(2, replies.path(3).path("$version").asInt());
    assertEquals(2, replies.path(4).path("things").path("a").path("n").asInt());
  }

  @Test
  void aBodyThatIsNoneIsRefused(Session s) throws IOException {
    for (String body : List.of("", "{", "nothing", "7", "null", "[]")) {
      assertRefused(400, "PARSE_ERROR", post(s, body));
    }
    StringBuilder many = new StringBuilder("[{'type':'ping'}");
    many.append(",{'type':'ping'}".repeat(1_000)).append("]");
    assertRefused(400, "VALIDATION_ERROR", post(s, many.toString()));
    String large = "{'type':'ping','x':'" + "x".repeat(1024 * 1024) + "'}";
    assertRefused(413, "PAYLOAD_TOO_LARGE", post(s, large));
    String path = "/stores/" + s.namespace() + "/requests";
    assertRefused(405, "VALIDATION_ERROR", s.http().request("GET", path, null));
  }

  @Test
  void aThingHasATagOfItsVersion(Session s) throws IOException {
    s.create("a/b c", "{'n':1}").ack();
    String path = "/stores/" + s.namespace() + "/things/a%2Fb%20c";
    HttpResponse<String> got = s.http().request("GET", path, null);
    assertEquals(200, got.statusCode(), got::body);
    JsonNode thing = s.thing("a/b c");
    assertEquals(thing, StoreSocket.JSON.readTree(got.body()));
    String etag = got.headers().firstValue("ETag").orElse("none");
    assertEquals("\"1-" + thing.path("$createdAt").asLong() + "\"", etag);
    for (String header : List.of(etag, "\"x\", " + etag, "W/" + etag, "*")) {
      HttpResponse<String> same = s.http().request("GET", path, null, "If-None-Match", header);
      assertEquals(304, same.statusCode(), header);
      assertEquals("", same.body());
      assertEquals(etag, same.headers().firstValue("ETag").orElse("none"));
    }
    s.update("a/b c", "{'n':2}").ack();
    HttpResponse<String> next = s.http().request("GET", path, null, "If-None-Match", etag);
    assertEquals(200, next.statusCode());
    assertEquals(2, StoreSocket.JSON.readTree(next.body()).path("n").asInt());
    s.delete("a/b c").ok();
    assertRefused(404, "NOT_FOUND", s.http().request("GET", path, null, "If-None-Match", "*"));
    String things = "/stores/" + s.namespace() + "/things/";
    assertRefused(400, "VALIDATION_ERROR", s.http().request("GET", things, null));
    assertRefused(405, "VALIDATION_ERROR", s.http().request("POST", things + "a", ""));
  }
}
