package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;

/**
 * A growing text of JSON, in the characters that {@code JSON.stringify} would give.
 *
 * <p>Strings without anything to escape, nearly all, are appended in one piece.
 */
final class JsonText implements JsonWriter {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder out = new StringBuilder(96);

  @Override
  public JsonWriter raw(String text) {
    out.append(text);
    return this;
  }

  @Override
  public JsonWriter string(String value) {
    appendString(out, value);
    return this;
  }

  @Override
  public JsonWriter number(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number for " + value);
    }
    JsonNumber.append(out, value);
    return this;
  }

  @Override
  public JsonWriter object(JsonObject value) {
    ((JsoniterObject) value).appendTo(out);
    return this;
  }

  @Override
  public JsonWriter value(JsonValue value) {
    appendValue(out, JsoniterScalar.of(value));
    return this;
  }

  @Override
  public JsonWriter raw(JsonWriter other) {
    out.append(((JsonText) other).out);
    return this;
  }

  @Override
  public int length() {
    return out.length();
  }

  @Override
  public String text() {
    return out.toString();
  }

  /** Appends {@code value} as {@code JSON.stringify} quotes it. */
  static void appendString(StringBuilder out, String value) {
    out.append('"');
    int length = value.length();
    int start = 0;
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
        continue;
      }
      out.append(value, start, i);
      appendEscape(out, c);
      start = i + 1;
    }
    if (start == 0) {
      out.append(value);
    } else {
      out.append(value, start, length);
    }
    out.append('"');
  }

  private static void appendEscape(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default ->
          out.append("\\u")
              .append(HEX[c >> 12])
              .append(HEX[c >> 8 & 15])
              .append(HEX[c >> 4 & 15])
              .append(HEX[c & 15]);
    }
  }

  /** Appends a value of the tree: the only place that knows every kind of them. */
  static void appendValue(StringBuilder out, Object value) {
    if (value instanceof String text) {
      appendString(out, text);
    } else if (value instanceof Double number) {
      JsonNumber.append(out, number);
    } else if (value instanceof JsoniterObject object) {
      object.appendTo(out);
    } else if (value instanceof JsoniterArray array) {
      array.appendTo(out);
    } else if (value instanceof TooDeep deep) {
      out.append(deep.text());
    } else {
      out.append(value == JsoniterObject.NULL ? "null" : value.toString());
    }
  }
}
