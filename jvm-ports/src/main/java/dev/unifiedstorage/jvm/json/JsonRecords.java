package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonParseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects of a JSON array, each as one line of text.
 *
 * <p>What a sender wrote stays as it is, numbers and escapes included; only an object that was
 * printed over several lines is printed anew. Building every object to print it again took more
 * time than all the rest of an ingest.
 */
public final class JsonRecords {
  private JsonRecords() {}

  /**
   * Reads UTF-8.
   *
   * @throws JsonParseException when it is no array of objects
   */
  public static List<String> of(byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
    } catch (CharacterCodingException e) {
      throw new JsonParseException("expected UTF-8, found bytes that are not");
    }
    List<String> records = new ArrayList<>();
    new JsonGrammar(body).checkObjects((from, to) -> records.add(line(body, from, to)));
    return records;
  }

  private static String line(byte[] body, int from, int to) {
    String text = new String(body, from, to - from, StandardCharsets.UTF_8);
    for (int i = from; i < to; i++) {
      if (body[i] >= 0 && body[i] < ' ') {
        JsoniterJson json = new JsoniterJson();
        return json.writer().object(json.parse(text)).text();
      }
    }
    return text;
  }
}
