package dev.unifiedstorage.simulation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** JSON as clients and checkers see it: plain maps and lists, apart from the store's own port. */
final class Texts {
  /** Deeper than any hostile message: one that the store takes must not be unreadable here. */
  private static final int NESTING = 10_000;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(NESTING).build())
                  .build())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Texts() {}

  /** The seq of a position that a reply shows as text: its life, and that behind a hyphen. */
  static double seqOf(String at) {
    return Double.parseDouble(at.substring(at.indexOf('-') + 1));
  }

  static Map<String, Object> parse(String text) {
    try {
      return MAPPER.readValue(text, OBJECT);
    } catch (JsonProcessingException e) {
      throw new Violation("replies and rows are JSON", e.getOriginalMessage() + " in " + text);
    }
  }

  /** The objects of an array. */
  static List<Map<String, Object>> parseAll(String text) {
    try {
      return MAPPER.readValue(text, new TypeReference<List<Map<String, Object>>>() {});
    } catch (JsonProcessingException e) {
      throw new Violation("replies and rows are JSON", e.getOriginalMessage() + " in " + text);
    }
  }

  static String print(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How long the store's own text of a value is, in UTF-8. */
  static int utf8Length(Map<String, Object> value) {
    Json json = new JsoniterJson();
    return json.utf8Length(json.writer().object(json.parse(print(value))).text());
  }

  /** Whether two values say the same; 1 and 1.0 do. */
  static boolean same(Object left, Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return a.doubleValue() == b.doubleValue();
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : a.entrySet()) {
        if (!b.containsKey(entry.getKey()) || !same(entry.getValue(), b.get(entry.getKey()))) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      for (int i = 0; i < a.size() && a.size() == b.size(); i++) {
        if (!same(a.get(i), b.get(i))) {
          return false;
        }
      }
      return a.size() == b.size();
    }
    return Objects.equals(left, right);
  }
}
