package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A check of one JSON text against RFC 8259, byte by byte.
 *
 * <p>It accepts what {@code JSON.parse} accepts and nothing else, and never recurses: nesting is a
 * bit set, so half a million brackets cost half a million bits. The bytes must be the UTF-8 of a
 * Java string (or its relaxed form with lone surrogates), so they are not checked for being UTF-8.
 *
 * <p>It exists because jsoniter takes trailing commas, raw line breaks, {@code nul} and much more,
 * and because it recurses.
 */
final class JsonGrammar {
  private static final int WHERE_CONTEXT = 20;

  private final byte[] text;
  private long shallowObjects;
  private @Nullable BitSet deepObjects;
  private int at;
  private int depth;
  private int maxDepth;
  private boolean surrogateEscapes;

  JsonGrammar(byte[] text) {
    this.text = text;
  }

  /** How deep the text nests: 0 for a scalar, 1 for an object of scalars. */
  int maxDepth() {
    return maxDepth;
  }

  /** Whether a string has an escaped surrogate, a pair or a lone one. */
  boolean surrogateEscapes() {
    return surrogateEscapes;
  }

  /**
   * Checks the whole text.
   *
   * @throws JsonParseException at the first byte that cannot be
   */
  void check() {
    skipSpace();
    oneValue();
    end();
  }

  /** Receives where an object of an array begins, and where the text behind it does. */
  interface Objects {
    void object(int from, int to);
  }

  /**
   * Checks that the whole text is an array of objects, and says where they are.
   *
   * @throws JsonParseException at the first byte that cannot be
   */
  void checkObjects(Objects objects) {
    skipSpace();
    if (at >= text.length || text[at] != '[') {
      throw unexpected("an array of objects");
    }
    open(false);
    boolean more = !closesAtOnce(']');
    while (more) {
      skipSpace();
      if (at >= text.length || text[at] != '{') {
        throw unexpected("an object, for it is an array of objects");
      }
      int from = at;
      oneValue();
      objects.object(from, at);
      skipSpace();
      more = afterValue();
    }
    end();
  }

  /** Reads one value whole, at the depth that is reached. */
  private void oneValue() {
    int floor = depth;
    boolean valueNext = value();
    while (valueNext || depth > floor) {
      skipSpace();
      valueNext = valueNext ? value() : afterValue();
    }
  }

  private void end() {
    skipSpace();
    if (at < text.length) {
      throw unexpected("the end of the text");
    }
  }

  /** Reads a scalar whole or a container's start; true when a value must follow at once. */
  private boolean value() {
    if (at >= text.length) {
      throw unexpected("a value");
    }
    switch (text[at]) {
      case '{' -> {
        open(true);
        if (closesAtOnce('}')) {
          return false;
        }
        key();
        return true;
      }
      case '[' -> {
        open(false);
        return !closesAtOnce(']');
      }
      case '"' -> string();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> number();
    }
    return false;
  }

  /** Reads a comma or a container's end; true when a value must follow. */
  private boolean afterValue() {
    boolean object = isObject();
    byte found = at < text.length ? text[at] : 0;
    if (found == ',') {
      at++;
      if (object) {
        skipSpace();
        key();
      }
      return true;
    }
    if (found == (object ? '}' : ']')) {
      at++;
      depth--;
      return false;
    }
    throw unexpected(object ? "',' or '}'" : "',' or ']'");
  }

  private void open(boolean object) {
    at++;
    depth++;
    if (depth < Long.SIZE) {
      shallowObjects = object ? shallowObjects | 1L << depth : shallowObjects & ~(1L << depth);
    } else {
      if (deepObjects == null) {
        deepObjects = new BitSet();
      }
      deepObjects.set(depth, object);
    }
    maxDepth = Math.max(maxDepth, depth);
  }

  /** Whether the innermost open container is an object. */
  private boolean isObject() {
    return depth < Long.SIZE
        ? (shallowObjects >> depth & 1) != 0
        : deepObjects != null && deepObjects.get(depth);
  }

  private boolean closesAtOnce(char end) {
    skipSpace();
    if (at < text.length && text[at] == end) {
      at++;
      depth--;
      return true;
    }
    return false;
  }

  private void key() {
    if (at >= text.length || text[at] != '"') {
      throw unexpected("a key in double quotes");
    }
    string();
    skipSpace();
    if (at >= text.length || text[at] != ':') {
      throw unexpected("':'");
    }
    at++;
  }

  private void string() {
    byte[] bytes = text;
    int i = at + 1;
    while (i < bytes.length) {
      byte b = bytes[i];
      if (b == '"') {
        at = i + 1;
        return;
      }
      if (b == '\\') {
        at = i + 1;
        escape();
        i = at;
      } else if (b >= 0 && b < ' ') {
        at = i;
        throw unexpected("an escape such as \\n, for control characters may not stand in a string");
      } else {
        i++;
      }
    }
    at = bytes.length;
    throw unexpected("the string's closing '\"'");
  }

  private void escape() {
    byte b = at < text.length ? text[at] : 0;
    switch (b) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at++;
      case 'u' -> {
        at++;
        int code = 0;
        for (int i = 0; i < 4; i++, at++) {
          int digit = at < text.length ? Character.digit(text[at], 16) : -1;
          if (digit < 0) {
            throw unexpected("four hexadecimal digits after \\u");
          }
          code = code << 4 | digit;
        }
        surrogateEscapes |= Character.isSurrogate((char) code);
      }
      default -> throw unexpected("one of \" \\ / b f n r t u after a backslash");
    }
  }

  private void literal(String word) {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at >= text.length || text[at] != word.charAt(i)) {
        throw unexpected("'" + word + "'");
      }
    }
  }

  private void number() {
    if (text[at] == '-') {
      at++;
    } else if (!isDigit()) {
      throw unexpected("a value");
    }
    if (at < text.length && text[at] == '0') {
      at++;
    } else {
      digits();
    }
    if (at < text.length && text[at] == '.') {
      at++;
      digits();
    }
    if (at < text.length && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (at < text.length && (text[at] == '+' || text[at] == '-')) {
        at++;
      }
      digits();
    }
  }

  private void digits() {
    if (!isDigit()) {
      throw unexpected("a digit");
    }
    while (isDigit()) {
      at++;
    }
  }

  private boolean isDigit() {
    return at < text.length && text[at] >= '0' && text[at] <= '9';
  }

  private void skipSpace() {
    while (at < text.length) {
      byte b = text[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return;
      }
      at++;
    }
  }

  private JsonParseException unexpected(String expected) {
    String before = new String(text, 0, at, StandardCharsets.UTF_8);
    if (at >= text.length) {
      return new JsonParseException(
          "JSON ends too early: expected " + expected + " at character " + before.length());
    }
    int end = Math.min(text.length, at + 4 * WHERE_CONTEXT);
    String rest = new String(text, at, end - at, StandardCharsets.UTF_8);
    String near = rest.length() > WHERE_CONTEXT ? rest.substring(0, WHERE_CONTEXT) + "…" : rest;
    StringBuilder quoted = new StringBuilder();
    JsonText.appendString(quoted, near);
    return new JsonParseException(
        "JSON is malformed: expected "
            + expected
            + " at character "
            + before.length()
            + ", found "
            + quoted);
  }
}
