package dev.unifiedstorage.simulation;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the contract says about a request: its reply, and its changes to the model. */
final class Contract {
  private static final double RETURNED_BYTES = 1024 * 1024;

  private final Model model;
  private final Model.Head head;
  private final double nowMs;
  private final Request request;
  private final boolean checksSchemas;
  private final int maxThings;
  private final int maxLoads;
  private final int maxStoreBytes;
  private int uuids;
  private double returnedBytes;

  private Contract(
      Model model, Model.Head head, double nowMs, Request request, int uuids, Setup setup) {
    this.uuids = uuids;
    this.checksSchemas = PlainSchema.isIn(setup);
    this.maxThings = setup.maxThings();
    this.maxLoads = setup.maxLoads();
    this.maxStoreBytes = setup.maxStoreBytes();
    this.model = model;
    this.head = head;
    this.nowMs = nowMs;
    this.request = request;
  }

  /**
   * Carries a request out on the model.
   *
   * @param uuids how many ids were made for others before it, but not yet asked for
   * @param setup what the store checks: the schema of {@link PlainSchema}, and how much there may
   *     be
   * @return how many there are now
   */
  static int apply(
      Model model, Model.Head head, double nowMs, Request request, int uuids, Setup setup) {
    Contract contract = new Contract(model, head, nowMs, request, uuids, setup);
    contract.apply();
    return contract.uuids;
  }

  private void apply() {
    if (request.asked != null) {
      request.expected = withId(request.asked.expected(head, nowMs));
      request.shown = request.asked.newest(head);
      if (request.expected.get("things") instanceof List<?> things) {
        request.lastShown = request.asked.lastShown(head, things.size(), nowMs);
      }
      return;
    }
    double before = head.tip().seq;
    List<Map<String, Object>> results = new ArrayList<>();
    for (Operation operation : request.operations) {
      int changes = request.changes.size();
      Map<String, Object> result = single(operation);
      if (request.write != null) {
        for (Model.Node change : request.changes.subList(changes, request.changes.size())) {
          change.by = request;
          change.operation = request.batch ? results.size() : -1;
        }
      }
      if (request.atomic && "error".equals(result.get("status"))) {
        head.forget(before);
        request.changes.clear();
        if (request.shown != null && request.shown.seq > before) {
          request.shown = head.tip();
        }
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("index", results.size());
        details.put("code", result.get("code"));
        request.expected = withId(error("BATCH_FAILED", details));
        return;
      }
      results.add(result);
    }
    request.results = results;
    if (request.batch) {
      Map<String, Object> reply = new LinkedHashMap<>();
      reply.put("status", "ack");
      reply.put("results", results);
      request.expected = withId(reply);
    } else {
      Map<String, Object> reply = new LinkedHashMap<>(results.get(0));
      reply.putIfAbsent("status", reply.containsKey("$version") ? "ack" : "ok");
      request.expected = withId(reply);
    }
  }

  private Map<String, Object> withId(Map<String, Object> reply) {
    reply.put("id", request.id);
    return reply;
  }

  private Map<String, Object> single(Operation operation) {
    return switch (operation.type()) {
      case "create" -> create(operation);
      case "put" -> put(operation);
      case "update" -> update(operation);
      case "check" -> check(operation);
      case "delete" -> delete(operation);
      case "read" -> read(operation);
      default -> new LinkedHashMap<>(Map.of("status", "ok"));
    };
  }

  private Map<String, Object> create(Operation operation) {
    String id = operation.id();
    if (id == null) {
      id = operation.thingType().toLowerCase(java.util.Locale.ROOT) + "_";
      id += model.comingUuid(uuids++);
    }
    Model.Node older = head.of(id);
    if (exists(older)) {
      return conflict(older);
    }
    return create(id, operation);
  }

  private boolean exists(Model.Node node) {
    return node != null && node.exists(nowMs);
  }

  /**
   * A new thing; what has expired under its id is deleted first. In a store that has as many as it
   * may, what has expired first of all makes room.
   */
  private Map<String, Object> create(String id, Operation operation) {
    Map<String, Object> misfit = misfit(operation.thingType(), operation.data());
    if (misfit != null) {
      return misfit;
    }
    Model.Node older = head.of(id);
    Model.Node expired = older != null && older.exists() ? older : null;
    if (maxThings > 0 && expired == null) {
      long size = head.last().values().stream().filter(Model.Node::exists).count();
      Model.Node first = head.nextToExpire();
      expired = size == maxThings && first != null && first.isExpired(nowMs) ? first : null;
      if (expired == null && size >= maxThings) {
        show(head.tip());
        return error("QUOTA_EXCEEDED", Map.of("limit", maxThings));
      }
    }
    if (isTooMuch(operation.data(), expired)) {
      return tooMuch();
    }
    if (expired != null) {
      request.changes.add(head.expire(expired, nowMs));
    }
    double expiresAtMs = operation.expiresAtMs(0, nowMs);
    Model.Node node = head.create(id, operation.thingType(), operation.data(), expiresAtMs, nowMs);
    return written(node, operation.returns());
  }

  /**
   * Whether a store would have more loads than fit.
   *
   * @param replaced what goes as the fields come, null for nothing
   */
  private boolean isTooMuch(Map<String, Object> fields, Model.Node replaced) {
    if (maxLoads == 0 || loads(fields) == 0) {
      return false;
    }
    int loads = loads(fields) - (replaced == null ? 0 : loads(replaced.fields));
    for (Model.Node node : head.last().values()) {
      loads += node.exists() ? loads(node.fields) : 0;
    }
    return loads > maxLoads;
  }

  private static int loads(Map<String, Object> fields) {
    return fields.get(Workload.LOAD) instanceof String load ? load.length() / Setup.LOAD_CHARS : 0;
  }

  private Map<String, Object> tooMuch() {
    show(head.tip());
    return error("QUOTA_EXCEEDED", Map.of("limit", maxStoreBytes));
  }

  /** The refusal of fields that do not fit the schema of a type, or null. */
  private Map<String, Object> misfit(String type, Map<String, Object> fields) {
    List<Map<String, Object>> errors = checksSchemas ? PlainSchema.errors(type, fields) : List.of();
    return errors.isEmpty() ? null : error("VALIDATION_ERROR", Map.of("errors", errors));
  }

  private Map<String, Object> put(Operation operation) {
    Model.Node older = head.of(operation.id());
    if (!exists(older)) {
      if (operation.ifVersion() > 0) {
        show(older);
        return error("CONFLICT", Map.of("version", 0));
      }
      return create(operation.id(), operation);
    }
    if (!operation.meets(older.version) || !operation.thingType().equals(older.type)) {
      return conflict(older);
    }
    Map<String, Object> fields = operation.data();
    Map<String, Object> misfit = misfit(older.type, fields);
    if (misfit != null) {
      show(older);
      return misfit;
    }
    if (isTooMuch(fields, older)) {
      return tooMuch();
    }
    double expiresAtMs = operation.expiresAtMs(0, nowMs);
    Map<String, Object> changed =
        withExpiry(changed(older.fields, fields, Map.of()), older, expiresAtMs);
    return written(head.update(older, fields, changed, expiresAtMs, nowMs), operation.returns());
  }

  private Map<String, Object> update(Operation operation) {
    Model.Node older = head.of(operation.id());
    if (!exists(older)) {
      show(older);
      return error("NOT_FOUND", null);
    }
    if (!operation.meets(older.version)) {
      return conflict(older);
    }
    Map<String, Object> data = operation.data() == null ? Map.of() : operation.data();
    Map<String, Object> fields = Edits.copyOf(older.fields);
    fields.putAll(Edits.copyOf(data));
    Map<String, Object> changed = data;
    if (operation.edits() != null) {
      try {
        operation.edits().apply(fields);
      } catch (Edits.Refused e) {
        show(older);
        return error(e.code(), e.details());
      }
      changed = changed(older.fields, fields, data);
    }
    Map<String, Object> misfit = misfit(older.type, fields);
    if (misfit != null) {
      show(older);
      return misfit;
    }
    if (isTooMuch(fields, older)) {
      return tooMuch();
    }
    double expiresAtMs = operation.expiresAtMs(older.expiresAtMs, nowMs);
    changed = withExpiry(changed, older, expiresAtMs);
    return written(head.update(older, fields, changed, expiresAtMs, nowMs), operation.returns());
  }

  /** What an event says when the instant at which the thing expires has changed too. */
  static Map<String, Object> withExpiry(
      Map<String, Object> changed, Model.Node older, double expiresAtMs) {
    if (expiresAtMs == older.expiresAtMs) {
      return changed;
    }
    Map<String, Object> more = new LinkedHashMap<>(changed);
    more.put("$expiresAt", expiresAtMs == 0 ? null : expiresAtMs);
    return more;
  }

  /** What an event says: the data, other fields that are not as they were, and those that went. */
  static Map<String, Object> changed(
      Map<String, Object> before, Map<String, Object> after, Map<String, Object> data) {
    Map<String, Object> changed = new LinkedHashMap<>();
    after.forEach(
        (name, value) -> {
          boolean same = before.containsKey(name) && Texts.same(before.get(name), value);
          if (!same || data.containsKey(name)) {
            changed.put(name, value);
          }
        });
    List<String> unset = before.keySet().stream().filter(name -> !after.containsKey(name)).toList();
    if (!unset.isEmpty()) {
      changed.put("$unset", unset.stream().sorted().toList());
    }
    return changed;
  }

  private Map<String, Object> check(Operation operation) {
    Model.Node node = head.of(operation.id());
    show(node);
    double version = exists(node) ? node.version : 0;
    return operation.meets(version) ? ok() : error("CONFLICT", Map.of("version", version));
  }

  private Map<String, Object> delete(Operation operation) {
    Model.Node older = head.of(operation.id());
    if (!exists(older)) {
      show(older);
      return operation.ifVersion() != Operation.ANY ? error("NOT_FOUND", null) : ok();
    }
    if (!operation.meets(older.version)) {
      return conflict(older);
    }
    Model.Node deletion = head.delete(older, nowMs);
    request.changes.add(deletion);
    show(deletion);
    return ok();
  }

  private Map<String, Object> read(Operation operation) {
    Map<String, Object> things = new LinkedHashMap<>();
    for (String id : operation.ids()) {
      Model.Node node = head.of(id);
      show(node);
      if (exists(node)) {
        things.put(id, node.shown());
      }
    }
    return new LinkedHashMap<>(Map.of("things", things));
  }

  private Map<String, Object> written(Model.Node node, boolean returns) {
    request.changes.add(node);
    show(node);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("$id", node.id);
    result.put("$version", node.version);
    if (returns) {
      double bytes = bytesOf(node.shown());
      boolean fits = returnedBytes + bytes <= RETURNED_BYTES;
      returnedBytes += fits ? bytes : 0;
      result.put(fits ? "thing" : "truncated", fits ? node.shown() : true);
    }
    return result;
  }

  private static double bytesOf(Map<String, Object> thing) {
    Json json = new JsoniterJson();
    return json.utf8Length(json.writer().object(json.parse(Texts.print(thing))).text());
  }

  private Map<String, Object> conflict(Model.Node node) {
    show(node);
    return error("CONFLICT", Map.of("version", node.version));
  }

  private static Map<String, Object> ok() {
    return new LinkedHashMap<>(Map.of("status", "ok"));
  }

  private static Map<String, Object> error(String code, Map<String, Object> details) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("status", "error");
    error.put("code", code);
    if (details != null) {
      error.put("details", details);
    }
    return error;
  }

  private void show(Model.Node node) {
    if (node != null && (request.shown == null || node.seq > request.shown.seq)) {
      request.shown = node;
    }
  }
}
