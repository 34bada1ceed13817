package dev.unifiedstorage.jvm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonRecordsTest {
  private static List<String> of(String body) {
    return JsonRecords.of(body.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String says, String body) {
    String message = assertThrows(JsonParseException.class, () -> of(body)).getMessage();
    assertTrue(message.contains(says), message);
  }

  @Test
  void everyRecordStaysAsItWasWritten() {
    assertEquals(List.of(), of(" [ ] "));
    assertEquals(
        List.of("{}", "{\"a\": 1.0, \"\\u0062\":[{\"é\":\"]}\"}]}", "{\"c\":{}}"),
        of("[{},{\"a\": 1.0, \"\\u0062\":[{\"é\":\"]}\"}]} , {\"c\":{}}]"));
  }

  @Test
  void aRecordOverSeveralLinesBecomesOne() {
    assertEquals(List.of("{\"a\":[1,2],\"b\":null}"), of("[\n{\"a\":[1,\n2],\r\n\t\"b\":null}\n]"));
  }

  @Test
  void whatIsNoArrayOfObjectsIsRefused() {
    refused("expected an array of objects at character 0", "{}");
    refused("JSON ends too early", "");
    refused("expected an object, for it is an array of objects at character 4", "[{},5]");
    refused("an array of objects at character 1", "[[]]");
    refused("',' or ']'", "[{}{}]");
    refused("an object", "[{},]");
    refused("JSON ends too early", "[{}");
    refused("JSON ends too early", "[{\"a\":[");
    refused("the end of the text", "[{}] []");
    refused("',' or '}'", "[{\"a\":1]]");
    JsonParseException e =
        assertThrows(
            JsonParseException.class, () -> JsonRecords.of(new byte[] {'[', (byte) 0xff, ']'}));
    assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
  }
}
