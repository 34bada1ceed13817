package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * JSON values that often do not survive: what is written is what is read, as JavaScript sees it.
 */
@ExtendWith(SharedServer.class)
class JsonValuesTest {
  private static final List<String> STRINGS =
      List.of(
          "\"\"",
          "\"\\u0000\"",
          "\"\\ud83d\\ude00 é ü 漢字\"",
          "\"\\ud800\"",
          "\"x\\udc00y\"",
          "\"\\u2028\\u2029\"",
          "\"\\\\ \\\" \\/ \\b\\f\\n\\r\\t\"",
          "\"\\u007f\\u0080\\uffff\"",
          "\"</script>\"",
          "\"2026-01-31T12:00:00.000Z\"",
          "\"null\"",
          "\"\\ufeff\"");

  private static void createRaw(Session s, String id, String dataFields) {
    String message =
        "{\"type\":\"create\",\"id\":\"r\",\"$type\":\"T\",\"data\":{\"$id\":\""
            + id
            + "\""
            + dataFields
            + "}}";
    new Reply(StoreSocket.await(s.socket().sendJson(message, "r"))).ack();
  }

  private static JsonNode parsed(String json) {
    try {
      return StoreSocket.JSON.readTree(json);
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  @Test
  void stringsComeBackAsTheyWere(Session s) {
    for (int i = 0; i < STRINGS.size(); i++) {
      createRaw(s, "s" + i, ",\"v\":" + STRINGS.get(i));
      assertEquals(
          parsed(STRINGS.get(i)).textValue(),
          s.thing("s" + i).path("v").textValue(),
          STRINGS.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "0.1",
        "1e-7",
        "5e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "9007199254740991",
        "-9007199254740992",
        "123456789012345680000",
        "1e21",
        "0.30000000000000004",
        "1E+2",
        "100.0",
        "3.141592653589793",
        "4294967296",
        "-2147483649",
        "1e-400"
      })
  void numbersAreDoubles(String number, Session s) {
    createRaw(s, "n", ",\"v\":" + number);
    JsonNode value = s.thing("n").path("v");
    assertTrue(value.isNumber(), value::toString);
    assertEquals(Double.parseDouble(number), value.doubleValue());
  }

  @ParameterizedTest
  @CsvSource({
    "9007199254740993, 9007199254740992",
    "12345678901234567890, 12345678901234567000",
    "0.1000000000000000055511151231257827, 0.1",
    "1.0, 1",
    "-0, 0"
  })
  void numbersAreWrittenAsJavaScriptWouldRoundThem(String sent, String read, Session s) {
    createRaw(s, "n", ",\"v\":" + sent);
    JsonNode value = s.thing("n").path("v");
    assertEquals(0, Double.compare(Double.parseDouble(read), value.doubleValue() + 0.0));
    if (value.isIntegralNumber()) {
      assertEquals(read, value.asText().replaceFirst("^-0$", "0"));
    }
  }

  @Test
  void aNumberBeyondTheDoublesIsAnswered(Session s) {
    String message =
        "{\"type\":\"create\",\"id\":\"r\",\"$type\":\"T\",\"data\":{\"$id\":\"n\",\"v\":1e400}}";
    JsonNode reply = StoreSocket.await(s.socket().sendJson(message, "r"));
    assertTrue(reply.path("status").isTextual(), reply::toString);
    s.read("n").ok();
    s.ping().ok();
  }

  @Test
  void ofDuplicateKeysTheLastCounts(Session s) {
    createRaw(s, "first", ",\"v\":1,\"w\":2,\"v\":3,\"$id\":\"last\"");
    assertEquals(3, s.thing("last").path("v").asInt());
    assertTrue(s.thing("first").isMissingNode());
    String twice = "{\"type\":\"create\",\"id\":\"r\",\"type\":\"ping\"}";
    new Reply(StoreSocket.await(s.socket().sendJson(twice, "r"))).ok();
  }

  @Test
  void namesOfObjectMembersArePlainFields(Session s) {
    String fields =
        ",\"__proto__\":{\"polluted\":1},\"constructor\":2,\"toString\":3,\"hasOwnProperty\":4,"
            + "\"valueOf\":5,\"\":6,\"prototype\":7,\"length\":8,\"toJSON\":9,\"then\":10";
    createRaw(s, "p", fields);
    JsonNode thing = s.thing("p");
    assertEquals(1, thing.path("__proto__").path("polluted").asInt(), thing::toString);
    assertFalse(thing.has("polluted"), thing::toString);
    assertEquals(2, thing.path("constructor").asInt());
    assertEquals(3, thing.path("toString").asInt());
    assertEquals(6, thing.path("").asInt());
    assertEquals(9, thing.path("toJSON").asInt());
    String update =
        "{\"type\":\"update\",\"id\":\"r\",\"$id\":\"p\",\"data\":{\"__proto__\":{\"x\":null}}}";
    new Reply(StoreSocket.await(s.socket().sendJson(update, "r"))).ack();
    assertEquals("{\"x\":null}", s.thing("p").path("__proto__").toString());
    assertFalse(s.thing("p").has("polluted"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"__proto__", "constructor", "toString", "hasOwnProperty", "0", " "})
  void namesOfObjectMembersArePlainIdsAndTypes(String name, Session s) {
    var request = Session.createRequest(name, "{'n':1}").put("$type", name);
    s.call(request).ack();
    assertEquals(2, s.update(name, "{'n':2}").ack().version());
    JsonNode things = s.read(name, "other").json().path("things");
    assertEquals(1, things.size(), things::toString);
    assertEquals(2, things.path(name).path("n").asInt(), things::toString);
    assertEquals(name, things.path(name).path("$type").asText());
    s.delete(name).ok();
    assertEquals(0, s.read(name).json().path("things").size());
  }

  @Test
  void valuesSurviveAKillAndACheckpoint(@TempDir Path directory) throws Exception {
    Setup setup = Setup.plain();
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"))) {
      JsonNode before;
      try (Session s = server.open("values")) {
        for (int i = 0; i < STRINGS.size(); i++) {
          createRaw(s, "s" + i, ",\"v\":" + STRINGS.get(i) + ",\"__proto__\":{\"a\":1}");
        }
        createRaw(s, "n", ",\"a\":0.1,\"b\":5e-324,\"c\":[null,true,{}],\"d\":1e21,\"\":{}");
        before = all(s);
        server.process().kill();
      }
      server.startAgain(setup);
      try (Session s = server.open("values")) {
        assertEquals(before, all(s));
      }
      server.http().checkpoint("values");
      server.process().kill();
      server.startAgain(setup);
      try (Session s = server.open("values")) {
        assertEquals(before, all(s));
      }
    }
  }

  private static JsonNode all(Session s) {
    var request = Session.json("{'type':'read','$ids':['n']}");
    for (int i = 0; i < STRINGS.size(); i++) {
      request.withArray("$ids").add("s" + i);
    }
    JsonNode things = s.call(request).ok().json().path("things");
    assertEquals(STRINGS.size() + 1, things.size());
    return things;
  }
}
