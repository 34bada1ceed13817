package dev.unifiedstorage.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a JSON document, as RFC 6901 names it: the keys and indexes on the way there.
 *
 * @param tokens none for the whole document
 */
public record Pointer(List<String> tokens) {

  /** The pointer that a text stands for, or null when the text is no pointer. */
  public static @Nullable Pointer parse(String text) {
    List<String> tokens = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      if (text.charAt(at) != '/') {
        return null;
      }
      int end = text.indexOf('/', at + 1);
      end = end < 0 ? text.length() : end;
      String token = unescaped(text.substring(at + 1, end));
      if (token == null) {
        return null;
      }
      tokens.add(token);
      at = end;
    }
    return new Pointer(tokens);
  }

  private static @Nullable String unescaped(String token) {
    if (token.indexOf('~') < 0) {
      return token;
    }
    StringBuilder text = new StringBuilder(token.length());
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c == '~') {
        i++;
        char escaped = i < token.length() ? token.charAt(i) : ' ';
        if (escaped != '0' && escaped != '1') {
          return null;
        }
        c = escaped == '0' ? '~' : '/';
      }
      text.append(c);
    }
    return text.toString();
  }

  public boolean isRoot() {
    return tokens.isEmpty();
  }

  public int depth() {
    return tokens.size();
  }

  /** The field of the thing that the place is in; the root is in none. */
  public String field() {
    return tokens.get(0);
  }

  /** Whether this place contains the other one, and is not it. */
  public boolean isAbove(Pointer other) {
    int depth = tokens.size();
    return depth < other.tokens.size() && tokens.equals(other.tokens.subList(0, depth));
  }
}
