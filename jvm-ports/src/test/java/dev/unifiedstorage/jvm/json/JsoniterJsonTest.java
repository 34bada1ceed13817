package dev.unifiedstorage.jvm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables in {@code numbers.txt} and {@code texts.txt} are JavaScript's own answers. */
class JsoniterJsonTest {
  private final JsoniterJson json = new JsoniterJson();

  @Test
  void numbersAreWrittenAsJavaScriptWritesThem() throws IOException {
    for (String line : table("numbers.txt")) {
      String[] parts = line.split(" ");
      double number = Double.longBitsToDouble(Long.parseUnsignedLong(parts[0], 16));
      StringBuilder written = new StringBuilder();
      JsonNumber.append(written, number);
      assertEquals(parts[1], written.toString(), parts[0]);
      if (Double.isFinite(number)) {
        assertEquals(number + 0.0, JsonNumber.parse(parts[1]), 0.0, parts[0]);
      }
    }
  }

  @Test
  void textsAreTakenOrRefusedAsJavaScriptDoes() throws IOException {
    for (String line : table("texts.txt")) {
      String[] parts = line.split(" ");
      String text = parts[0].equals("-") ? "" : chars(parts[0]);
      if (parts[1].equals("object")) {
        assertEquals(parts[2], units(written(json.parse(text))), parts[0]);
      } else {
        JsonParseException refused =
            assertThrows(JsonParseException.class, () -> json.parse(text), parts[0]);
        assertEquals(
            parts[1].equals("other"),
            refused.getMessage().startsWith("expected a JSON object, found"),
            parts[0] + ": " + refused.getMessage());
      }
    }
  }

  @Test
  void writtenTextReadsBackTheSame() {
    String text =
        json.writer()
            .raw("{\"k\":")
            .string("a\"\\\u0000\ud83d\ude00\ud83d\u2028\u007f/")
            .raw("}")
            .text();
    assertEquals("{\"k\":\"a\\\"\\\\\\u0000\ud83d\ude00\\ud83d\u2028\u007f/\"}", text);
    assertEquals(text, written(json.parse(text)));
  }

  @Test
  void errorsSayWhatAndWhere() {
    String message =
        assertThrows(JsonParseException.class, () -> json.parse("{\"né\":1,}")).getMessage();
    assertEquals(
        "JSON is malformed: expected a key in double quotes at character 8, found \"}\"", message);
    assertEquals(
        "JSON ends too early: expected ':' at character 4",
        assertThrows(JsonParseException.class, () -> json.parse("{\"a\"")).getMessage());
    assertEquals(
        "expected a JSON object, found array",
        assertThrows(JsonParseException.class, () -> json.parse("[]")).getMessage());
  }

  @Test
  void valuesKeepTheirKinds() {
    JsonObject object =
        json.parse(
            "{\"s\":\"x\",\"n\":1.5,\"b\":true,\"z\":null,\"o\":{\"i\":1},\"a\":[\"y\",{},2]}");
    assertEquals("x", object.string("s"));
    assertEquals(1.5, object.number("n"));
    assertTrue(object.bool("b"));
    assertEquals(JsonKind.NULL, object.kind("z"));
    assertEquals(JsonKind.ABSENT, object.kind("?"));
    assertEquals(1, object.object("o").number("i"));
    JsonArray array = object.array("a");
    assertEquals(3, array.size());
    assertEquals("y", array.string(0));
    assertEquals(JsonKind.OBJECT, array.kind(1));
    assertEquals(JsonKind.NUMBER, array.kind(2));
    assertEquals(List.of("s", "n", "b", "z", "o", "a"), object.keys());
    assertEquals(3, object.depth());
  }

  @Test
  void objectsChangeInPlaceAndKeepTheirOrder() {
    JsonObject object = json.parse("{\"a\":1,\"b\":2,\"c\":3}");
    object.set("b", "two").set("d", 4).remove("a");
    object.remove("absent");
    object.setAll(json.parse("{\"c\":{\"x\":[]},\"e\":null}"));
    assertEquals("{\"b\":\"two\",\"c\":{\"x\":[]},\"d\":4,\"e\":null}", written(object));
    JsonObject copy = json.object().setAll(object);
    copy.set("b", 5);
    assertEquals("two", object.string("b"));
  }

  @Test
  void largeObjectsFindEveryKey() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < 1000; i++) {
      text.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":").append(i);
    }
    JsonObject object = json.parse(text.append("}").toString());
    object.remove("k500");
    object.set("k1000", 1000);
    for (int i = 0; i <= 1000; i++) {
      assertEquals(i == 500 ? JsonKind.ABSENT : JsonKind.NUMBER, object.kind("k" + i));
    }
    assertEquals(999, object.number("k999"));
  }

  @Test
  void nestingOfAnyDepthGetsAnAnswer() {
    int levels = 500_000;
    assertThrows(JsonParseException.class, () -> json.parse("[".repeat(levels)));
    assertThrows(JsonParseException.class, () -> json.parse("{\"a\":".repeat(levels)));
    JsonObject arrays =
        json.parse("{\"id\":\"x\",\"d\":" + "[".repeat(levels) + "]".repeat(levels) + "}");
    assertEquals(levels + 1, arrays.depth());
    assertEquals("x", arrays.string("id"));
    JsonObject objects =
        json.parse("{\"d\":" + "{\"a\":".repeat(levels) + "1" + "}".repeat(levels) + ",\"id\":7}");
    assertEquals(levels + 1, objects.depth());
    assertEquals(7, objects.number("id"));
    JsonObject allowed = json.parse("{\"a\":".repeat(64) + "1" + "}".repeat(64));
    assertEquals(64, allowed.depth());
  }

  @Test
  void utf8LengthCountsBytes() {
    for (String text :
        List.of("", "abc", "é", "€", "😀", "a😀€é", "\ud83d", "\ude00x", "\ud83d\ud83d\ude00")) {
      // Java writes a lone surrogate as '?', where UTF-8 has U+FFFD.
      String valid = replaceLone(text);
      assertEquals(valid.getBytes(StandardCharsets.UTF_8).length, json.utf8Length(text), text);
    }
  }

  private static String replaceLone(String text) {
    StringBuilder valid = new StringBuilder();
    text.codePoints().forEach(c -> valid.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    return valid.toString();
  }

  private static String written(JsonObject object) {
    Json json = new JsoniterJson();
    return json.writer().object(object).text();
  }

  private static String units(String text) {
    StringBuilder units = new StringBuilder();
    text.chars().forEach(c -> units.append(String.format("%04x", c)));
    return units.toString();
  }

  private static String chars(String units) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < units.length(); i += 4) {
      text.append((char) Integer.parseInt(units.substring(i, i + 4), 16));
    }
    return text.toString();
  }

  private static List<String> table(String name) throws IOException {
    try (InputStream in = JsoniterJsonTest.class.getResourceAsStream(name)) {
      assertNotNull(in, name);
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }
}
