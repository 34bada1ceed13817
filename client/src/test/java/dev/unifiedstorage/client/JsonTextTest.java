package dev.unifiedstorage.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTextTest {

  @Test
  void valuesComeBackAsTheyWere() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "a\"b\\c\n\u0001ä€😀\ud800");
    object.put("numbers", List.of(0.0, -1.5, 1e300, 1e-7, 9007199254740994.0, 0.1));
    object.put("rest", Arrays.asList(true, false, null, List.of(), Map.of()));
    assertEquals(object, JsonText.parse(JsonText.print(object)));
    assertEquals("{\"n\":12}", JsonText.print(Map.of("n", 12L)));
    assertEquals(List.of("A/\b\f\r\t"), JsonText.parse(" [ \"\\u0041\\/\\b\\f\\r\\t\" ] "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[1,]", "{\"a\"}", "tru", "1 2", "\"a", "\"\\x\"", "{1:2}", "-"})
  void whatIsNoJsonIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> JsonText.parse(text));
  }

  @Test
  void whatJsonDoesNotHaveIsRefusedByName() {
    Exception error =
        assertThrows(
            IllegalArgumentException.class,
            () -> JsonText.print(Map.of("a", List.of(1, Double.NaN))));
    assertEquals("$.a[1] must be a finite number, got NaN", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> JsonText.print(new Object()));
  }
}
