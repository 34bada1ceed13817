package dev.unifiedstorage.store;

import org.jspecify.annotations.Nullable;

/** Cuts a body into lines, of which it holds one at most, and none that is over the bound. */
final class BodyLines {
  /** Stands for a line that is longer than a thing can be. */
  static final String TOO_LONG = "\n";

  /** The most characters of one line: those of a thing, and room for spaces and escapes. */
  static final int MAX_CHARS = 4 * 1024 * 1024;

  private String text = "";
  private int at;
  private int number;
  private boolean ended;

  /** Whether the line under way is over the bound, so that its rest is passed over. */
  private boolean overlong;

  /** Adds the next part of the body. */
  void add(String more) {
    text = at == text.length() ? more : text.substring(at) + more;
    at = 0;
  }

  /** Says that the body has no more. */
  void end() {
    ended = true;
  }

  /** Whether every line was given out. */
  boolean isOver() {
    return ended && at == text.length() && !overlong;
  }

  /** The number of the line that was given out last, from 1. */
  int number() {
    return number;
  }

  /** The next line; null when it is not known to be whole. */
  @Nullable String next() {
    int end = text.indexOf('\n', at);
    boolean whole = end >= 0 || (ended && !isOver());
    if (end < 0) {
      end = text.length();
    }
    if (end - at > MAX_CHARS) {
      overlong = true;
    }
    if (!whole) {
      if (overlong) {
        at = end;
      }
      return null;
    }
    String line = overlong ? TOO_LONG : text.substring(at, end);
    overlong = false;
    at = Math.min(end + 1, text.length());
    number++;
    return line;
  }
}
