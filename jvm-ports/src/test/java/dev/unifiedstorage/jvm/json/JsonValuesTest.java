package dev.unifiedstorage.jvm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.JsonParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonValuesTest {
  @Test
  void everyKindOfValueComesAndGoesAsJavasOwn() {
    String text = "{\"a\":[1,2.5,true,null,\"x\\ny\",{\"b\":[]}],\"c\":{}}";
    Map<String, Object> read = JsonValues.parse(text);
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", Arrays.asList(1.0, 2.5, true, null, "x\ny", Map.of("b", List.of())));
    expected.put("c", Map.of());
    assertEquals(expected, read);
    assertEquals(text, JsonValues.text(read));
  }

  @Test
  void numbersOfEveryClassAreNumbers() {
    assertEquals(
        "{\"n\":[1,2,3,0.5]}", JsonValues.text(Map.of("n", List.of(1, 2L, (short) 3, .5f))));
  }

  @Test
  void whatIsNotJsonsIsRefusedWithItsPlace() {
    wrong("$.a[1]: expected a value of JSON's", Map.of("a", List.of(1, new Object())));
    wrong("$.a: expected a finite number, found NaN", Map.of("a", Double.NaN));
    wrong("$.a: expected keys that are strings, found 1", Map.of("a", Map.of(1, 2)));
    Map<String, Object> self = new HashMap<>();
    self.put("self", self);
    wrong("expected at most 100 levels", self);
    assertThrows(JsonParseException.class, () -> JsonValues.parse("[1]"));
  }

  private static void wrong(String says, Map<String, ?> object) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> JsonValues.text(object)).getMessage();
    assertTrue(message.contains(says), message);
  }
}
