package dev.unifiedstorage.protocol;

import org.jspecify.annotations.Nullable;

/** What stands behind the question mark of a URL: parameters, as forms encode them. */
public final class Query {
  /** One without parameters. */
  static final Query NONE = new Query("");

  private final String text;

  private Query(String text) {
    this.text = text;
  }

  /** The query of a path and query, empty when there is none. */
  public static Query of(String target) {
    int question = target.indexOf('?');
    return new Query(question < 0 ? "" : target.substring(question + 1));
  }

  /** Whether a parameter is there, whatever its value. */
  public boolean has(String name) {
    return text.startsWith(name + "=") || text.contains("&" + name + "=");
  }

  /** Whether a parameter is there, also one without a value. */
  boolean names(String name) {
    return has(name) || ("&" + text + "&").contains("&" + name + "&");
  }

  /** The first value of a parameter; null when it is absent or not percent-encoded UTF-8. */
  public @Nullable String parameter(String name) {
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('&', from);
      end = end < 0 ? text.length() : end;
      int equals = text.indexOf('=', from);
      if (equals > 0 && equals < end && text.substring(from, equals).equals(name)) {
        return PercentDecoder.decode(text.substring(equals + 1, end).replace('+', ' '));
      }
      from = end + 1;
    }
    return null;
  }
}
