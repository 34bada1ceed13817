package dev.unifiedstorage.simulation;

import java.util.Random;

/**
 * Makes messages that a careless program sends, or a malicious one: as text, so that any is one.
 */
final class HostileMessages {
  private static final String[] NAMES = {
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "$id",
    "$type",
    "$version",
    "$createdAt",
    "a",
    "",
    " ",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\u2028",
    "id"
  };
  private static final String[] VALUES = {
    "0",
    "-0",
    "1e400",
    "-1e400",
    "5e-324",
    "1.7976931348623157e308",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "-9007199254740993",
    "123456789012345678901234567890",
    "0.1",
    "1E2",
    "true",
    "false",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\"\\ud800\"",
    "\"\\udfff\"",
    "\"\\ud83d\\ude00\"",
    "\"\uD83D\uDE00\"",
    "\"\\u0000\"",
    "\"__proto__\"",
    "\"a\\tb\\nc\\\"\\\\\"",
    "{\"__proto__\":{\"polluted\":true}}",
    "[null,[],{}]",
    "\"NaN\"",
    "[[[[1]]]]"
  };
  private static final String[] WRONG = {
    "NaN",
    "Infinity",
    "undefined",
    "01",
    "1.",
    ".5",
    "+1",
    "0x10",
    "'a'",
    "\"\\x41\"",
    "\"\t\"",
    "tru",
    "[1,]",
    "{\"a\":1,}",
    "{a:1}",
    "\"\\ud8\"",
    "/**/1"
  };
  private static final String[] TYPES = {
    "create",
    "create",
    "create",
    "update",
    "update",
    "update",
    "put",
    "put",
    "check",
    "delete",
    "read",
    "query",
    "query",
    "count",
    "batch",
    "ping",
    "CREATE",
    "__proto__",
    "drop",
    ""
  };

  private final Random random;

  HostileMessages(Random random) {
    this.random = random;
  }

  String next() {
    if (oneIn(12)) {
      return frame();
    }
    String message = message(true);
    switch (random.nextInt(24)) {
      case 0 -> message = message.substring(0, random.nextInt(message.length()));
      case 1 -> message = flipped(message);
      case 2 -> message = message + pick("", " ", "x", "{}", "\u0000", message);
      case 3 ->
          message = pick("", "[]", "null", "0", "\"\"", "[" + message + "]", "\uFEFF" + message);
      case 4 -> message = message.replaceFirst("\\{", "{\"id\":[],\"type\":0,");
      default -> {}
    }
    return message;
  }

  /** Requests in an array, each with an id that tells its place. */
  private String frame() {
    StringBuilder text = new StringBuilder();
    for (int i = 0, count = 1 + random.nextInt(4); i < count; i++) {
      String message = message(false);
      text.append(i == 0 ? "[" : ",").append(message, 0, message.length() - 1);
      text.append(",\"id\":\"f").append(i).append("\"}");
    }
    return text.append(']').toString();
  }

  private String message(boolean whole) {
    String type = pick(TYPES);
    StringBuilder text = new StringBuilder("{\"type\":\"").append(type).append('"');
    if (whole) {
      text.append(",\"id\":").append(oneIn(10) ? value() : "\"r" + random.nextInt(1000) + "\"");
    }
    switch (type) {
      case "create" ->
          text.append(",\"$type\":").append(name()).append(",\"data\":").append(data(true));
      case "update" -> {
        text.append(",\"$id\":").append(id());
        if (!oneIn(3)) {
          text.append(",\"data\":").append(data(false));
        }
        edits(text);
      }
      case "put" -> {
        text.append(",\"$type\":").append(name()).append(",\"$id\":").append(id());
        text.append(",\"data\":").append(data(false));
      }
      case "check" -> text.append(",\"$id\":").append(id());
      case "delete" -> text.append(",\"$id\":").append(id());
      case "read" -> text.append(",\"$ids\":").append(oneIn(6) ? value() : ids());
      case "query", "count" -> text.append(query());
      case "batch" -> text.append(",\"operations\":").append(operations());
      default -> {}
    }
    if (oneIn(8)) {
      text.append(",\"ifVersion\":").append(oneIn(2) ? value() : String.valueOf(random.nextInt(4)));
    }
    if (type.equals("check") && !oneIn(8)) {
      text.append(",\"ifVersion\":").append(random.nextInt(3));
    }
    if (oneIn(10)) {
      text.append(",\"expiresInMs\":").append(oneIn(3) ? value() : "5000");
    }
    if (oneIn(10)) {
      text.append(",\"return\":").append(oneIn(5) ? value() : "true");
    }
    if (oneIn(10)) {
      text.append(",\"atomic\":").append(oneIn(4) ? value() : "true");
    }
    if (oneIn(12)) {
      text.append(",\"").append(pick(NAMES)).append("\":").append(value());
    }
    return text.append('}').toString();
  }

  private void edits(StringBuilder text) {
    if (oneIn(3)) {
      text.append(",\"unset\":");
      text.append(oneIn(8) ? value() : "[" + fieldName() + "," + fieldName() + "]");
    }
    if (oneIn(3)) {
      text.append(",\"increment\":");
      String number = oneIn(3) ? value() : String.valueOf(random.nextInt(5) - 2);
      text.append(oneIn(8) ? value() : "{" + fieldName() + ":" + number + "}");
    }
    if (oneIn(3)) {
      text.append(",\"patch\":").append(oneIn(8) ? value() : "[" + step() + "," + step() + "]");
    }
  }

  private String fieldName() {
    return "\"" + (oneIn(3) ? pick(NAMES) : pick("a", "n", "b")) + "\"";
  }

  private String step() {
    if (oneIn(20)) {
      return value();
    }
    String op = pick("add", "add", "replace", "remove", "move", "copy", "test", "ADD");
    StringBuilder text = new StringBuilder("{\"op\":\"").append(op).append('"');
    text.append(",\"path\":").append(pointer());
    if (!oneIn(10)) {
      text.append(",\"from\":").append(pointer());
    }
    if (!oneIn(10)) {
      text.append(",\"value\":").append(value());
    }
    return text.append('}').toString();
  }

  private String pointer() {
    if (oneIn(20)) {
      return value();
    }
    StringBuilder text = new StringBuilder("\"");
    for (int i = oneIn(15) ? 0 : 1 + random.nextInt(3); i > 0; i--) {
      text.append('/').append(pick("a", "n", "b", "0", "1", "-", "01", "~0", "~1", "~", ""));
      if (oneIn(8)) {
        text.append(pick(NAMES));
      }
    }
    return text.append('"').toString();
  }

  private String query() {
    StringBuilder text = new StringBuilder(",\"$type\":").append(name());
    if (!oneIn(4)) {
      text.append(",\"where\":").append(oneIn(10) ? value() : where(oneIn(40) ? 9 : 3));
    }
    if (oneIn(2)) {
      text.append(",\"orderBy\":").append(oneIn(8) ? value() : paths());
    }
    if (oneIn(3)) {
      text.append(",\"limit\":").append(oneIn(3) ? value() : String.valueOf(random.nextInt(5)));
    }
    if (oneIn(4)) {
      text.append(",\"select\":").append(oneIn(4) ? value() : ids());
    }
    if (oneIn(8)) {
      text.append(",\"cursor\":").append(oneIn(2) ? value() : cursor());
    }
    if (oneIn(8)) {
      text.append(",\"at\":").append(value());
    }
    if (oneIn(8)) {
      text.append(",\"explain\":").append(oneIn(4) ? value() : "true");
    }
    return text.toString();
  }

  private String where(int depth) {
    StringBuilder text = new StringBuilder("{");
    for (int i = oneIn(80) ? 70 : random.nextInt(4); i > 0; i--) {
      String key = oneIn(3) ? pick(NAMES) : pick("a", "n", "a.b", "n.0", "$id", "$version");
      if (depth > 0 && oneIn(4)) {
        key = pick("$and", "$or", "$not");
      }
      String operand =
          switch (key) {
            case "$and", "$or" -> "[" + where(depth - 1) + "," + where(depth - 1) + "]";
            case "$not" -> where(depth - 1);
            default -> oneIn(2) ? value() : operators(depth);
          };
      text.append('"').append(key).append("\":").append(oneIn(30) ? value() : operand);
      text.append(i == 1 ? "" : ",");
    }
    return text.append('}').toString();
  }

  private String operators(int depth) {
    String name =
        pick("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$startsWith");
    String operand =
        switch (name) {
          case "$in", "$nin" -> "[" + value() + "," + value() + "]";
          case "$exists" -> pick("true", "false");
          case "$startsWith" -> "\"" + pick(NAMES) + "\"";
          default -> value();
        };
    if (oneIn(6)) {
      name = pick("$contains", "$not", "$regex", "", "$", "x");
      operand = name.equals("$not") && depth > 0 ? operators(depth - 1) : value();
    }
    String more = oneIn(10) ? ",\"" + pick(NAMES) + "\":" + value() : "";
    return "{\"" + name + "\":" + (oneIn(20) ? value() : operand) + more + "}";
  }

  private String paths() {
    StringBuilder text = new StringBuilder("[");
    for (int i = oneIn(20) ? 5 : random.nextInt(4); i > 0; i--) {
      text.append('"').append(pick("", "-", "--")).append(pick(NAMES)).append('"');
      text.append(i == 1 ? "" : ",");
    }
    return text.append(']').toString();
  }

  private String cursor() {
    return pick(
        "\"{}\"",
        "\"{\\\"q\\\":\\\"1.2.3\\\",\\\"k\\\":[],\\\"i\\\":\\\"\\\"}\"",
        "\"{\\\"q\\\":7,\\\"k\\\":[[9]],\\\"i\\\":null}\"",
        "\"[\"",
        "\"\"");
  }

  private String operations() {
    if (oneIn(12)) {
      return value();
    }
    int count = oneIn(200) ? 999 + random.nextInt(3) : random.nextInt(5);
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      String operation = count > 100 ? "{\"type\":\"read\",\"$ids\":[]}" : message(false);
      text.append(i == 0 ? "" : ",").append(oneIn(20) ? value() : operation);
    }
    return text.append(']').toString();
  }

  private String data(boolean create) {
    if (oneIn(20)) {
      return value();
    }
    StringBuilder text = new StringBuilder("{");
    if (create && !oneIn(8)) {
      text.append("\"$id\":").append(id()).append(',');
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append('"').append(pick(NAMES)).append("\":").append(value()).append(',');
    }
    return text.append("\"n\":").append(value()).append('}').toString();
  }

  private String id() {
    return oneIn(12) ? name() : "\"" + (oneIn(3) ? pick(NAMES) : "i" + random.nextInt(12)) + "\"";
  }

  private String ids() {
    return "[" + id() + "," + id() + "," + (oneIn(10) ? value() : id()) + "]";
  }

  private String name() {
    return switch (random.nextInt(12)) {
      case 0 -> "\"" + "x".repeat(254 + random.nextInt(4)) + "\"";
      case 1 -> "\"" + pick(NAMES) + "\"";
      case 2 -> value();
      default -> "\"T" + random.nextInt(3) + "\"";
    };
  }

  private String value() {
    if (oneIn(60)) {
      return pick(WRONG);
    }
    if (oneIn(40)) {
      int depth = oneIn(10) ? 2_000 : 60 + random.nextInt(8);
      return oneIn(2)
          ? "[".repeat(depth) + "]".repeat(depth)
          : "{\"d\":".repeat(depth) + "1" + "}".repeat(depth);
    }
    if (oneIn(400)) {
      return "\"" + "é".repeat(1 << (10 + random.nextInt(10))) + "\"";
    }
    return pick(VALUES);
  }

  private String flipped(String text) {
    int at = random.nextInt(text.length());
    char other = (char) (text.charAt(at) ^ 1 << random.nextInt(7));
    return text.substring(0, at) + other + text.substring(at + 1);
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  private String pick(String... options) {
    return options[random.nextInt(options.length)];
  }
}
