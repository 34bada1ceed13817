package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The public suite of RFC 6902: all its cases whose documents and results are objects. */
@ExtendWith(SharedServer.class)
class PatchSuiteTest {
  private static final List<String> SYSTEM_FIELDS =
      List.of("$id", "$type", "$version", "$createdAt", "$updatedAt");

  private static List<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    for (String file : List.of("tests.json", "spec_tests.json")) {
      try (InputStream in =
          PatchSuiteTest.class.getResourceAsStream("/json-patch-test-suite/" + file)) {
        for (JsonNode one : StoreSocket.JSON.readTree(in)) {
          boolean wanted =
              one.path("doc").isObject()
                  && !one.path("disabled").asBoolean()
                  && (one.has("error") || !one.has("expected") || one.get("expected").isObject());
          if (wanted) {
            cases.add(one);
          }
        }
      }
    }
    return cases;
  }

  @Test
  void everyCaseOfObjectsPasses(Session s) throws IOException {
    List<JsonNode> cases = cases();
    assertTrue(cases.size() > 60, "cases: " + cases.size());
    int number = 0;
    for (JsonNode one : cases) {
      String id = "case" + number++;
      ObjectNode create = Session.json("{'type':'create','$type':'T'}");
      create.set("data", ((ObjectNode) one.get("doc").deepCopy()).put("$id", id));
      s.call(create).ack();
      ObjectNode update = Session.json("{'type':'update'}").put("$id", id);
      update.set("patch", one.get("patch"));
      Reply reply = s.call(update);
      ObjectNode left = (ObjectNode) s.thing(id).deepCopy();
      assertEquals(one.has("error") ? 1 : 2, left.path("$version").asInt(), one::toString);
      left.remove(SYSTEM_FIELDS);
      if (one.has("error")) {
        assertEquals("error", reply.json().path("status").asText(), one::toString);
        assertTrue(reply.details().path("index").isInt(), one + " " + reply);
        assertSame(one.get("doc"), left, one);
      } else {
        reply.ack();
        assertSame(one.has("expected") ? one.get("expected") : one.get("doc"), left, one);
      }
    }
  }

  private static void assertSame(JsonNode expected, JsonNode found, JsonNode one) {
    assertTrue(same(expected, found), () -> one + " left " + found);
  }

  /** Whether both say the same; 1 and 1.0 do. */
  private static boolean same(JsonNode left, JsonNode right) {
    if (left.isNumber() && right.isNumber()) {
      return left.doubleValue() == right.doubleValue();
    }
    if (left.size() != right.size() || left.getNodeType() != right.getNodeType()) {
      return false;
    }
    if (left.isObject()) {
      for (Map.Entry<String, JsonNode> entry : left.properties()) {
        if (!right.has(entry.getKey()) || !same(entry.getValue(), right.get(entry.getKey()))) {
          return false;
        }
      }
      return true;
    }
    for (int i = 0; left.isArray() && i < left.size(); i++) {
      if (!same(left.get(i), right.get(i))) {
        return false;
      }
    }
    return left.isArray() || left.equals(right);
  }
}
