package dev.unifiedstorage.jvm.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Surrogates in the relaxed UTF-8 that jsoniter reads them in: each one as three bytes of its own.
 *
 * <p>JavaScript's strings may hold half a surrogate pair, and {@code JSON.parse} takes one in,
 * escaped or raw. Strict UTF-8 has no bytes for it and jsoniter refuses such an escape, but it does
 * read the three bytes that the encoding's scheme would give. Only texts that have such characters
 * come here.
 */
final class LoneSurrogates {
  private LoneSurrogates() {}

  /** The text's bytes, every surrogate encoded alone. */
  static byte[] encode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() * 2);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        out.write(c);
      } else if (c < 0x800) {
        out.write(0xC0 | c >> 6);
        out.write(0x80 | c & 0x3F);
      } else {
        writeThree(out, c);
      }
    }
    return out.toByteArray();
  }

  /** The same valid JSON, every escaped surrogate in place of its escape. */
  static byte[] unescape(byte[] json) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length);
    for (int i = 0; i < json.length; i++) {
      if (json[i] != '\\') {
        out.write(json[i]);
        continue;
      }
      if (json[i + 1] == 'u') {
        int code = Integer.parseInt(new String(json, i + 2, 4, StandardCharsets.US_ASCII), 16);
        if (Character.isSurrogate((char) code)) {
          writeThree(out, code);
          i += 5;
          continue;
        }
      }
      out.write(json[i]);
      i++;
      out.write(json[i]);
    }
    return out.toByteArray();
  }

  private static void writeThree(ByteArrayOutputStream out, int c) {
    out.write(0xE0 | c >> 12);
    out.write(0x80 | c >> 6 & 0x3F);
    out.write(0x80 | c & 0x3F);
  }
}
