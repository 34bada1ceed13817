package dev.unifiedstorage.simulation;

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
      Set.of("$id", "$type", "$version", "$createdAt", "$updatedAt", "$expiresAt");
  private static final String INDEXES = "{\"T0\":[[\"n\",\"a\"]],\"T1\":[[\"$id\"]]}";
  private static final String SCHEMAS =
      "{\"T0\":{\"additionalProperties\":{\"anyOf\":[{\"type\":[\"array\",\"object\","
          + "\"null\"],\"uniqueItems\":true},{\"maximum\":1e15,\"not\":{\"const\":false},"
          + "\"multipleOf\":0.1}]},\"propertyNames\":{\"pattern\":\"^[^$\\\\ud800]*$\"}},"
          + "\"T1\":{\"$ref\":\"#/$defs/t\",\"$defs\":{\"t\":{\"items\":{\"$ref\":\"#/$defs/t\"},"
          + "\"additionalProperties\":{\"$ref\":\"#/$defs/t\"},\"maxProperties\":4}}}}";
  private static final Set<String> CODES =
      Set.of(
          "PARSE_ERROR",
          "VALIDATION_ERROR",
          "UNKNOWN_TYPE",
          "NOT_FOUND",
          "CONFLICT",
          "BATCH_FAILED",
          "PAYLOAD_TOO_LARGE",
          "TOO_EXPENSIVE",
          "UNAVAILABLE");

  /** What the state must be: fields by id, and the version under a name no field has. */
  private final Map<String, Map<String, Object>> things = new HashMap<>();

  private final Map<String, Double> versions = new HashMap<>();
  private final FuzzedStore store;
  private final HostileMessages messages;

  Fuzzer(long seed) {
    messages = new HostileMessages(new Random(seed));
    store =
        new FuzzedStore(
            Map.of(
                "DURABILITY", seed % 3 == 0 ? "pipeline" : "local",
                "COLUMNAR_THRESHOLD", seed % 2 == 0 ? "4" : "1000",
                "MAX_ENTRIES", seed % 4 == 2 ? "3" : "0",
                "SCHEMAS", seed % 4 == 0 ? SCHEMAS : "",
                "INDEXES", seed % 5 < 3 ? INDEXES : "",
                "MAX_SCAN", seed % 7 == 0 ? "3" : "20000",
                "GROUP_COMMIT_MS", "0"));
  }

  /** Sends some messages, then reads everything, before and after a crash. */
  void run(int inputs) {
    for (int i = 0; i < inputs; i++) {
      send(messages.next());
    }
    compare();
    if (!store.stats().get("durability").equals("local")) {
      store.checkpoint();
    }
    store.start();
    compare();
  }

  private void send(String text) {
    double before = appliedSeq();
    List<Map<String, Object>> got = ask(text);
    List<Map<String, Object>> asked = asked(text);
    boolean whole = got.size() == 1 && asked.size() > 1 && got.get(0).get("id") == null;
    if (got.size() != asked.size() && !whole) {
      throw new Violation("every request has one reply", got.size() + " to " + text);
    }
    double events = 0;
    if (whole) {
      events = apply(Map.of(), got.get(0), text);
    } else if (asked.size() == 1) {
      events = answered(asked.get(0), got.get(0), text);
    } else {
      for (Map<String, Object> message : asked) {
        events += answered(message, replyTo(message, got, text), text);
      }
    }
    double applied = appliedSeq();
    if (applied != before + events) {
      throw new Violation(
          "replies are what happened", applied - before + " events, " + got + " to " + text);
    }
  }

  /** The one reply that has a message's id; in a frame the ids differ. */
  private static Map<String, Object> replyTo(
      Map<String, Object> message, List<Map<String, Object>> replies, String text) {
    return replies.stream()
        .filter(reply -> Texts.same(message.get("id"), reply.get("id")))
        .findFirst()
        .orElseThrow(() -> new Violation("replies echo the id", replies + " to " + text));
  }

  private double answered(Map<String, Object> message, Map<String, Object> reply, String text) {
    Object id = message.get("id");
    boolean echoes = id instanceof String || id instanceof Number;
    if (echoes && reply.get("id") != null && !Texts.same(finite(id), reply.get("id"))) {
      throw new Violation("replies echo the id", reply + " to " + text);
    }
    return apply(message, reply, text);
  }

  /** The requests in a message, at least one. */
  private static List<Map<String, Object>> asked(String text) {
    if (text.startsWith("[")) {
      try {
        List<Map<String, Object>> all = Texts.parseAll(text);
        return all.isEmpty() ? List.of(Map.of()) : all;
      } catch (Violation e) {
        return List.of(Map.of());
      }
    }
    return List.of(parsed(text));
  }

  private double appliedSeq() {
    return ((Number) store.stats().get("appliedSeq")).doubleValue();
  }

  private List<Map<String, Object>> ask(String text) {
    List<Map<String, Object>> replies = new ArrayList<>();
    try {
      for (String reply : store.message(text)) {
        if (reply.startsWith("[")) {
          replies.addAll(Texts.parseAll(reply));
        } else {
          replies.add(Texts.parse(reply));
        }
      }
    } catch (RuntimeException | StackOverflowError e) {
      throw new Violation("no exception escapes", e + " for " + text);
    }
    return replies;
  }

  private static Map<String, Object> parsed(String text) {
    try {
      Map<String, Object> message = Texts.parse(text);
      return message == null ? Map.of() : message;
    } catch (Violation e) {
      return Map.of();
    }
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
        return returned(id, result);
      }
      case "put" -> {
        String id = (String) result.get("$id");
        things.put(id, fields(new LinkedHashMap<>(), operation));
        versions.merge(id, 1.0, Double::sum);
        return returned(id, result);
      }
      case "update" -> {
        String id = (String) result.get("$id");
        if (operation.get("data") != null) {
          fields(things.get(id), operation);
        }
        edit(things.get(id), operation);
        versions.merge(id, 1.0, Double::sum);
        return returned(id, result);
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

  /** One event; what the reply shows of the thing is the thing. */
  private double returned(String id, Map<?, ?> result) {
    if (result.get("thing") instanceof Map<?, ?> thing) {
      Map<?, ?> own = new LinkedHashMap<>(thing);
      own.keySet().removeAll(SYSTEM_FIELDS);
      if (!Texts.same(things.get(id), own)) {
        throw new Violation("replies are what happened", things.get(id) + " shown as " + own);
      }
    }
    return 1;
  }

  @SuppressWarnings("unchecked")
  private static void edit(Map<String, Object> fields, Map<?, ?> operation) {
    Edits edits =
        new Edits(
            (List<String>) operation.get("unset"),
            (Map<String, Object>) finite(operation.get("increment")),
            (List<Map<String, Object>>) finite(operation.get("patch")));
    try {
      edits.apply(fields);
    } catch (Edits.Refused e) {
      throw new Violation(
          "replies are what happened", "taken, but " + e.code() + e.details() + ": " + operation);
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
    if (!Texts.same(store.stats().get("entries"), things.size())) {
      throw new Violation(
          "replies are what happened", things.size() + " things, " + Texts.print(store.stats()));
    }
    things.forEach(
        (id, fields) -> {
          Map<String, Object> thing = read(id);
          boolean same = Texts.same(versions.get(id), thing.get("$version"));
          thing.keySet().removeAll(SYSTEM_FIELDS);
          if (!same || !Texts.same(fields, thing)) {
            throw new Violation("replies are what happened", fields + " became " + thing);
          }
        });
  }

  /** A thing as a read shows it, without fields when it is not there. */
  @SuppressWarnings("unchecked")
  private Map<String, Object> read(String id) {
    Map<String, Object> request = Map.of("type", "read", "id", "r", "$ids", List.of(id));
    Map<?, ?> found = (Map<?, ?>) ask(Texts.print(request)).get(0).get("things");
    Object thing = found == null ? null : found.get(id);
    return thing == null ? new LinkedHashMap<>() : (Map<String, Object>) thing;
  }

  @Override
  public void close() {
    store.close();
  }
}
