package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that are wrong: each is answered with its code, changes nothing, and leaves the socket.
 */
@ExtendWith(SharedServer.class)
class BadInputTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "hello",
        "{",
        "}",
        "{\"type\":\"ping\",\"id\":1",
        "{\"type\":\"ping\",\"id\":1}}",
        "{\"type\":\"ping\",\"id\":1,}",
        "{type:\"ping\",\"id\":1}",
        "{'type':'ping','id':1}",
        "{\"type\":\"ping\",\"id\":01}",
        "{\"type\":\"ping\",\"id\":+1}",
        "[1,2]",
        "[]",
        "null",
        "true",
        "7",
        "\"text\"",
        "{\"type\":\"ping\",\"id\":\"\n\"}",
        "{\"id\":\"\\x\"}",
        "{\"type\":\"ping\",\"id\":NaN}",
        "{\"type\":\"ping\",\"id\":1}{\"type\":\"ping\",\"id\":2}",
        "{\"type\":\"ping\" \"id\":1}",
        "{\"type\":\"ping\",\"id\":1.}",
        "{\"type\":\"ping\",\"id\":tru}",
        "{\"type\":\"ping\",\"id\":\"\\u12\"}",
        "/* */{}",
        "{\"a\":[1,]}"
      })
  void whatIsNoJsonObjectIsAParseError(String message, Session s) {
    s.raw(message).error("PARSE_ERROR").withoutId();
    s.ping().ok();
  }

  @Test
  void binaryGarbageIsAParseError(Session s) {
    byte[] garbage = new byte[300];
    ThreadLocalRandom.current().nextBytes(garbage);
    garbage[0] = (byte) 0xff;
    s.raw(Session.BINARY, garbage).error("PARSE_ERROR").withoutId();
    s.raw(Session.BINARY, new byte[0]).error("PARSE_ERROR").withoutId();
    s.ping().ok();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "true", "{}", "[]", "[1]", "1e999"})
  void anIdIsAStringOrANumber(String id, Session s) {
    String create = "\"type\":\"create\",\"$type\":\"T\",\"data\":{\"$id\":\"a\"}";
    s.raw("{\"id\":" + id + "," + create + "}").error("VALIDATION_ERROR").withoutId();
    s.raw("{" + create + "}").error("VALIDATION_ERROR").withoutId();
    assertEquals(0, s.read("a").json().path("things").size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'type':null}",
        "{'type':7}",
        "{'type':''}",
        "{'type':'CREATE'}",
        "{'type':'toString'}",
        "{'type':'__proto__'}",
        "{'type':'drop'}",
        "{'type':['ping']}"
      })
  void anUnknownTypeIsAnswered(String request, Session s) {
    s.call(request).error("UNKNOWN_TYPE");
    s.ping().ok();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'create','$type':'T'}",
        "{'type':'create','$type':'T','data':null}",
        "{'type':'create','$type':'T','data':[]}",
        "{'type':'create','$type':'T','data':'x'}",
        "{'type':'create','data':{}}",
        "{'type':'create','$type':'','data':{}}",
        "{'type':'create','$type':7,'data':{}}",
        "{'type':'create','$type':null,'data':{}}",
        "{'type':'create','$type':'T','data':{'$id':''}}",
        "{'type':'create','$type':'T','data':{'$id':7}}",
        "{'type':'create','$type':'T','data':{'$id':{}}}",
        "{'type':'read'}",
        "{'type':'read','$ids':'a'}",
        "{'type':'read','$ids':null}",
        "{'type':'read','$ids':['a',7]}",
        "{'type':'read','$ids':[null]}",
        "{'type':'read','$ids':{}}",
        "{'type':'update','data':{}}",
        "{'type':'update','$id':'','data':{}}",
        "{'type':'update','$id':7,'data':{}}",
        "{'type':'update','$id':'v'}",
        "{'type':'update','$id':'v','data':null}",
        "{'type':'update','$id':'v','data':[1]}",
        "{'type':'update','$id':'v','data':7}",
        "{'type':'update','$id':'v','data':{},'ifVersion':'1'}",
        "{'type':'update','$id':'v','data':{},'ifVersion':1.5}",
        "{'type':'update','$id':'v','data':{},'ifVersion':true}",
        "{'type':'update','$id':'v','data':{},'ifVersion':[]}",
        "{'type':'delete'}",
        "{'type':'delete','$id':''}",
        "{'type':'delete','$id':7}",
        "{'type':'delete','$id':'v','ifVersion':'1'}",
        "{'type':'delete','$id':'v','ifVersion':0.5}",
        "{'type':'batch'}",
        "{'type':'batch','operations':'x'}"
      })
  void aMalformedRequestIsAValidationError(String request, Session s) throws IOException {
    s.create("v", "{'n':1}").ack();
    s.call(request).error("VALIDATION_ERROR");
    assertEquals(1, s.thing("v").path("$version").asInt());
    assertEquals(1, s.stats().path("entries").asInt());
  }

  @ParameterizedTest
  @CsvSource({"update,NOT_FOUND", "delete,''", "read,''"})
  void namesOfObjectMembersAreNotThings(String type, String code, Session s) {
    for (String id : new String[] {"__proto__", "constructor", "toString", "hasOwnProperty"}) {
      var request = Session.json("{'type':'" + type + "','data':{}}").put("$id", id);
      request.putArray("$ids").add(id);
      Reply reply = s.call(request);
      if (code.isEmpty()) {
        assertEquals(0, reply.ok().json().path("things").size());
      } else {
        reply.error(code);
      }
    }
  }

  @Test
  void manyKindsOfGarbageLeaveTheSocketAndItsOrder(Session s) {
    for (int i = 0; i < 200; i++) {
      s.socket().sendFrame(Session.TEXT, true, ("{" + i).getBytes(StandardCharsets.UTF_8));
    }
    s.create("a", "{}").ack();
    for (int i = 0; i < 200; i++) {
      new Reply(s.socket().nextUncorrelated()).error("PARSE_ERROR").withoutId();
    }
    s.update("a", "{}").ack();
  }
}
