package dev.unifiedstorage.schema;

import dev.unifiedstorage.schema.Pattern.Op;
import dev.unifiedstorage.schema.Pattern.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the text of a pattern to its machine: the regular expressions of ECMAScript with the flag
 * {@code u}, without what no machine of this kind can do (references back, looking around) and
 * without classes of Unicode properties, whose tables are not the same on every target.
 */
final class PatternReader {
  private static final int CHARS = 1000;
  private static final int STEPS = 1000;
  private static final int GROUPS = 30;
  private static final int MANY = Integer.MAX_VALUE;
  private static final String SYNTAX = "^$\\.*+?()[]{}|/";

  private final String text;
  private final List<Step> steps = new ArrayList<>();
  private int at;
  private int groups;

  private PatternReader(String text) {
    this.text = text;
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException saying what the pattern should be
   */
  static Pattern read(String text) {
    if (text.length() > CHARS) {
      throw new IllegalArgumentException("of at most " + CHARS + " characters");
    }
    PatternReader reader = new PatternReader(text);
    reader.alternatives();
    if (reader.at < text.length()) {
      throw reader.wrong("without a ) that closes nothing");
    }
    reader.add(Op.FOUND, null, 0, 0);
    return new Pattern(reader.steps);
  }

  private void alternatives() {
    int from = steps.size();
    sequence();
    List<Integer> ends = new ArrayList<>();
    while (isNext('|')) {
      at++;
      insertFork(from, steps.size() + 2);
      ends.add(steps.size());
      add(Op.JUMP, null, 0, 0);
      from = steps.size();
      sequence();
    }
    for (int end : ends) {
      steps.set(end, new Step(Op.JUMP, null, steps.size(), 0));
    }
  }

  private void sequence() {
    while (at < text.length() && !isNext('|') && !isNext(')')) {
      int from = steps.size();
      boolean repeatable = atom();
      if (at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0) {
        if (!repeatable) {
          throw wrong("without a repeated ^ or $");
        }
        repeat(from);
      }
    }
  }

  /** One character, class, group or place; false for a place, which cannot be repeated. */
  private boolean atom() {
    char c = text.charAt(at);
    switch (c) {
      case '^', '$' -> {
        at++;
        add(c == '^' ? Op.BEGIN : Op.END, null, 0, 0);
        return false;
      }
      case '(' -> group();
      case '.' -> {
        at++;
        add(Op.READ, CharSet.LINE_ENDS.negated(), 0, 0);
      }
      case '[' -> add(Op.READ, set(), 0, 0);
      case '\\' -> {
        CharSet escaped = escapedSet();
        add(Op.READ, escaped != null ? escaped : one(escapedCharacter(false)), 0, 0);
      }
      default -> {
        if (SYNTAX.indexOf(c) >= 0 && c != '/') {
          throw wrong("with a \\ before a " + c + " that is meant as a character");
        }
        add(Op.READ, one(character()), 0, 0);
      }
    }
    return true;
  }

  private void group() {
    at++;
    if (isNext('?')) {
      if (!text.startsWith("?:", at)) {
        throw wrong("whose groups begin with ( or (?:");
      }
      at += 2;
    }
    if (++groups > GROUPS) {
      throw wrong("of at most " + GROUPS + " groups, one inside another");
    }
    alternatives();
    if (!isNext(')')) {
      throw wrong("with a ) for each (");
    }
    at++;
    groups--;
  }

  /** Reads how often what was added since {@code from} comes, and writes it down that often. */
  private void repeat(int from) {
    char c = text.charAt(at++);
    int least = c == '+' ? 1 : 0;
    int most = c == '?' ? 1 : MANY;
    if (c == '{') {
      least = count();
      most = least;
      if (isNext(',')) {
        at++;
        most = isNext('}') ? MANY : count();
      }
      if (!isNext('}') || most < least) {
        throw wrong("whose counts are {n}, {n,} or {n,m}");
      }
      at++;
    }
    if (isNext('?')) {
      // Which of several matches is found is of no interest.
      at++;
    }
    List<Step> body = new ArrayList<>(steps.subList(from, steps.size()));
    while (steps.size() > from) {
      steps.remove(steps.size() - 1);
    }
    for (int i = 0; i < least; i++) {
      append(body, from);
    }
    if (most == MANY) {
      int fork = steps.size();
      add(Op.FORK, null, 0, 0);
      append(body, from);
      add(Op.JUMP, null, fork, 0);
      steps.set(fork, new Step(Op.FORK, null, fork + 1, steps.size()));
      return;
    }
    List<Integer> forks = new ArrayList<>();
    for (int i = least; i < most; i++) {
      forks.add(steps.size());
      add(Op.FORK, null, 0, 0);
      append(body, from);
    }
    for (int fork : forks) {
      steps.set(fork, new Step(Op.FORK, null, fork + 1, steps.size()));
    }
  }

  /** Writes steps down again that once began at {@code from}. */
  private void append(List<Step> body, int from) {
    int by = steps.size() - from;
    for (Step step : body) {
      add(step.op(), step.set(), step.to() + by, step.or() + by);
    }
  }

  private void insertFork(int from, int other) {
    List<Step> body = new ArrayList<>(steps.subList(from, steps.size()));
    while (steps.size() > from) {
      steps.remove(steps.size() - 1);
    }
    add(Op.FORK, null, from + 1, other);
    append(body, from);
  }

  private void add(Op op, @Nullable CharSet set, int to, int or) {
    if (steps.size() == STEPS) {
      throw new IllegalArgumentException(
          "of at most " + STEPS + " steps, after its counts are written out");
    }
    steps.add(new Step(op, set, to, or));
  }

  private int count() {
    int from = at;
    int count = 0;
    while (at < text.length() && digit(text.charAt(at), 10) >= 0 && at - from < 6) {
      count = count * 10 + digit(text.charAt(at++), 10);
    }
    if (at == from) {
      throw wrong("whose counts are {n}, {n,} or {n,m}");
    }
    return count;
  }

  private CharSet set() {
    at++;
    boolean negated = isNext('^');
    at += negated ? 1 : 0;
    CharSet set = new CharSet();
    while (!isNext(']')) {
      if (at == text.length()) {
        throw wrong("with a ] for each [");
      }
      CharSet escaped = isNext('\\') ? escapedSet() : null;
      if (escaped != null) {
        set.addAll(escaped);
        continue;
      }
      int first = characterOfSet();
      int last = first;
      if (isNext('-') && at + 1 < text.length() && text.charAt(at + 1) != ']') {
        at++;
        last = characterOfSet();
        if (last < first) {
          throw wrong("whose ranges go up");
        }
      }
      set.add(first, last);
    }
    at++;
    return negated ? set.negated() : set;
  }

  private int characterOfSet() {
    return isNext('\\') ? escapedCharacter(true) : character();
  }

  /** The set that a backslash and a letter stand for, or null when they stand for none. */
  private @Nullable CharSet escapedSet() {
    char c = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    CharSet set =
        switch (c) {
          case 'd', 'D' -> CharSet.DIGITS;
          case 'w', 'W' -> CharSet.WORD;
          case 's', 'S' -> CharSet.SPACE;
          default -> null;
        };
    if (set != null) {
      at += 2;
    }
    return set == null || c >= 'a' ? set : set.negated();
  }

  private int escapedCharacter(boolean inSet) {
    at++;
    char c = at < text.length() ? text.charAt(at++) : ' ';
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'v':
        return 0x0B;
      case 'f':
        return '\f';
      case 'r':
        return '\r';
      case 'x':
        return hex(2);
      case 'u':
        return unicode();
      case '0':
        if (at == text.length() || digit(text.charAt(at), 10) < 0) {
          return 0;
        }
        break;
      case 'c':
        int letter = at < text.length() ? text.charAt(at) | 0x20 : 0;
        if (letter >= 'a' && letter <= 'z') {
          at++;
          return letter & 0x1F;
        }
        break;
      default:
        if (SYNTAX.indexOf(c) >= 0 || inSet && c == '-') {
          return c;
        }
    }
    throw wrong("without \\" + c + ", which is not supported");
  }

  private int unicode() {
    if (isNext('{')) {
      int end = text.indexOf('}', at);
      at++;
      int code = end < 0 || end - at > 6 ? -1 : hex(end - at);
      at++;
      if (code < 0 || code > 0x10FFFF) {
        throw wrong("whose \\u{…} is a code point");
      }
      return code;
    }
    int high = hex(4);
    if (text.startsWith("\\u", at) && high >= 0xD800 && high < 0xDC00) {
      int before = at;
      at += 2;
      int low = hex(4);
      if (Pattern.isPair((char) high, (char) low)) {
        return (high - 0xD800 << 10) + low - 0xDC00 + 0x10000;
      }
      at = before;
    }
    return high;
  }

  private int hex(int digits) {
    int code = 0;
    for (int i = 0; i < digits; i++) {
      int digit = at < text.length() ? digit(text.charAt(at++), 16) : -1;
      if (digit < 0) {
        throw wrong("with hexadecimal digits behind a \\x or \\u");
      }
      code = code * 16 + digit;
    }
    return digits == 0 ? -1 : code;
  }

  /** As {@link Character#digit}, which knows all of Unicode and weighs as much. */
  private static int digit(char c, int radix) {
    int lower = c | 0x20;
    return c >= '0' && c <= '9'
        ? c - '0'
        : radix == 16 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** The next code point as it stands. */
  private int character() {
    char c = text.charAt(at++);
    if (at < text.length() && Pattern.isPair(c, text.charAt(at))) {
      return (c - 0xD800 << 10) + text.charAt(at++) - 0xDC00 + 0x10000;
    }
    return c;
  }

  private static CharSet one(int character) {
    return new CharSet().add(character, character);
  }

  private boolean isNext(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(expected + ", near character " + at);
  }
}
