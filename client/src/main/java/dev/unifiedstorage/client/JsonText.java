package dev.unifiedstorage.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Java's own values: maps, lists, strings, doubles, booleans and null.
 *
 * <p>Own code, for the client depends on nothing; RFC 8259, at most {@value #MOST_LEVELS} levels.
 */
final class JsonText {
  private static final int MOST_LEVELS = 128;
  private static final double EXACT = 9_007_199_254_740_992.0;

  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  /**
   * What a text says.
   *
   * @throws IllegalArgumentException when it is no JSON
   */
  static @Nullable Object parse(String text) {
    JsonText parser = new JsonText(text);
    Object value = parser.value(1);
    parser.space();
    if (parser.at < text.length()) {
      throw parser.unexpected();
    }
    return value;
  }

  /** A member that the protocol says is there. */
  static Object member(Map<?, ?> object, String name) {
    return Objects.requireNonNull(object.get(name), name);
  }

  /**
   * The text of a value.
   *
   * @throws IllegalArgumentException naming the place, when JSON has no such value
   */
  static String print(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    print(out, value, "$", 1);
    return out.toString();
  }

  // ---- printing

  private static void print(StringBuilder out, @Nullable Object value, String path, int level) {
    if (level > MOST_LEVELS) {
      throw new IllegalArgumentException(path + " has more than " + MOST_LEVELS + " levels");
    }
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof CharSequence chars) {
      quote(out, chars);
    } else if (value instanceof Number number) {
      number(out, number.doubleValue(), path);
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> member : map.entrySet()) {
        quote(out.append(separator), String.valueOf(member.getKey()));
        print(out.append(':'), member.getValue(), path + "." + member.getKey(), level + 1);
        separator = ",";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Iterable<?> list) {
      out.append('[');
      Iterator<?> values = list.iterator();
      for (int i = 0; values.hasNext(); i++) {
        print(out.append(i == 0 ? "" : ","), values.next(), path + "[" + i + "]", level + 1);
      }
      out.append(']');
    } else {
      throw new IllegalArgumentException(
          path + " must be a value of JSON's, got " + value.getClass().getName());
    }
  }

  private static void number(StringBuilder out, double number, String path) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(path + " must be a finite number, got " + number);
    }
    if (number == Math.rint(number) && Math.abs(number) <= EXACT) {
      out.append((long) number);
    } else {
      out.append(number);
    }
  }

  private static void quote(StringBuilder out, CharSequence chars) {
    out.append('"');
    for (int i = 0; i < chars.length(); i++) {
      char c = chars.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        // A lone surrogate has no UTF-8; escaped, it arrives as it is.
        out.append("\\u").append(Character.forDigit(c >> 12, 16));
        out.append(Character.forDigit(c >> 8 & 15, 16)).append(Character.forDigit(c >> 4 & 15, 16));
        out.append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  // ---- parsing

  private @Nullable Object value(int level) {
    space();
    if (at == text.length() || level > MOST_LEVELS) {
      throw unexpected();
    }
    switch (text.charAt(at)) {
      case '{':
        return object(level);
      case '[':
        return array(level);
      case '"':
        return string();
      case 't':
        return word("true", Boolean.TRUE);
      case 'f':
        return word("false", Boolean.FALSE);
      case 'n':
        return word("null", null);
      default:
        return number();
    }
  }

  private Map<String, Object> object(int level) {
    Map<String, Object> object = new LinkedHashMap<>();
    at++;
    space();
    if (next('}')) {
      return object;
    }
    do {
      space();
      if (at == text.length() || text.charAt(at) != '"') {
        throw unexpected();
      }
      String key = string();
      space();
      expect(':');
      object.put(key, value(level + 1));
      space();
    } while (next(','));
    expect('}');
    return object;
  }

  private List<Object> array(int level) {
    List<Object> array = new ArrayList<>();
    at++;
    space();
    if (next(']')) {
      return array;
    }
    do {
      array.add(value(level + 1));
      space();
    } while (next(','));
    expect(']');
    return array;
  }

  private String string() {
    int from = ++at;
    int end = from;
    while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\') {
      end++;
    }
    if (end < text.length() && text.charAt(end) == '"') {
      at = end + 1;
      return text.substring(from, end);
    }
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      out.append(c == '\\' ? escaped() : c);
    }
    throw unexpected();
  }

  private char escaped() {
    char c = at < text.length() ? text.charAt(at++) : ' ';
    switch (c) {
      case '"', '\\', '/':
        return c;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        if (at + 4 <= text.length()) {
          at += 4;
          return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        throw unexpected();
      default:
        throw unexpected();
    }
  }

  private Double number() {
    int from = at;
    while (at < text.length() && "+-.0123456789Ee".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (from == at) {
      throw unexpected();
    }
    return Double.valueOf(text.substring(from, at));
  }

  private <T> @Nullable T word(String word, @Nullable T value) {
    if (!text.startsWith(word, at)) {
      throw unexpected();
    }
    at += word.length();
    return value;
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean next(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!next(c)) {
      throw unexpected();
    }
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException(
        at < text.length()
            ? "no JSON: unexpected '" + text.charAt(at) + "' at " + at
            : "no JSON: it ends too early");
  }
}
