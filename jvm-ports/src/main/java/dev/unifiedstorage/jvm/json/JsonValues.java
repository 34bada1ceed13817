package dev.unifiedstorage.jvm.json;

import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Java's own values: {@link Map}, {@link Iterable} (a {@link java.util.List} when it was
 * read), {@link String}, {@link Number} ({@link Double} when it was read), {@link Boolean} and
 * null.
 *
 * <p>It is for programs that make requests and look at replies; a store keeps objects of its own,
 * which take a fraction of the memory.
 */
public final class JsonValues {
  private static final int MOST_LEVELS = 100;

  private JsonValues() {}

  /**
   * An object's members in their order; the maps and lists in it can be changed.
   *
   * @throws dev.unifiedstorage.port.JsonParseException when the text is no JSON, or no object
   */
  public static Map<String, Object> parse(String text) {
    return ((JsoniterObject) new JsoniterJson().parse(text)).toMap();
  }

  /**
   * The text of an object.
   *
   * @throws IllegalArgumentException naming the member, when JSON has no such value: another class,
   *     a number that is not finite, a key that is no string, or more than {@value #MOST_LEVELS}
   *     levels, which a map that contains itself has
   */
  public static String text(Map<String, ?> object) {
    StringBuilder out = new StringBuilder();
    append(out, object, "$", 1);
    return out.toString();
  }

  private static void append(StringBuilder out, @Nullable Object value, String path, int level) {
    if (level > MOST_LEVELS) {
      throw new IllegalArgumentException("expected at most " + MOST_LEVELS + " levels, found more");
    }
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof CharSequence text) {
      JsonText.appendString(out, text.toString());
    } else if (value instanceof Number number) {
      appendNumber(out, number.doubleValue(), path);
    } else if (value instanceof Map<?, ?> map) {
      appendMap(out, map, path, level);
    } else if (value instanceof Iterable<?> list) {
      appendList(out, list, path, level);
    } else {
      throw new IllegalArgumentException(
          path + ": expected a value of JSON's, found " + value.getClass().getName());
    }
  }

  private static void appendNumber(StringBuilder out, double number, String path) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(path + ": expected a finite number, found " + number);
    }
    JsonNumber.append(out, number);
  }

  private static void appendMap(StringBuilder out, Map<?, ?> map, String path, int level) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> member : map.entrySet()) {
      if (!(member.getKey() instanceof String key)) {
        throw new IllegalArgumentException(
            path + ": expected keys that are strings, found " + member.getKey());
      }
      out.append(separator);
      separator = ",";
      JsonText.appendString(out, key);
      out.append(':');
      append(out, member.getValue(), path + "." + key, level + 1);
    }
    out.append('}');
  }

  private static void appendList(StringBuilder out, Iterable<?> list, String path, int level) {
    out.append('[');
    Iterator<?> values = list.iterator();
    for (int i = 0; values.hasNext(); i++) {
      out.append(i == 0 ? "" : ",");
      append(out, values.next(), path + "[" + i + "]", level + 1);
    }
    out.append(']');
  }
}
