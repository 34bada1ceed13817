package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.HandshakeException;
import dev.unifiedstorage.driver.StoreSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of messages, things, ids and nesting, each tried on both sides. */
@ExtendWith(SharedServer.class)
class LimitsTest {
  private static final int MIB = 1 << 20;

  private static String createOfBytes(String id, String filler, int bytes) {
    String head = "{\"id\":\"" + id + "\",\"type\":\"create\",\"$type\":\"T\",\"data\":{\"$id\":\"";
    String json = head + id + "\",\"f\":\"";
    int room = bytes - json.length() - "\"}}".length();
    int width = filler.getBytes(StandardCharsets.UTF_8).length;
    return json + filler.repeat(room / width) + "x".repeat(room % width) + "\"}}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "😀"})
  void aMessageOfOneMebibyteIsTaken(String filler, Session s) {
    String message = createOfBytes("big", filler, MIB);
    assertEquals(MIB, message.getBytes(StandardCharsets.UTF_8).length);
    Reply reply = new Reply(StoreSocket.await(s.socket().sendJson(message, "big")));
    // The system fields can push the thing itself over its own limit, which is as large.
    if ("error".equals(reply.json().path("status").asText())) {
      reply.error("PAYLOAD_TOO_LARGE");
    } else {
      reply.ack();
    }
    String smaller = createOfBytes("fits", filler, MIB - 200);
    new Reply(StoreSocket.await(s.socket().sendJson(smaller, "fits"))).ack();
    int length = s.thing("fits").path("f").textValue().length();
    assertTrue(length > MIB / 4 - 200, "read back " + length + " characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "😀"})
  void aLargerMessageIsRefused(String filler, Session s) {
    for (int bytes : new int[] {MIB + 1, MIB + 100_000, 3 * MIB}) {
      byte[] message = createOfBytes("big", filler, bytes).getBytes(StandardCharsets.UTF_8);
      assertEquals(bytes, message.length);
      Reply refused = s.raw(Session.TEXT, message).error("PAYLOAD_TOO_LARGE");
      String id = refused.json().path("id").asText();
      assertTrue(id.equals("big") || id.equals("null"), refused::toString);
      assertTrue(s.thing("big").isMissingNode());
    }
  }

  @Test
  void messagesFarOverTheLimitAreRefusedToo(Session s) {
    byte[] message = createOfBytes("big", "x", 20 * MIB).getBytes(StandardCharsets.UTF_8);
    s.raw(Session.TEXT, message).error("PAYLOAD_TOO_LARGE");
    s.raw(Session.BINARY, message).error("PAYLOAD_TOO_LARGE");
    s.ping().ok();
  }

  @Test
  void aThingMayNotGrowOverOneMebibyte(Session s) {
    String half = "x".repeat(600_000);
    s.create("a", "{'first':'" + half + "'}").ack();
    s.update("a", "{'second':'" + half + "'}").error("PAYLOAD_TOO_LARGE");
    assertEquals(1, s.thing("a").path("$version").asInt());
    assertTrue(s.thing("a").path("second").isMissingNode());
    s.update("a", "{'second':'small'}").ack();
    s.update("a", "{'first':'small','second':'" + half + "'}").ack();
  }

  @Test
  void aThingsSizeCountsBytesNotCharacters(Session s) {
    String fewCharacters = "é".repeat(400_000);
    s.create("a", "{'first':'" + fewCharacters + "'}").ack();
    s.update("a", "{'second':'" + fewCharacters + "'}").error("PAYLOAD_TOO_LARGE");
    assertEquals(1, s.thing("a").path("$version").asInt());
  }

  @Test
  void anIdHas256CharactersAtMost(Session s) {
    String longest = "i".repeat(256);
    s.create(longest, "{}").ack();
    assertEquals(longest, s.thing(longest).path("$id").asText());
    String tooLong = longest + "i";
    s.create(tooLong, "{}").error("VALIDATION_ERROR");
    s.update(tooLong, "{}").error("VALIDATION_ERROR");
    s.delete(tooLong).error("VALIDATION_ERROR");
  }

  @Test
  void aTypeHas256CharactersAtMost(Session s) {
    ObjectNode request = Session.json("{'type':'create','data':{'$id':'a'}}");
    s.call(request.deepCopy().put("$type", "t".repeat(256))).ack();
    assertEquals(256, s.thing("a").path("$type").asText().length());
    request.withObject("/data").put("$id", "b");
    s.call(request.put("$type", "t".repeat(257))).error("VALIDATION_ERROR");
  }

  private static String nested(int levels, String open, String close) {
    return open.repeat(levels) + "1" + close.repeat(levels);
  }

  @Test
  void dataNests64LevelsAtMost(Session s) {
    // data itself is the first level
    s.create("arrays", "{'deep':" + nested(63, "[", "]") + "}").ack();
    s.create("objects", "{'deep':" + nested(63, "{'k':", "}") + "}").ack();
    assertEquals(nested(63, "[", "]"), s.thing("arrays").path("deep").toString());
    s.create("b", "{'deep':" + nested(64, "[", "]") + "}").error("VALIDATION_ERROR");
    s.create("b", "{'deep':" + nested(64, "{'k':", "}") + "}").error("VALIDATION_ERROR");
    s.update("arrays", "{'more':" + nested(64, "[", "]") + "}").error("VALIDATION_ERROR");
    assertTrue(s.thing("b").isMissingNode());
    assertEquals(1, s.thing("arrays").path("$version").asInt());
  }

  @Test
  void operationThatNestsTooDeepFailsAloneInABatch(Session s) {
    String operations =
        "'operations':[{'type':'create','$type':'T','data':{'$id':'a'}},"
            + "{'type':'create','$type':'T','data':{'$id':'b','deep':"
            + nested(64, "[", "]")
            + "}},{'type':'create','$type':'T','data':{'$id':'c','deep':"
            + nested(63, "[", "]")
            + "}}]}";
    Reply atomic = s.call("{'type':'batch','atomic':true," + operations);
    atomic.error("BATCH_FAILED");
    assertEquals(1, atomic.json().path("details").path("index").asInt());
    assertTrue(s.thing("a").isMissingNode());
    Reply batch = s.call("{'type':'batch'," + operations).ack();
    batch.result(1).error("VALIDATION_ERROR");
    assertEquals("a", batch.result(0).id());
    assertEquals("c", batch.result(2).id());
  }

  @Test
  void readsOfABatchShareTheRoomOfOneReply(Session s) {
    s.create("large", "{'text':'" + "x".repeat(900_000) + "'}").ack();
    ObjectNode request = Session.json("{'type':'batch'}");
    for (int i = 0; i < 1_000; i++) {
      request.withArray("operations").addObject().put("type", "read").putArray("$ids").add("large");
    }
    Reply batch = s.call(request).ack();
    assertEquals(1, batch.result(17).json().path("things").size());
    batch.result(18).error("PAYLOAD_TOO_LARGE");
    batch.result(999).error("PAYLOAD_TOO_LARGE");
    s.ping().ok();
  }

  @Test
  void thingThatIsAskedForTwiceIsShownOnce(Session s) {
    s.create("large", "{'text':'" + "x".repeat(900_000) + "'}").ack();
    String[] ids = new String[30];
    Arrays.fill(ids, "large");
    assertEquals(1, s.read(ids).json().path("things").size(), "30 of them would be too large");
  }

  @Test
  void bottomlessNestingIsAnErrorAndNoCrash(Session s) {
    for (String open : new String[] {"[", "{\"k\":"}) {
      String close = "[".equals(open) ? "]" : "}";
      String deep = nested(100_000, open, close);
      String message =
          "{\"id\":\"d\",\"type\":\"create\",\"$type\":\"T\",\"data\":{\"$id\":\"d\",\"x\":"
              + deep
              + "}}";
      s.socket().sendFrame(Session.TEXT, true, message.getBytes(StandardCharsets.UTF_8));
      String code = s.socket().nextUncorrelated().path("code").asText();
      assertTrue(
          code.equals("VALIDATION_ERROR") || code.equals("PARSE_ERROR"), () -> "code " + code);
      s.raw(open.repeat(200_000 / open.length())).error("PARSE_ERROR");
    }
    s.ping().ok();
  }

  @Test
  void aReadOfManyIdsIsAnswered(Session s) {
    ObjectNode request = Session.json("{'type':'read'}");
    for (int i = 0; i < 20_000; i++) {
      request.withArray("$ids").add("nobody_" + i);
    }
    s.create("a", "{}").ack();
    request.withArray("$ids").add("a");
    assertEquals(1, s.call(request).ok().json().path("things").size());
  }

  @Test
  void pastMaxSocketsAStoreTakesNoMore(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("MAX_SOCKETS", "2");
    try (StoreServer limited = StoreServer.start(setup, directory.resolve("data"))) {
      Session first = limited.open("full");
      try (Session second = limited.open("full");
          Session elsewhere = limited.open("other")) {
        second.ping().ok();
        elsewhere.ping().ok();
        var refused = assertThrows(HandshakeException.class, () -> limited.open("full").close());
        assertEquals(429, refused.status());
        first.close();
        Until.within(Duration.ofSeconds(20))
            .sees("room for another", () -> opens(limited, "full"), opens -> opens);
      }
    }
  }

  private static boolean opens(StoreServer server, String namespace) throws Exception {
    try (Session session = server.open(namespace)) {
      session.ping().ok();
      return true;
    } catch (HandshakeException e) {
      return false;
    }
  }

  @Test
  void aFullStoreRefusesWhatGrowsItAndNothingElse(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain().with("MAX_THINGS", "2").with("MAX_STORE_BYTES", "20000");
    try (StoreServer limited = StoreServer.start(setup, directory.resolve("data"));
        Session s = limited.open("full")) {
      s.create("a", "{}").ack();
      s.create("b", "{}").ack();
      assertEquals(2, s.create("c", "{}").error("QUOTA_EXCEEDED").details().path("limit").asInt());
      String large = "{'t':'" + "x".repeat(30_000) + "'}";
      Reply refused = s.update("a", large).error("QUOTA_EXCEEDED");
      assertEquals(20_000, refused.details().path("limit").asInt());
      s.update("a", "{}").ack();
      s.read("a", "b");
      s.delete("b").ok();
      s.create("c", "{}").ack();
      Until.within(Duration.ofSeconds(20))
          .sees(
              "a warning", () -> limited.process().output(), out -> out.contains("over 70% full"));
    }
  }
}
