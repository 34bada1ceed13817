package dev.unifiedstorage.simulation;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Hostile messages to a real store: whatever comes, there is one reply, no exception, and the state
 * is what the acknowledged messages made of it.
 */
final class Fuzzer implements AutoCloseable {
  private static final Set<String> SYSTEM_FIELDS =
      Set.of("$id", "$type", "$version", "$createdAt", "$updatedAt");
  private static final Set<String> CODES =
      Set.of(
          "PARSE_ERROR",
          "VALIDATION_ERROR",
          "UNKNOWN_TYPE",
          "NOT_FOUND",
          "CONFLICT",
          "BATCH_FAILED",
          "PAYLOAD_TOO_LARGE");

  /** What the state must be: fields by id, and the version under a name no field has. */
  private final Map<String, Map<String, Object>> things = new HashMap<>();

  private final Map<String, Double> versions = new HashMap<>();
  private final TestStore store = new TestStore();
  private final HostileMessages messages;

  Fuzzer(long seed) {
    messages = new HostileMessages(new Random(seed));
    store.with("DURABILITY", seed % 3 == 0 ? "pipeline" : "local");
    store.with("COLUMNAR_THRESHOLD", seed % 2 == 0 ? "4" : "1000");
    store.with("GROUP_COMMIT_MS", "0").start();
  }

  /** Sends some messages, then reads everything, before and after a crash. */
  void run(int inputs) {
    for (int i = 0; i < inputs; i++) {
      send(messages.next());
    }
    compare();
    if (!store.stats().string("durability").equals("local")) {
      store.post("checkpoint");
    }
    store.restart();
    compare();
  }

  private void send(String text) {
    double before = store.stats().number("appliedSeq");
    int replies = store.replies.size();
    try {
      store.store().onMessage(store.connection(), text);
    } catch (RuntimeException | StackOverflowError e) {
      throw new Violation("no exception escapes", e + " for " + text);
    }
    if (store.replies.size() != replies + 1) {
      throw new Violation(
          "every request has one reply", store.replies.size() - replies + " to " + text);
    }
    Map<String, Object> reply = plain(store.replies.get(replies));
    store.replies.clear();
    Map<String, Object> message = parsed(text);
    Object id = message.get("id");
    boolean echoes = id instanceof String || id instanceof Number;
    if (echoes && reply.get("id") != null && !Texts.same(finite(id), reply.get("id"))) {
      throw new Violation("replies echo the id", reply + " to " + text);
    }
    double events = apply(message, reply, text);
    double applied = store.stats().number("appliedSeq");
    if (applied != before + events) {
      throw new Violation(
          "replies are what happened", applied - before + " events, " + reply + " to " + text);
    }
  }

  private static Map<String, Object> parsed(String text) {
    try {
      Map<String, Object> message = Texts.parse(text);
      return message == null ? Map.of() : message;
    } catch (Violation e) {
      return Map.of();
    }
  }

  private Map<String, Object> plain(JsonObject object) {
    return Texts.parse(store.print(object));
  }

  /** What the reply says has happened; the number of events it took. */
  private double apply(Map<String, Object> message, Map<String, Object> reply, String text) {
    String status = String.valueOf(reply.get("status"));
    if (status.equals("error")) {
      if (!CODES.contains(reply.get("code"))) {
        throw new Violation("refusals have a reason", reply + " to " + text);
      }
      return 0;
    }
    if (!"batch".equals(message.get("type"))) {
      return applyOne(message, reply);
    }
    double events = 0;
    List<?> operations = (List<?>) message.get("operations");
    List<?> results = (List<?>) reply.get("results");
    for (int i = 0; i < operations.size(); i++) {
      Map<?, ?> result = (Map<?, ?>) results.get(i);
      if (!"error".equals(result.get("status"))) {
        events += applyOne((Map<?, ?>) operations.get(i), result);
      }
    }
    return events;
  }

  private double applyOne(Map<?, ?> operation, Map<?, ?> result) {
    switch (String.valueOf(operation.get("type"))) {
      case "create" -> {
        String id = (String) result.get("$id");
        things.put(id, fields(new LinkedHashMap<>(), operation));
        versions.put(id, 1.0);
        return 1;
      }
      case "update" -> {
        String id = (String) result.get("$id");
        fields(things.get(id), operation);
        versions.merge(id, 1.0, Double::sum);
        return 1;
      }
      case "delete" -> {
        versions.remove(operation.get("$id"));
        return things.remove(operation.get("$id")) == null ? 0 : 1;
      }
      default -> {
        return 0;
      }
    }
  }

  private static Map<String, Object> fields(Map<String, Object> into, Map<?, ?> operation) {
    ((Map<?, ?>) operation.get("data"))
        .forEach(
            (key, value) -> {
              if (!SYSTEM_FIELDS.contains(key)) {
                into.put((String) key, finite(value));
              }
            });
    return into;
  }

  /** As {@code JSON.stringify} has it: what is no finite number is null. */
  private static Object finite(Object value) {
    if (value instanceof Number number && Double.isInfinite(number.doubleValue())) {
      return null;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(item -> copy.add(finite(item)));
      return copy;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, item) -> copy.put(key, finite(item)));
      return copy;
    }
    return value;
  }

  private void compare() {
    if (store.stats().number("entries") != things.size()) {
      throw new Violation("replies are what happened", things.size() + " things, " + stats());
    }
    things.forEach(
        (id, fields) -> {
          JsonObject found = read(id);
          Map<String, Object> thing = found == null ? Map.of() : plain(found);
          boolean same = Texts.same(versions.get(id), thing.get("$version"));
          thing.keySet().removeAll(SYSTEM_FIELDS);
          if (!same || !Texts.same(fields, thing)) {
            throw new Violation("replies are what happened", fields + " became " + thing);
          }
        });
  }

  private JsonObject read(String id) {
    try {
      return store.read(id);
    } catch (RuntimeException e) {
      throw new Violation("replies are what happened", e + " reading " + id);
    } finally {
      store.replies.clear();
    }
  }

  private String stats() {
    return store.print(store.stats());
  }

  @Override
  public void close() {
    store.close();
  }
}
