package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What an update does beside its data, and the model's own way of doing it: on whole copies of
 * plain maps and lists, which it may change as it likes.
 *
 * @param unset null for none
 * @param increment null for none
 * @param patch null for none
 */
record Edits(List<String> unset, Map<String, Object> increment, List<Map<String, Object>> patch) {

  /** Why an update is refused. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Map<String, Object> details;
    private final String code;

    private Refused(String code, String detail, Object value) {
      super(code, null, false, false);
      this.code = code;
      this.details = Map.of(detail, value);
    }

    String code() {
      return code;
    }

    Map<String, Object> details() {
      return details;
    }
  }

  void addTo(Map<String, Object> message) {
    if (unset != null) {
      message.put("unset", unset);
    }
    if (increment != null) {
      message.put("increment", increment);
    }
    if (patch != null) {
      message.put("patch", patch);
    }
  }

  /** Changes the fields, which the data has been laid over already. */
  void apply(Map<String, Object> fields) throws Refused {
    if (unset != null) {
      fields.keySet().removeAll(unset);
    }
    if (increment != null) {
      for (Map.Entry<String, Object> entry : increment.entrySet()) {
        Object older = fields.containsKey(entry.getKey()) ? fields.get(entry.getKey()) : 0;
        if (!(older instanceof Number number)) {
          throw new Refused("VALIDATION_ERROR", "field", entry.getKey());
        }
        double sum = number.doubleValue() + ((Number) entry.getValue()).doubleValue();
        if (!Double.isFinite(sum)) {
          throw new Refused("VALIDATION_ERROR", "field", entry.getKey());
        }
        fields.put(entry.getKey(), sum);
      }
    }
    if (patch != null) {
      for (int i = 0; i < patch.size(); i++) {
        Map<String, Object> step = patch.get(i);
        Boolean done = patched(fields, step);
        if (done == null || !done) {
          String code = done == null ? "VALIDATION_ERROR" : "CONFLICT";
          throw new Refused(code, "index", i);
        }
      }
    }
  }

  /** Does one operation: false when a test fails, null when it is impossible. */
  private static Boolean patched(Map<String, Object> fields, Map<String, Object> step) {
    String path = (String) step.get("path");
    if (path.isEmpty()) {
      return patchedWhole(fields, step);
    }
    switch ((String) step.get("op")) {
      case "test" -> {
        Object[] found = take(fields, path, false);
        return found != null && Texts.same(found[0], step.get("value"));
      }
      case "add" -> {
        return put(fields, path, copy(step.get("value"))) ? true : null;
      }
      case "replace" -> {
        if (take(fields, path, false) == null) {
          return null;
        }
        return set(fields, path, copy(step.get("value"))) ? true : null;
      }
      case "remove" -> {
        return take(fields, path, true) != null ? true : null;
      }
      default -> {
        boolean moves = step.get("op").equals("move");
        String from = (String) step.get("from");
        if (moves && from.equals(path)) {
          return take(fields, from, false) != null ? true : null;
        }
        Object[] taken = take(fields, from, moves);
        return taken != null && put(fields, path, copy(taken[0])) ? true : null;
      }
    }
  }

  /** The same with an operation on all fields. */
  private static Boolean patchedWhole(Map<String, Object> fields, Map<String, Object> step) {
    Object value = copy(step.get("value"));
    String op = (String) step.get("op");
    if (op.equals("test")) {
      return Texts.same(fields, value);
    }
    if (op.equals("copy") || op.equals("move")) {
      Object[] taken = take(fields, (String) step.get("from"), false);
      value = taken == null ? null : copy(taken[0]);
    }
    if (op.equals("remove") || !(value instanceof Map<?, ?> map)) {
      return null;
    }
    fields.clear();
    fields.putAll(copyOf(map));
    return true;
  }

  private static String[] tokens(String path) {
    String[] tokens = path.split("/", -1);
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = tokens[i].replace("~1", "/").replace("~0", "~");
    }
    return tokens;
  }

  /** The container that a path ends in, or null. */
  private static Object parent(Map<String, Object> fields, String[] tokens) {
    Object at = fields;
    for (int i = 1; i < tokens.length - 1; i++) {
      Object[] next = get(at, tokens[i]);
      if (next == null) {
        return null;
      }
      at = next[0];
    }
    return at;
  }

  private static Object[] get(Object container, String token) {
    if (container instanceof Map<?, ?> map && map.containsKey(token)) {
      return new Object[] {map.get(token)};
    }
    if (container instanceof List<?> list && token.matches("0|[1-9][0-9]{0,5}")) {
      int index = Integer.parseInt(token);
      return index < list.size() ? new Object[] {list.get(index)} : null;
    }
    return null;
  }

  @SuppressWarnings("unchecked")
  private static Object[] take(Map<String, Object> fields, String path, boolean away) {
    if (path.isEmpty()) {
      return new Object[] {copyOf(fields)};
    }
    String[] tokens = tokens(path);
    String last = tokens[tokens.length - 1];
    Object parent = parent(fields, tokens);
    Object[] found = get(parent, last);
    if (found != null && away) {
      if (parent instanceof List<?> list) {
        list.remove(Integer.parseInt(last));
      } else {
        ((Map<String, Object>) parent).remove(last);
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static boolean set(Map<String, Object> fields, String path, Object value) {
    String[] tokens = tokens(path);
    String last = tokens[tokens.length - 1];
    Object parent = parent(fields, tokens);
    if (parent instanceof List<?> list) {
      ((List<Object>) list).set(Integer.parseInt(last), value);
    } else {
      ((Map<String, Object>) Objects.requireNonNull(parent)).put(last, value);
    }
    return true;
  }

  @SuppressWarnings("unchecked")
  private static boolean put(Map<String, Object> fields, String path, Object value) {
    String[] tokens = tokens(path);
    String last = tokens[tokens.length - 1];
    Object parent = parent(fields, tokens);
    if (parent instanceof Map<?, ?> map) {
      ((Map<String, Object>) map).put(last, value);
      return true;
    }
    if (!(parent instanceof List<?> list)) {
      return false;
    }
    if (!last.equals("-") && !last.matches("0|[1-9][0-9]{0,5}")) {
      return false;
    }
    int index = last.equals("-") ? list.size() : Integer.parseInt(last);
    if (index > list.size()) {
      return false;
    }
    ((List<Object>) list).add(index, value);
    return true;
  }

  /** A copy that shares nothing that can change. */
  static Object copy(Object value) {
    if (value instanceof Map<?, ?> map) {
      return copyOf(map);
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(item -> copy.add(copy(item)));
      return copy;
    }
    return value;
  }

  static Map<String, Object> copyOf(Map<?, ?> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, item) -> copy.put((String) key, copy(item)));
    return copy;
  }
}
