package dev.unifiedstorage.emulator.object;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Bytes of a client that have to be UTF-8, on their way to text. */
public final class Utf8 {
  private Utf8() {}

  /** The text of the first bytes; null when they are no UTF-8. */
  public static String decode(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') < 0) {
      return text;
    }
    try {
      CharBuffer strict =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return strict.toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
