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
  private static final String[] TEXTS = {
    "",
    "plain",
    "ünïcödé ✓",
    "\uD83D\uDE00",
    "tab\tquote\"back\\slash\nline",
    "\u2028\u0000",
    "\uD800"
  };

  private final World world;
  private int requests;
  private int values;

  Workload(World world) {
    this.world = world;
  }

  Request next(Client client, Random random) {
    int dice = random.nextInt(100);
    List<Operation> operations = new ArrayList<>();
    boolean batch = dice < 15;
    boolean atomic = batch && random.nextBoolean();
    if (batch) {
      for (int i = random.nextInt(7); i > 0; i--) {
        operations.add(operation(random));
      }
    } else {
      operations.add(dice < 18 ? ping() : operation(random));
    }
    return request(client, operations, batch, atomic);
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
    Operation read = new Operation("read", null, null, null, 0, ids);
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
    return request(client, List.of(new Operation("read", null, null, null, 0, ids)), false, false);
  }

  /** A write with much text. */
  private Request large(Client client) {
    Map<String, Object> data = data(++values);
    data.put("large", "x".repeat(150_000));
    return request(
        client, List.of(new Operation("create", null, "Large", data, 0, null)), false, false);
  }

  /** A write that nothing can refuse. */
  Request last(Client client) {
    return request(
        client, List.of(new Operation("create", null, "Last", data(1), 0, null)), false, false);
  }

  private Request request(
      Client client, List<Operation> operations, boolean batch, boolean atomic) {
    String id = "r" + ++requests;
    Map<String, Object> message;
    if (batch) {
      message = new LinkedHashMap<>();
      message.put("type", "batch");
      message.put("operations", operations.stream().map(Operation::message).toList());
      message.put("atomic", atomic);
    } else {
      message = operations.get(0).message();
    }
    message.put("id", id);
    return new Request(id, client, operations, batch, atomic, Texts.print(message));
  }

  private static Operation ping() {
    return new Operation("ping", null, null, null, 0, null);
  }

  private Operation operation(Random random) {
    String id = "i" + random.nextInt(world.setup.ids());
    int ifVersion = random.nextInt(12) == 0 ? 1 + random.nextInt(3) : 0;
    int dice = random.nextInt(100);
    if (dice < 33) {
      String given = random.nextInt(15) == 0 ? null : id;
      return new Operation("create", given, "T" + random.nextInt(3), data(random), 0, null);
    } else if (dice < 66) {
      return new Operation("update", id, null, data(random), ifVersion, null);
    } else if (dice < 82) {
      return new Operation("delete", id, null, null, ifVersion, null);
    }
    return new Operation("read", null, null, null, 0, someIds(random));
  }

  private List<String> someIds(Random random) {
    List<String> ids = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String other = "i" + random.nextInt(world.setup.ids());
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
      Object value =
          switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> Map.of("deep", List.of(1, "two", true));
            case 2 -> random.nextInt(1000) / 8.0;
            default -> TEXTS[random.nextInt(TEXTS.length)];
          };
      data.put(name, value);
    }
    if (world.setup.largePayloads() && random.nextInt(4) == 0) {
      data.put("large", "x".repeat(1000 << random.nextInt(9)) + values);
    }
    return data;
  }

  private static Map<String, Object> data(int value) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("w", value);
    return data;
  }
}
