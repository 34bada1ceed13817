package dev.unifiedstorage.jvm.differential;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * JSON text that is never written by hand: every way to put the same value, and the values at the
 * edges of what both languages agree on.
 *
 * <p>Keys that look like array indexes are left out, because JavaScript moves them to the front and
 * the port allows it.
 */
final class OddJson {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-0.0",
          "1",
          "1.0",
          "-1.5",
          "0.1",
          "0.1e1",
          "1e21",
          "1E+21",
          "1e20",
          "4.35",
          "123456789012345680000",
          "100000000000000000000",
          "9007199254740991",
          "9007199254740992",
          "9007199254740993",
          "-9007199254740993",
          "9223372036854775807",
          "18446744073709551616",
          "1e308",
          "1e309",
          "-1e400",
          "5e-324",
          "1e-400",
          "0.000001",
          "0.0000001",
          "1e-7",
          "2.5e-3",
          "1.7976931348623157e308",
          "2.2250738585072014e-308",
          "0.30000000000000004",
          "2147483648",
          "-2147483649",
          "1e15",
          "1e16",
          "123456789.123456789",
          "9007199254740993.5",
          "1e0");

  private static final List<String> STRINGS =
      List.of(
          "",
          "a",
          "Alice",
          "é",
          "\u0000",
          "\n\t\b\f\r",
          "\"\\/",
          "\u2028\u2029",
          "\u007f\u0080",
          "\ud83d\ude00",
          "\ud83d",
          "\ude00",
          "\ude00\ud83d",
          "a\ud800b",
          "\uffff\ufffe",
          "\ufeffb",
          "null",
          "-0",
          "ﬀ İ ı ß",
          "\u0001\u001f",
          "__proto__",
          "日本語",
          "{\"a\":1}",
          "a,b|c");

  private static final List<String> KEYS =
      List.of(
          "name",
          "n",
          "a",
          "b",
          "created",
          "__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "length",
          "",
          " ",
          "é",
          "\ud83d\ude00",
          "\ud800",
          "key with \"quotes\"",
          "\u2028",
          "$x",
          "$createdAt",
          "$updatedAt",
          "$version",
          "$type",
          "valueOf",
          "-1",
          "1.5",
          "01",
          "then",
          "id",
          "type",
          "data");

  private static final Pattern INDEX = Pattern.compile("\"(\\d|\\\\u003\\d)+\"\\s*:");

  private static final List<String> SPACES = List.of(" ", "\n", "\t", "\r\n ", "   ");

  private final SplittableRandom random;
  private final StringBuilder out = new StringBuilder();

  OddJson(SplittableRandom random) {
    this.random = random;
  }

  String text() {
    return out.toString();
  }

  OddJson raw(String text) {
    out.append(text);
    return this;
  }

  /** Space where JSON has room for it, seldom. */
  OddJson space() {
    if (random.nextInt(40) == 0) {
      out.append(pick(SPACES));
    }
    return this;
  }

  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** An object with some odd fields after those that {@code begun} has written. */
  OddJson object(boolean begun, int depth) {
    if (!begun) {
      raw("{");
    }
    int fields = random.nextInt(5);
    for (int i = 0; i < fields; i++) {
      if (begun || i > 0) {
        raw(",");
      }
      space().string(pick(KEYS)).space().raw(":").space().value(depth);
    }
    return space().raw("}");
  }

  OddJson value(int depth) {
    int dice = random.nextInt(24);
    if (dice < 7) {
      return number();
    }
    if (dice < 14) {
      return string(pick(STRINGS));
    }
    if (dice < 16) {
      return raw(pick(List.of("true", "false", "null")));
    }
    if (dice < 19 && depth < 6) {
      return object(false, depth + 1);
    }
    if (dice < 22 && depth < 6) {
      return array(depth);
    }
    return dice == 23 && random.nextInt(8) == 0 ? large() : raw("null");
  }

  private OddJson array(int depth) {
    raw("[");
    int values = random.nextInt(4);
    for (int i = 0; i < values; i++) {
      raw(i == 0 ? "" : ",").space().value(depth + 1).space();
    }
    return raw("]");
  }

  /** Something long, or nested around the limit, or far beyond it. */
  private OddJson large() {
    int dice = random.nextInt(100);
    if (dice < 50) {
      return string(pick(STRINGS).repeat(1 + random.nextInt(600)));
    }
    int depth = dice < 95 ? 58 + random.nextInt(10) : 200 + random.nextInt(3_000);
    boolean objects = random.nextBoolean();
    raw((objects ? "{\"k\":" : "[").repeat(depth)).raw("1");
    return raw((objects ? "}" : "]").repeat(depth));
  }

  OddJson number() {
    int dice = random.nextInt(10);
    if (dice < 5) {
      return raw(pick(NUMBERS));
    }
    if (dice < 8) {
      return raw(Integer.toString(random.nextInt(-1_000, 100_000)));
    }
    double any = Double.longBitsToDouble(random.nextLong());
    return raw(Double.isFinite(any) ? Double.toString(any) : "17");
  }

  /** A string with its characters as they are, or escaped in one of the ways there are. */
  OddJson string(String value) {
    raw("\"");
    boolean escapeAll = random.nextInt(12) == 0;
    for (int i = 0; i < value.length(); i++) {
      character(value.charAt(i), escapeAll);
    }
    return raw("\"");
  }

  private void character(char c, boolean escape) {
    String hex = Integer.toHexString(0x10000 + c).substring(1);
    if (c == '"' || c == '\\') {
      raw("\\").raw(Character.toString(c));
    } else if (c == '/' && random.nextBoolean()) {
      raw("\\/");
    } else if (c == '\n' && !escape) {
      raw("\\n");
    } else if (c < ' ' || escape || Character.isSurrogate(c) && random.nextInt(3) == 0) {
      raw("\\u").raw(random.nextBoolean() ? hex : hex.toUpperCase(Locale.ROOT));
    } else {
      raw(Character.toString(c));
    }
  }

  /** The text with a few characters changed, so that it is hardly JSON any more; no array index. */
  static String damaged(String text, SplittableRandom random) {
    StringBuilder damaged = new StringBuilder(text);
    String junk = "{}[]\",:\\0-+.eE\u0000\u00a0\ufeff'/ntu1 \n\ud800";
    for (int i = random.nextInt(3); i >= 0 && damaged.length() > 0; i--) {
      int at = random.nextInt(damaged.length());
      char with = junk.charAt(random.nextInt(junk.length()));
      switch (random.nextInt(3)) {
        case 0 -> damaged.deleteCharAt(at);
        case 1 -> damaged.insert(at, with);
        default -> damaged.setCharAt(at, with);
      }
    }
    if (random.nextInt(10) == 0) {
      damaged.setLength(random.nextInt(damaged.length() + 1));
    }
    return INDEX.matcher(damaged).find() ? text : damaged.toString();
  }
}
