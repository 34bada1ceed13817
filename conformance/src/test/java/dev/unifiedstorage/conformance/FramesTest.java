package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several requests in one message: each is answered as if it had come alone. */
@ExtendWith(SharedServer.class)
class FramesTest {
  private static List<Reply> replies(Session s, List<ObjectNode> requests) throws Exception {
    List<Reply> replies = new ArrayList<>();
    for (CompletableFuture<JsonNode> reply : s.socket().sendFrame(requests)) {
      replies.add(new Reply(reply.get(60, TimeUnit.SECONDS)));
    }
    return replies;
  }

  @Test
  void everyRequestHasItsReply(Session s) throws Exception {
    List<Reply> replies =
        replies(
            s,
            List.of(
                Session.createRequest("a", "{'n':1}"),
                Session.json("{'type':'update','$id':'a','increment':{'n':1}}"),
                Session.json("{'type':'read','$ids':['a']}"),
                Session.json("{'type':'create','$type':'T','data':{'$id':'a'}}"),
                Session.json("{'type':'frobnicate'}"),
                Session.json("{'type':'batch','operations':[{'type':'delete','$id':'a'}]}"),
                Session.json("{'type':'ping'}")));
    assertEquals(1, replies.get(0).ack().version());
    assertEquals(2, replies.get(1).ack().version());
    assertEquals(2, replies.get(2).ok().thing("a").path("n").asInt());
    assertEquals(2, replies.get(3).error("CONFLICT").details().path("version").asInt());
    replies.get(4).error("UNKNOWN_TYPE");
    replies.get(5).ack().result(0).ok();
    replies.get(6).ok();
    assertTrue(s.thing("a").isMissingNode());
  }

  @Test
  void aThousandRequestsFitAndOneMoreDoesNot(Session s) throws Exception {
    List<ObjectNode> requests = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      requests.add(Session.createRequest("a" + i, "{'n':" + i + "}"));
    }
    replies(s, requests).forEach(Reply::ack);
    assertEquals(1_000, s.stats().path("entries").asInt());
    StringBuilder tooMany = new StringBuilder("[");
    for (int i = 0; i <= 1_000; i++) {
      tooMany.append("{\"type\":\"delete\",\"id\":1,\"$id\":\"a1\"},");
    }
    tooMany.setLength(tooMany.length() - 1);
    s.raw(tooMany + "]").withoutId().error("VALIDATION_ERROR");
    s.raw("[]").withoutId().error("PARSE_ERROR");
    s.raw("[1").withoutId().error("PARSE_ERROR");
    assertEquals(1_000, s.stats().path("entries").asInt());
  }

  @Test
  void whatIsNoRequestFailsAlone(Session s) {
    s.raw("[7,{\"type\":\"ping\",\"id\":\"x\"},[]]").withoutId().error("PARSE_ERROR");
    new Reply(s.socket().nextUncorrelated()).ok();
    new Reply(s.socket().nextUncorrelated()).withoutId().error("PARSE_ERROR");
    s.raw("[{\"type\":\"ping\"}]").withoutId().error("VALIDATION_ERROR");
  }

  @Test
  void aFrameOfMoreThanAMebibyteIsRefusedWhole(Session s) {
    String half = "{\"type\":\"ping\",\"id\":1,\"x\":\"" + "x".repeat(525_000) + "\"}";
    String create = "{\"type\":\"create\",\"id\":2,\"$type\":\"T\",\"data\":{\"$id\":\"a\"}}";
    s.raw("[" + create + "," + half + "," + half + "]").withoutId().error("PAYLOAD_TOO_LARGE");
    s.ping().ok();
    assertEquals(0, s.socket().uncorrelatedCount());
    assertTrue(s.thing("a").isMissingNode());
  }

  /** Each of these things is under 1 MiB, and a third of that in characters. */
  @Test
  void theBoundIsInBytes(Session s) throws Exception {
    List<ObjectNode> requests = new ArrayList<>();
    ObjectNode all = Session.json("{'type':'read','$ids':[]}");
    for (int i = 0; i < 18; i++) {
      s.create("w" + i, "{'x':'" + "€".repeat(345_000) + "'}").ack();
      requests.add(Session.json("{'type':'read','$ids':['w" + i + "']}"));
      all.withArray("$ids").add("w" + i);
    }
    List<Reply> replies = replies(s, requests);
    replies.get(15).ok();
    replies.get(16).error("OVERLOADED");
    s.call(all).error("PAYLOAD_TOO_LARGE");
  }

  @Test
  void repliesToOneFrameAreBounded(Session s) throws Exception {
    for (int i = 0; i < 18; i++) {
      s.create("l" + i, "{'x':'" + "x".repeat(1_000_000) + "'}").ack();
    }
    List<ObjectNode> requests = new ArrayList<>();
    ObjectNode all = Session.json("{'type':'read','$ids':[]}");
    for (int i = 0; i < 18; i++) {
      requests.add(Session.json("{'type':'read','$ids':['l" + i + "']}"));
      all.withArray("$ids").add("l" + i);
    }
    requests.add(all);
    requests.add(
        Session.json(
            "{'type':'batch','operations':[{'type':'update','$id':'l0','data':{'n':1},'return':true},"
                + "{'type':'update','$id':'l1','data':{'n':1},'return':true}]}"));
    List<Reply> replies = replies(s, requests);
    double chars = 0;
    for (int i = 0; i < 18; i++) {
      boolean ok = replies.get(i).json().path("status").asText().equals("ok");
      assertEquals(i < 16, ok, "read " + i);
      if (!ok) {
        assertTrue(replies.get(i).error("OVERLOADED").details().path("retryAfterMs").isNumber());
      }
      chars += replies.get(i).json().toString().length();
    }
    assertTrue(chars <= 16 * 1024 * 1024, "" + chars);
    replies.get(18).error("PAYLOAD_TOO_LARGE");
    replies.get(19).error("OVERLOADED");
    assertEquals(1, s.thing("l0").path("$version").asInt(), "not carried out");
  }
}
