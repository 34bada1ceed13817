package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Fields, filters and orders that meet: few names, few values, every kind of both. */
final class RandomQueries {
  private static final String[] FIELDS = {"a", "b", "c", "a.b", "c.0", "c.x.y"};
  private static final String[] PATHS = {
    "a", "a", "b", "b", "c", "a.b", "c.0", "c.1", "c.x", "c.x.y", "none", "$version", "$id", "$type"
  };
  private static final String LONG = "l".repeat(256);
  private static final Object[] SCALARS = {
    0,
    1,
    1,
    2,
    2,
    3,
    -1,
    2.5,
    1e21,
    "",
    "x",
    "x",
    "y",
    "xy",
    "Y",
    "é",
    "\uD83D\uDE00",
    "\uFFFF",
    "\uFFFFx",
    "\uD800",
    LONG,
    LONG + "a",
    LONG + "b",
    true,
    false,
    null
  };

  private final Random random;

  RandomQueries(Random random) {
    this.random = random;
  }

  /** The setting INDEXES for a type: some of those that the filters can use, or empty. */
  static String indexes(String type, Random random) {
    String[] choices = {
      "[\"a\"]",
      "[\"b\",\"a\"]",
      "[\"a\",\"b\",\"c\"]",
      "[\"c.0\"]",
      "[\"$id\"]",
      "[\"a.b\",\"$version\"]",
      "[\"b\",\"$id\"]"
    };
    List<String> chosen = new ArrayList<>();
    for (String choice : choices) {
      if (random.nextInt(3) == 0) {
        chosen.add(choice);
      }
    }
    return chosen.isEmpty() ? "" : "{\"" + type + "\":[" + String.join(",", chosen) + "]}";
  }

  /** The fields of a thing. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name : FIELDS) {
      if (random.nextInt(name.length() == 1 ? 5 : 12) > 0 == (name.length() == 1)) {
        fields.put(name, value(2));
      }
    }
    return fields;
  }

  Object value(int depth) {
    int dice = random.nextInt(10);
    if (depth == 0 || dice < 8) {
      return SCALARS[random.nextInt(SCALARS.length)];
    }
    if (dice == 8) {
      List<Object> list = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        list.add(value(depth - 1));
      }
      return list;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (String name : new String[] {"b", "x", "y", "0"}) {
      if (random.nextInt(2) == 0) {
        map.put(name, value(depth - 1));
      }
    }
    return map;
  }

  Map<String, Object> where(int depth) {
    Map<String, Object> where = new LinkedHashMap<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int dice = depth == 0 ? 9 : random.nextInt(10);
      if (dice == 0) {
        where.put("$not", where(depth - 1));
      } else if (dice < 3) {
        List<Object> list = new ArrayList<>();
        for (int j = random.nextInt(3); j >= 0; j--) {
          list.add(where(depth - 1));
        }
        where.put(dice == 1 ? "$or" : "$and", list);
      } else {
        where.put(path(), random.nextInt(3) == 0 ? value(1) : operators(1));
      }
    }
    return where;
  }

  private Map<String, Object> operators(int depth) {
    Map<String, Object> operators = new LinkedHashMap<>();
    for (int i = random.nextInt(2); i >= 0; i--) {
      switch (random.nextInt(depth == 0 ? 11 : 12)) {
        case 0 -> operators.put("$eq", value(2));
        case 1 -> operators.put("$ne", value(2));
        case 2 -> operators.put("$gt", value(0));
        case 3 -> operators.put("$gte", value(0));
        case 4 -> operators.put("$lt", value(0));
        case 5 -> operators.put("$lte", value(0));
        case 6 -> operators.put("$in", values());
        case 7 -> operators.put("$nin", values());
        case 8 -> operators.put("$exists", random.nextInt(3) > 0);
        case 9 -> operators.put("$startsWith", text());
        case 10 -> operators.put("$contains", value(1));
        default -> operators.put("$not", operators(0));
      }
    }
    return operators;
  }

  private List<Object> values() {
    List<Object> values = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      values.add(value(1));
    }
    return values;
  }

  private String text() {
    while (true) {
      if (SCALARS[random.nextInt(SCALARS.length)] instanceof String text) {
        return text;
      }
    }
  }

  private String path() {
    return PATHS[random.nextInt(PATHS.length)];
  }

  List<String> orderBy() {
    List<String> orderBy = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      orderBy.add((random.nextBoolean() ? "-" : "") + path());
    }
    return orderBy;
  }
}
