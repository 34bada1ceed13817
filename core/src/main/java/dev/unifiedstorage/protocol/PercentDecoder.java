package dev.unifiedstorage.protocol;

import org.jspecify.annotations.Nullable;

/** A part of a URL's path, percent-encoded UTF-8, on its way back to text. */
public final class PercentDecoder {
  private static final int BAD = -1;

  private final String encoded;
  private int at;

  private PercentDecoder(String encoded) {
    this.encoded = encoded;
  }

  /** The text, or null when it is not well encoded. */
  public static @Nullable String decode(String encoded) {
    PercentDecoder decoder = new PercentDecoder(encoded);
    StringBuilder text = new StringBuilder(encoded.length());
    while (decoder.at < encoded.length()) {
      int codePoint = decoder.nextCodePoint();
      if (codePoint == BAD) {
        return null;
      }
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }

  /** Whether every character may stand in the path of a URL, by RFC 3986. */
  static boolean isPath(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      char lower = (char) (c | 0x20);
      boolean letterOrDigit = lower >= 'a' && lower <= 'z' || c >= '0' && c <= '9';
      if (!letterOrDigit && "-._~!$&'()*+,;=:@/%".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private int nextCodePoint() {
    int first = nextByte();
    if (first < 0x80) {
      return first;
    }
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    int codePoint = first & (0x3F >> more);
    for (int i = 0; i < more; i++) {
      int next = nextByte();
      if (first < 0xC2 || first > 0xF4 || next < 0x80 || next > 0xBF) {
        return BAD;
      }
      codePoint = codePoint << 6 | next & 0x3F;
    }
    return Character.isValidCodePoint(codePoint) ? codePoint : BAD;
  }

  /** The next byte of the UTF-8 text, or {@link #BAD}. */
  private int nextByte() {
    if (at >= encoded.length()) {
      return BAD;
    }
    char c = encoded.charAt(at++);
    if (c != '%') {
      return c < 0x80 ? c : BAD;
    }
    if (at + 2 > encoded.length()) {
      return BAD;
    }
    int high = digit(encoded.charAt(at));
    int low = digit(encoded.charAt(at + 1));
    at += 2;
    return high < 0 || low < 0 ? BAD : high * 16 + low;
  }

  /** As {@link Character#digit}, which knows all of Unicode and weighs as much. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    char lower = (char) (c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : BAD;
  }
}
