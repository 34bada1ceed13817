package dev.unifiedstorage.jvm.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Makes the trace that a seed stands for. */
final class TraceGenerator {
  private static final List<String> IDS =
      List.of(
          "a",
          "b",
          "c",
          "d",
          "e",
          "f",
          "é",
          "\ud83d\ude00",
          "\udc00x",
          "__proto__",
          "toString",
          "a/b c",
          "7",
          "x:y:1",
          "\"q\"");
  private static final List<String> TYPES =
      List.of(
          "Customer",
          "Customer",
          "Order",
          "Order",
          "Sensor",
          "ÄÖ",
          "İI",
          "ΑΣ",
          "a b",
          "\ud800",
          "__proto__",
          "constructor");
  private static final List<String> WAITS = List.of("0", "20", "51", "1000", "5000", "40000");

  private final long seed;
  private final SplittableRandom random;
  private final List<List<String>> steps = new ArrayList<>();
  private int requests;

  TraceGenerator(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  Trace trace() {
    Map<String, String> vars = new TreeMap<>();
    boolean archive = random.nextInt(10) < 7;
    vars.put("DURABILITY", pick("pipeline", "local", "local", archive ? "pipeline" : "memory"));
    vars.put("CHECKPOINT_INTERVAL", pick("30", "1000", "5000"));
    vars.put("DIRTY_COUNT_THRESHOLD", pick("2", "5", "10000"));
    vars.put("MEMORY_THRESHOLD_BYTES", pick("300", "10485760", "10485760"));
    vars.put("COLUMNAR_THRESHOLD", pick("0", "2", "3", "1000"));
    vars.put("ARCHIVE_SETTLE_MS", pick("0", "0", "3000"));
    maybe(vars, "LARGE_COLLECTIONS", "packed", "normalized");
    maybe(vars, "MAX_ENTRIES", "1", "3", "5");
    maybe(vars, "MAX_BYTES", "500", "2000");
    maybe(vars, "GROUP_COMMIT_MS", "0", "10", "500");
    maybe(vars, "RECORDS", "packed", "packed", "event");
    int length = 10 + random.nextInt(40);
    for (int i = 0; i < length; i++) {
      step();
    }
    end();
    return new Trace(seed, vars, archive, List.copyOf(steps));
  }

  private void maybe(Map<String, String> vars, String name, String... values) {
    if (random.nextInt(3) == 0) {
      vars.put(name, pick(values));
    }
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  private void add(String... step) {
    steps.add(List.of(step));
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 66) {
      add("say", message());
    } else if (dice < 78) {
      add("wait", WAITS.get(random.nextInt(WAITS.size())));
    } else if (dice < 83) {
      add("restart");
    } else if (dice < 86) {
      add("pipeline", pick("ACCEPT", "ACCEPT", "REJECT", "DUPLICATE", "HOLD", "HANG"));
    } else if (dice < 89) {
      add("release");
    } else if (dice < 95) {
      http();
    } else if (dice < 97) {
      add("save");
    } else if (dice < 98) {
      add("alarm");
    } else if (dice < 99) {
      add("closed", pick("0", "1"));
    } else {
      add("rows");
    }
  }

  private void http() {
    switch (random.nextInt(13)) {
      case 8, 9 -> add("http", "GET", "/stores/test/things/" + pick("a", "b", "%C3%A9", "x:y:1"));
      case 10, 11 -> add("requests", message());
      case 0, 1 -> add("http", "GET", "/stores/test/stats");
      case 2, 3, 4 -> add("http", "POST", "/stores/test/checkpoint");
      case 5 -> add("http", "POST", "/stores/test/rebuild");
      case 12 -> add("http", "POST", "/stores/test/snapshot");
      default -> add("http", "GET", "/stores/test/history/" + pick("a", "b", "%C3%A9", "x:y:1"));
    }
  }

  /** Everything comes to rest, is looked at, and comes back from the rows. */
  private void end() {
    add("pipeline", "ACCEPT");
    add("release");
    look();
    add("restart");
    look();
    add("http", "GET", "/stores/test/stats");
    add("timers");
  }

  private void look() {
    add("wait", "60000");
    add("wait", "60000");
    OddJson all = new OddJson(random).raw("{\"type\":\"read\",\"id\":\"all\",\"$ids\":[");
    for (int i = 0; i < IDS.size(); i++) {
      all.raw(i == 0 ? "" : ",").string(IDS.get(i));
    }
    add("say", all.raw("]}").text());
    add("wait", "1000");
    add("rows");
  }

  private String message() {
    OddJson message = new OddJson(random).space();
    if (random.nextInt(10) > 0) {
      request(message);
    } else {
      message.raw("[");
      for (int i = 0, count = random.nextInt(6); i < count; i++) {
        message.raw(i == 0 ? "" : ",").space();
        if (random.nextInt(20) == 0) {
          message.value(5);
        } else {
          request(message);
        }
      }
      message.raw("]");
    }
    String text = message.space().text();
    return random.nextInt(18) == 0 ? OddJson.damaged(text, random) : text;
  }

  private void request(OddJson message) {
    int dice = random.nextInt(100);
    message.raw("{");
    if (dice < 12) {
      batch(message);
    } else {
      operation(message);
    }
    if (random.nextInt(60) > 0) {
      message.raw(",").space().raw("\"id\":").space();
      if (random.nextInt(15) == 0) {
        message.value(5);
      } else {
        message.raw(Integer.toString(++requests));
      }
    }
    message.space().raw("}");
  }

  private void batch(OddJson message) {
    message.raw("\"type\":\"batch\",\"operations\":[");
    int count = random.nextInt(7);
    for (int i = 0; i < count; i++) {
      message.raw(i == 0 ? "" : ",").space().raw("{");
      operation(message);
      message.raw("}");
    }
    message.raw("]");
    if (random.nextInt(3) > 0) {
      message.raw(",\"atomic\":").raw(pick("true", "true", "true", "false", "false", "1"));
    }
  }

  private void operation(OddJson message) {
    switch (random.nextInt(22)) {
      case 0, 1, 2, 3, 4 -> create(message);
      case 5, 6, 7, 8 -> {
        message.raw("\"type\":\"update\",");
        id(message);
        data(message.raw(",\"data\":"));
        ifVersion(message);
        returns(message);
      }
      case 16, 17, 18 -> {
        message.raw("\"type\":\"update\",");
        id(message);
        edits(message);
        ifVersion(message);
        returns(message);
      }
      case 19, 20 -> {
        message.raw("\"type\":\"put\",\"$type\":").string(pick("Customer", "Customer", "Order"));
        id(message.raw(","));
        data(message.raw(",\"data\":"));
        ifVersion(message);
        returns(message);
      }
      case 21 -> {
        message.raw("\"type\":\"check\",");
        id(message);
        message.raw(",\"ifVersion\":" + random.nextInt(3));
      }
      case 9, 10 -> {
        message.raw("\"type\":\"delete\",");
        id(message);
        ifVersion(message);
      }
      case 11, 12, 13 -> read(message);
      case 14 -> message.raw("\"type\":\"ping\"");
      default -> message.raw("\"type\":").value(5).raw(",\"$type\":").value(5);
    }
  }

  private void returns(OddJson message) {
    if (random.nextInt(6) == 0) {
      String ms = pick("1", "30", "900", "20000", "70000", "10000000000000", "null", "0", "1.5");
      message.raw(",\"expiresInMs\":").raw(ms);
    }
    if (random.nextInt(6) == 0) {
      message.raw(",\"return\":").raw(pick("true", "true", "true", "false", "1", "null"));
    }
  }

  /** Some of what an update may do beside its data. */
  private void edits(OddJson message) {
    if (random.nextInt(3) == 0) {
      data(message.raw(",\"data\":"));
    }
    if (random.nextInt(2) == 0) {
      message.raw(",\"unset\":[").string(field()).raw(",").string(field()).raw("]");
    }
    if (random.nextInt(2) == 0) {
      message.raw(",\"increment\":{").string(field()).raw(":").number().raw("}");
    }
    if (random.nextInt(2) == 0) {
      message.raw(",\"patch\":[");
      for (int i = random.nextInt(4); i >= 0; i--) {
        step(message);
        message.raw(i == 0 ? "" : ",");
      }
      message.raw("]");
    }
    if (random.nextInt(30) == 0) {
      message.raw(",\"" + pick("unset", "increment", "patch") + "\":").value(4);
    }
  }

  private String field() {
    return pick("n", "a", "b", "name", "é", "__proto__", "", "$x", "length");
  }

  private void step(OddJson message) {
    String op = pick("add", "add", "add", "replace", "remove", "move", "copy", "test", "Add");
    // An index in an object would be a key that JavaScript moves to the front.
    boolean adds = op.equals("add") || op.equals("move") || op.equals("copy");
    message.raw("{\"op\":").space().string(op).raw(",\"path\":").string(pointer(!adds));
    if (op.equals("move") || op.equals("copy")) {
      message.raw(",\"from\":").string(pointer(true));
    } else if (random.nextInt(30) > 0) {
      message.raw(",\"value\":").value(3);
    }
    message.raw("}");
  }

  private String pointer(boolean indexes) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(2); i > 0; i--) {
      text.append('/').append(text.length() == 0 || random.nextInt(3) == 0 ? field() : "");
      if (text.length() > 1 && random.nextInt(3) == 0) {
        text.append('/').append(indexes ? pick("0", "1", "01", "-", "9") : pick("-", "~1", "~0b"));
      }
    }
    return random.nextInt(40) == 0 ? "x" + text + "~" : text.toString();
  }

  private void create(OddJson message) {
    message.raw("\"type\":").space().raw("\"create\",\"$type\":");
    if (random.nextInt(30) == 0) {
      message.value(5);
    } else {
      message.string(message.pick(TYPES));
    }
    message.raw(",").space().raw("\"data\":");
    if (random.nextInt(40) == 0) {
      message.value(3);
    } else if (random.nextInt(5) == 0) {
      message.object(false, 0);
    } else {
      message.raw("{");
      id(message);
      message.object(true, 0);
    }
    returns(message);
  }

  /** Mostly one of a few, so that requests meet things that are there. */
  private String anId() {
    return IDS.get(random.nextInt(random.nextInt(3) > 0 ? 5 : IDS.size()));
  }

  private void id(OddJson message) {
    message.raw("\"$id\":").space();
    if (random.nextInt(60) == 0) {
      message.value(4);
    } else {
      message.string(anId());
    }
  }

  private void data(OddJson message) {
    if (random.nextInt(40) == 0) {
      message.value(4);
    } else {
      message.object(false, 0);
    }
  }

  private void ifVersion(OddJson message) {
    if (random.nextInt(6) == 0) {
      message.raw(",\"ifVersion\":").space();
      if (random.nextInt(4) == 0) {
        message.value(5);
      } else {
        message.raw(Integer.toString(1 + random.nextInt(4)));
      }
    }
  }

  private void read(OddJson message) {
    message.raw("\"type\":\"read\",\"$ids\":[");
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      message.raw(i == 0 ? "" : ",").string(anId());
    }
    message.raw("]");
    if (random.nextInt(8) == 0) {
      message.raw(",\"at\":");
      switch (random.nextInt(4)) {
        case 0 -> message.raw("{\"seq\":" + random.nextInt(30) + "}");
        case 1 -> message.raw(Long.toString(1_769_860_800_000L + random.nextInt(50_000)));
        default -> message.value(4);
      }
    }
  }
}
