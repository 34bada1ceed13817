package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The queries of a world: makes them, goes on behind their pages, and holds what a reply says of
 * its moment against what others have said.
 */
final class Questions {
  /** The indexes that a store may have; a redeployed one may have others. */
  static final String[] INDEXES = {
    "",
    "{\"T0\":[[\"f0\"],[\"f1\",\"w\"]],\"T1\":[[\"w\"]],\"T2\":[[\"$id\"]]}",
    "{\"T0\":[[\"f0\",\"$updatedAt\"]],\"T1\":[[\"f1\"],[\"f0\",\"f2\"]],\"T2\":[[\"f2.deep.0\"],[\"$version\"]]}"
  };

  private static final String[] PATHS = {
    "f0",
    "f0",
    "f1",
    "f2",
    "w",
    "f2.deep.0",
    "$version",
    "$updatedAt",
    "$expiresAt",
    "$id",
    "none",
    "__proto__"
  };
  private static final Object[] VALUES = {
    "",
    "plain",
    "\uD83D\uDE00",
    "\uD800",
    null,
    1,
    2,
    3,
    20,
    62.5,
    Map.of("deep", List.of(1, "two", true))
  };
  private static final int OPEN_PAGES = 8;

  /** A page that ended before everything was shown. */
  private record OpenPage(Asked asked, String cursor, Map<String, Object> last) {}

  private final List<OpenPage> openPages = new ArrayList<>();

  /** The newest change of a type at a moment that a reply has named. */
  private final Map<String, Model.Node> moments = new HashMap<>();

  Asked next(Random random) {
    if (!openPages.isEmpty() && random.nextInt(3) == 0) {
      OpenPage page = openPages.get(random.nextInt(openPages.size()));
      return page.asked.goingOn(page.cursor, page.last, 1 + random.nextInt(4));
    }
    boolean count = random.nextInt(4) == 0;
    return new Asked(
        "T" + random.nextInt(3),
        random.nextInt(5) == 0 ? Map.of() : where(random, 1),
        count ? List.of() : orderBy(random),
        count ? 0 : random.nextInt(3) == 0 ? 100 : 1 + random.nextInt(4),
        count || random.nextInt(3) > 0 ? null : List.of("w", "f0"),
        null,
        null);
  }

  private Map<String, Object> where(Random random, int depth) {
    Map<String, Object> where = new LinkedHashMap<>();
    int dice = random.nextInt(depth == 0 ? 6 : 8);
    if (dice == 6) {
      where.put("$or", List.of(where(random, 0), where(random, 0)));
    } else if (dice == 7) {
      where.put("$not", where(random, 0));
    } else {
      for (int i = random.nextInt(2); i >= 0; i--) {
        String path = PATHS[random.nextInt(PATHS.length)];
        where.put(path, random.nextInt(3) == 0 ? value(random) : operators(random));
      }
    }
    return where;
  }

  private Map<String, Object> operators(Random random) {
    Map<String, Object> operators = new LinkedHashMap<>();
    switch (random.nextInt(8)) {
      case 0 -> operators.put("$ne", value(random));
      case 1 -> operators.put("$gte", value(random));
      case 2 -> operators.put("$lt", value(random));
      case 3 -> {
        operators.put("$gt", value(random));
        operators.put("$lte", value(random));
      }
      case 4 -> {
        List<Object> values = new ArrayList<>();
        values.add(value(random));
        values.add(value(random));
        operators.put(random.nextBoolean() ? "$in" : "$nin", values);
      }
      case 5 -> operators.put("$exists", random.nextBoolean());
      case 6 -> operators.put("$startsWith", random.nextBoolean() ? "" : "i");
      default -> operators.put("$contains", "l");
    }
    return operators;
  }

  private static Object value(Random random) {
    return VALUES[random.nextInt(VALUES.length)];
  }

  private static List<String> orderBy(Random random) {
    List<String> orderBy = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      orderBy.add((random.nextBoolean() ? "-" : "") + PATHS[random.nextInt(PATHS.length)]);
    }
    return orderBy;
  }

  /** Takes out of a reply what the model does not know, and keeps it. */
  void answered(Request request, Map<String, Object> reply) {
    Object cursor = reply.remove("cursor");
    Object at = reply.remove("at");
    if (!request.asked.isCount() && "ok".equals(reply.get("status"))) {
      reply.put("more", cursor != null);
    }
    if (cursor instanceof String text && request.lastShown != null) {
      openPages.add(new OpenPage(request.asked, text, request.lastShown));
      if (openPages.size() > OPEN_PAGES) {
        openPages.remove(0);
      }
    }
    if (at instanceof String text && request.shown != null) {
      Model.Node other = moments.putIfAbsent(request.asked.type() + " " + text, request.shown);
      if (other != null && other != request.shown) {
        throw new Violation(
            "a position is one moment", text + " is " + other + " and " + request.shown);
      }
    }
  }
}
