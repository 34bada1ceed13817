package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes the requests of a world: every written value is unique, so that a reply says whose it is.
 */
final class Workload {
  /** The field that makes a thing large. */
  static final String LOAD = "large";

  private static final String[] TEXTS = {
    "",
    "plain",
    "ünïcödé ✓",
    "\uD83D\uDE00",
    "tab\tquote\"back\\slash\nline",
    "\u2028\u0000",
    "\uD800"
  };

  /** Of one byte a character: one that takes two doubles what its row counts, loads and all. */
  private static final String[] NARROW_TEXTS = {
    "", "plain", "ünïcödé", "\u00FF", "tab\tquote\"back\\slash\nline", "\u0080\u0000", "~"
  };

  private final World world;
  private int requests;
  private int values;

  Workload(World world) {
    this.world = world;
  }

  Request next(Client client, Random random) {
    if (random.nextInt(10) == 0) {
      return query(client, world.questions.next(random));
    }
    int dice = random.nextInt(100);
    List<Operation> operations = new ArrayList<>();
    boolean batch = dice < 15;
    boolean atomic = batch && random.nextBoolean();
    if (batch && world.setup.largePayloads() && random.nextInt(3) == 0) {
      returnMuch(operations, random);
    } else if (batch) {
      for (int i = random.nextInt(7); i > 0; i--) {
        operations.add(operation(random));
      }
    } else {
      operations.add(dice < 18 ? ping() : operation(random));
    }
    return request(client, operations, batch, atomic);
  }

  /** Writes to one thing that return it: together more than a reply may show. */
  private void returnMuch(List<Operation> operations, Random random) {
    String id = "i" + random.nextInt(world.setup.ids());
    Map<String, Object> data = data(++values);
    data.put(LOAD, "x".repeat(256_000));
    operations.add(
        new Operation("put", id, "T0", data, null, Operation.ANY, Operation.UNSAID, true, null));
    Edits edits = new Edits(null, Map.of("c", 1), null);
    for (int i = 0; i < 5; i++) {
      operations.add(
          new Operation(
              "update", id, null, null, edits, Operation.ANY, Operation.UNSAID, true, null));
    }
  }

  private Request query(Client client, Asked asked) {
    return query(client, asked, asked.message());
  }

  private Request query(Client client, Asked asked, Map<String, Object> message) {
    String id = "r" + ++requests;
    message.put("id", id);
    Request request = new Request(id, client, List.of(), false, false, Texts.print(message));
    request.asked = asked;
    return request;
  }

  /** A query about what there was after an event that there was. */
  Request pastQuery(Client client, Model.Node tip, Random random) {
    double seq = random.nextInt((int) tip.seq + 1);
    Asked asked = world.questions.next(random);
    Map<String, Object> message = asked.message();
    message.put("at", Map.of("seq", seq));
    Request request = query(client, asked, message);
    request.past = new Past.Question(List.of(), seq, Double.POSITIVE_INFINITY);
    return request;
  }

  /** A question about what some things were, after an event that there was or at a time. */
  Request past(Client client, Model.Node tip, Random random) {
    double seq = random.nextInt((int) tip.seq + 2);
    if (random.nextBoolean()) {
      return past(client, someIds(random), seq, Double.POSITIVE_INFINITY);
    }
    double aroundMs = seq > 0 && seq <= tip.seq ? tip.up(seq).atMs : world.time.wallMs();
    double untilMs = Math.max(0, aroundMs + random.nextInt(3) - 1);
    return past(client, someIds(random), Double.POSITIVE_INFINITY, untilMs);
  }

  /** One of the bounds is infinite. */
  Request past(Client client, List<String> ids, double untilSeq, double untilMs) {
    Operation read = Operation.read(ids);
    Map<String, Object> message = read.message();
    message.put("at", untilMs < Double.POSITIVE_INFINITY ? untilMs : Map.of("seq", untilSeq));
    String id = "r" + ++requests;
    message.put("id", id);
    Request request = new Request(id, client, List.of(read), false, false, Texts.print(message));
    request.past = new Past.Question(ids, untilSeq, untilMs);
    return request;
  }

  /** More requests than a store keeps while it asks the archive, which may not answer. */
  void crowd(Random random) {
    switch (random.nextInt(4)) {
      case 0 -> world.faults.armSilence();
      case 1 -> world.faults.hideArchive(5_000);
      default -> {}
    }
    boolean large = random.nextBoolean();
    for (int i = large ? 10 : 1_010; i > 0; i--) {
      Client client = world.clients.get(random.nextInt(world.clients.size()));
      world.ask(large ? large(client) : none(client));
      if (large || i % 50 == 0) {
        world.ask(next(client, random));
      }
    }
  }

  /** A read of something that never is. */
  private Request none(Client client) {
    List<String> ids = List.of("none" + requests);
    return request(client, List.of(Operation.read(ids)), false, false);
  }

  /** A write with much text. */
  private Request large(Client client) {
    Map<String, Object> data = data(++values);
    data.put(LOAD, "x".repeat(2 * Setup.LOAD_CHARS));
    return request(client, List.of(Operation.create(null, "Large", data)), false, false);
  }

  /** A write that nothing can refuse. */
  Request last(Client client) {
    return request(client, List.of(Operation.create(null, "Last", data(1))), false, false);
  }

  /** A write of a session that says its number; it may say {@link Numbered#NONE}. */
  Numbered numbered(String session, int n, Random random) {
    boolean batch = random.nextInt(5) == 0;
    List<Operation> operations = new ArrayList<>();
    for (int i = batch ? random.nextInt(5) : 1; i > 0; ) {
      Operation operation = operation(random);
      // An id that a store draws would have to be told in advance.
      boolean drawsId = operation.type().equals("create") && operation.id() == null;
      boolean writes = !operation.type().equals("check") && !operation.type().equals("read");
      if (!drawsId && (batch || writes)) {
        operations.add(operation);
        i--;
      }
    }
    return new Numbered(session, n, operations, batch, batch && random.nextBoolean());
  }

  /**
   * A request that sends a write of a session.
   *
   * @param names whether it names the session
   */
  Request request(Client client, Numbered write, boolean names) {
    String id = "n" + ++requests;
    Map<String, Object> message = message(write.operations, write.batch, write.atomic);
    if (names) {
      message.put("session", write.session);
    }
    if (write.n != Numbered.NONE) {
      message.put("n", write.n);
    }
    message.put("id", id);
    String text = Texts.print(message);
    Request request = new Request(id, client, write.operations, write.batch, write.atomic, text);
    request.write = write;
    return request;
  }

  private Request request(
      Client client, List<Operation> operations, boolean batch, boolean atomic) {
    String id = "r" + ++requests;
    Map<String, Object> message = message(operations, batch, atomic);
    message.put("id", id);
    return new Request(id, client, operations, batch, atomic, Texts.print(message));
  }

  private static Map<String, Object> message(
      List<Operation> operations, boolean batch, boolean atomic) {
    if (!batch) {
      return operations.get(0).message();
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "batch");
    message.put("operations", operations.stream().map(Operation::message).toList());
    message.put("atomic", atomic);
    return message;
  }

  private static Operation ping() {
    return new Operation(
        "ping", null, null, null, null, Operation.ANY, Operation.UNSAID, false, null);
  }

  /** Whether a thing may go by itself; those have ids of their own. */
  static boolean mayExpire(String id) {
    return id.startsWith("e");
  }

  private Operation operation(Random random) {
    if (random.nextInt(5) > 0) {
      return operation("i" + random.nextInt(world.setup.ids()), random);
    }
    Operation operation = operation("e" + random.nextInt(4), random);
    boolean writes =
        operation.id() != null
            && switch (operation.type()) {
              case "create", "put", "update" -> true;
              default -> false;
            };
    return writes && random.nextInt(3) > 0
        ? operation.expiring(lifetime(operation, random))
        : operation;
  }

  private static long lifetime(Operation operation, Random random) {
    if (operation.type().equals("update") && random.nextInt(4) == 0) {
      return 0;
    }
    return random.nextInt(30) == 0
        ? 10_000_000_000_000L
        : 1 + random.nextInt(1 << (3 + random.nextInt(17)));
  }

  private Operation operation(String id, Random random) {
    int ifVersion = random.nextInt(12) == 0 ? 1 + random.nextInt(3) : Operation.ANY;
    int dice = random.nextInt(100);
    if (dice < 28) {
      String given = random.nextInt(15) == 0 ? null : id;
      return maybeReturning(Operation.create(given, type(random), data(random)), random);
    } else if (dice < 64) {
      return maybeReturning(update(id, ifVersion, random), random);
    } else if (dice < 74) {
      int condition = random.nextInt(8) == 0 ? random.nextInt(4) : Operation.ANY;
      Operation put =
          new Operation(
              "put",
              id,
              type(random),
              data(random),
              null,
              condition,
              Operation.UNSAID,
              false,
              null);
      return maybeReturning(put, random);
    } else if (dice < 77) {
      return new Operation(
          "check", id, null, null, null, random.nextInt(4), Operation.UNSAID, false, null);
    } else if (dice < 87) {
      return new Operation(
          "delete", id, null, null, null, ifVersion, Operation.UNSAID, false, null);
    }
    return Operation.read(someIds(random));
  }

  private static String type(Random random) {
    return "T" + random.nextInt(3);
  }

  private static Operation maybeReturning(Operation operation, Random random) {
    return random.nextInt(8) == 0 ? operation.returning() : operation;
  }

  private Operation update(String id, int ifVersion, Random random) {
    boolean edited = random.nextInt(2) == 0;
    Map<String, Object> data = edited && random.nextBoolean() ? null : data(random);
    Edits edits = edited ? edits(random) : null;
    return new Operation("update", id, null, data, edits, ifVersion, Operation.UNSAID, false, null);
  }

  private Edits edits(Random random) {
    int parts = 1 + random.nextInt(7);
    List<String> unset = null;
    if ((parts & 1) != 0) {
      unset = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        unset.add(pick(random, "f0", "f1", "f2", "c", "absent", "__proto__"));
      }
      if (world.setup.maxLoads() > 0 && random.nextInt(3) == 0) {
        unset.add(LOAD);
      }
    }
    Map<String, Object> increment = null;
    if ((parts & 2) != 0) {
      increment = new LinkedHashMap<>();
      increment.put("c", random.nextInt(20) / 4.0 - 2);
      if (random.nextInt(6) == 0) {
        increment.put("f1", 1);
      }
    }
    List<Map<String, Object>> patch = null;
    if ((parts & 4) != 0) {
      patch = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        patch.add(step(random));
      }
    }
    return new Edits(unset, increment, patch);
  }

  private Map<String, Object> step(Random random) {
    Map<String, Object> step = new LinkedHashMap<>();
    String place = pick(random, "/f0", "/f1", "/f2", "/c", "/l");
    String inside = place + pick(random, "/deep", "/deep/0", "/deep/1", "/deep/-", "/0", "/x");
    String path = random.nextInt(3) == 0 ? inside : place;
    String op = pick(random, "add", "add", "add", "replace", "remove", "test", "copy", "move");
    step.put("op", op);
    step.put("path", path);
    switch (op) {
      case "copy", "move" -> step.put("from", pick(random, "/f0", "/f1", "/f0/deep", "/l/0"));
      case "remove" -> {}
      default -> step.put("value", random.nextInt(3) == 0 ? values : aValue(random));
    }
    boolean intoItself = op.equals("move") && path.startsWith(step.get("from") + "/");
    if (intoItself) {
      step.put("op", "copy");
    }
    return step;
  }

  private static String pick(Random random, String... options) {
    return options[random.nextInt(options.length)];
  }

  private List<String> someIds(Random random) {
    List<String> ids = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      boolean expires = random.nextInt(5) == 0;
      String other = expires ? "e" + random.nextInt(4) : "i" + random.nextInt(world.setup.ids());
      if (!ids.contains(other)) {
        ids.add(other);
      }
    }
    return ids;
  }

  private Map<String, Object> data(Random random) {
    Map<String, Object> data = data(++values);
    int extras = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
    for (int i = 0; i < extras; i++) {
      String name = random.nextInt(6) == 0 ? "__proto__" : "f" + random.nextInt(3);
      data.put(name, aValue(random));
    }
    if (world.setup.largePayloads() && random.nextInt(4) == 0) {
      data.put(LOAD, "x".repeat(1000 << random.nextInt(9)) + values);
    }
    if (world.setup.maxLoads() > 0 && random.nextInt(6) == 0) {
      data.put(LOAD, "x".repeat((1 + random.nextInt(2)) * Setup.LOAD_CHARS));
    }
    return data;
  }

  private Object aValue(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> Map.of("deep", List.of(1, "two", true));
      case 2 -> random.nextInt(1000) / 8.0;
      default -> {
        int text = random.nextInt(TEXTS.length);
        yield world.setup.maxLoads() > 0 ? NARROW_TEXTS[text] : TEXTS[text];
      }
    };
  }

  private static Map<String, Object> data(int value) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("w", value);
    return data;
  }
}
