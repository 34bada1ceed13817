package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a record of several events stands for, read without the store's own code: the record that
 * each of them would be, but for what only a record of its own says.
 */
final class Packing {
  private static final String PACKED = "store.events";
  private static final Map<String, String> VERBS =
      Map.of("C", "thing.created", "U", "thing.updated", "D", "thing.deleted");

  /** What a session's write says in its record, and not in its payload. */
  private static final List<String> SESSION = List.of("session", "sub", "n", "batchIndex");

  /** What an event of a packed record lacks. */
  private static final List<String> OWN = List.of("timestamp", "idempotencyKey", "_meta");

  private Packing() {}

  static boolean isPacked(JsonObject record) {
    return record.string("verb").equals(PACKED);
  }

  /** How many events a record has. */
  static int events(JsonObject record) {
    return isPacked(record) ? (int) record.number("events") : 1;
  }

  /** The records that a packed one stands for. */
  static List<JsonObject> apart(JsonObject packed, Json json) {
    Map<String, Object> record = Texts.parse(json.writer().object(packed).text());
    Map<?, ?> payload = (Map<?, ?>) record.get("payload");
    List<?> events = (List<?>) payload.get("events");
    double last = packed.number("seq") + events.size() - 1;
    if (events.size() != packed.number("events")
        || !Texts.same(payload.get("lastSeq"), last)
        || events.size() < 2) {
      throw new Violation("packed records say what they have", record.toString());
    }
    List<JsonObject> all = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      all.add(json.parse(Texts.print(apart(record, (List<?>) events.get(i), i))));
    }
    return all;
  }

  private static Map<String, Object> apart(Map<String, Object> record, List<?> event, int place) {
    Map<String, Object> extras = new LinkedHashMap<>();
    if (event.size() > 6) {
      ((Map<?, ?>) event.get(6)).forEach((name, value) -> extras.put((String) name, value));
      extras.remove("v");
    }
    double ts = number(record.get("ts")) + number(event.get(1));
    String verb = (String) event.get(0);
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("$id", event.get(4));
    if (verb.equals("D")) {
      payload.put("$deletedAt", ts);
    } else {
      ((Map<?, ?>) event.get(5)).forEach((name, value) -> payload.put((String) name, value));
      payload.put("$version", event.get(2));
      payload.put("$updatedAt", ts);
    }
    if (verb.equals("C")) {
      payload.put("$type", event.get(3));
      payload.put("$createdAt", ts);
    }
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("verb", VERBS.get(verb));
    for (String name : List.of("store", "ns", "epoch", "life")) {
      own.put(name, record.get(name));
    }
    own.put("seq", number(record.get("seq")) + place);
    own.put("entityId", event.get(4));
    own.put("entityType", event.get(3));
    own.put("version", event.get(2));
    own.put("ts", ts);
    extras.forEach((name, value) -> (SESSION.contains(name) ? own : payload).put(name, value));
    own.put("payload", payload);
    return own;
  }

  /** Whether two records of one event say the same, as far as both can. */
  static boolean same(String one, String other) {
    Map<String, Object> left = new HashMap<>(Texts.parse(one));
    Map<String, Object> right = new HashMap<>(Texts.parse(other));
    if (left.containsKey("_meta") && right.containsKey("_meta")) {
      return one.equals(other);
    }
    OWN.forEach(left::remove);
    OWN.forEach(right::remove);
    return Texts.same(left, right);
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
