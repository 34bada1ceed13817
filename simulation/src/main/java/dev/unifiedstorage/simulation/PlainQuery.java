package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a query means, written down a second time: it filters and sorts everything there is.
 *
 * <p>Values are what {@link Texts} parses into: maps, lists, numbers, strings, booleans and null.
 * It shares nothing with the core, so that the two can be held against each other.
 */
final class PlainQuery {
  private static final Set<String> SYSTEM =
      Set.of("$id", "$type", "$version", "$createdAt", "$updatedAt", "$expiresAt");

  private static final Object MISSING = new Object();

  private PlainQuery() {}

  /** The things of a type that match, in order; {@code where} and {@code orderBy} may be null. */
  static List<Map<String, Object>> all(
      Collection<? extends Map<String, Object>> things,
      String type,
      Map<String, Object> where,
      List<String> orderBy) {
    List<Map<String, Object>> found = new ArrayList<>();
    for (Map<String, Object> thing : things) {
      if (thing.get("$type").equals(type) && (where == null || matches(thing, where))) {
        found.add(thing);
      }
    }
    found.sort(order(orderBy == null ? List.of() : orderBy));
    return found;
  }

  /** A thing with the system fields and those of the named ones that it has. */
  static Map<String, Object> selected(Map<String, Object> thing, List<String> select) {
    Map<String, Object> shown = new LinkedHashMap<>(thing);
    shown.keySet().removeIf(name -> !SYSTEM.contains(name) && !select.contains(name));
    return shown;
  }

  static Comparator<Map<String, Object>> order(List<String> orderBy) {
    return (one, other) -> {
      for (String step : orderBy) {
        boolean down = step.startsWith("-");
        String path = down ? step.substring(1) : step;
        int order = compare(at(one, path), at(other, path));
        if (order != 0 || path.equals("$id")) {
          // No two have the same id: what follows decides nothing.
          return down ? -order : order;
        }
      }
      return ((String) one.get("$id")).compareTo((String) other.get("$id"));
    };
  }

  static boolean matches(Map<String, Object> thing, Map<String, Object> where) {
    return where.entrySet().stream()
        .allMatch(
            entry ->
                switch (entry.getKey()) {
                  case "$and" -> wheres(entry).stream().allMatch(one -> matches(thing, one));
                  case "$or" -> wheres(entry).stream().anyMatch(one -> matches(thing, one));
                  case "$not" -> !matches(thing, map(entry.getValue()));
                  default -> holds(at(thing, entry.getKey()), entry.getValue());
                });
  }

  private static List<Map<String, Object>> wheres(Map.Entry<String, Object> entry) {
    return ((List<?>) entry.getValue()).stream().map(PlainQuery::map).toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static boolean holds(Object value, Object expected) {
    boolean operators =
        expected instanceof Map<?, ?> map
            && !map.isEmpty()
            && map.keySet().stream().allMatch(key -> ((String) key).startsWith("$"));
    if (!operators) {
      return same(value, expected);
    }
    return map(expected).entrySet().stream()
        .allMatch(operator -> holds(value, operator.getKey(), operator.getValue()));
  }

  private static boolean holds(Object value, String operator, Object operand) {
    return switch (operator) {
      case "$eq" -> same(value, operand);
      case "$ne" -> !same(value, operand);
      case "$gt" -> areComparable(value, operand) && compareWhole(value, operand) > 0;
      case "$gte" -> areComparable(value, operand) && compareWhole(value, operand) >= 0;
      case "$lt" -> areComparable(value, operand) && compareWhole(value, operand) < 0;
      case "$lte" -> areComparable(value, operand) && compareWhole(value, operand) <= 0;
      case "$in" -> ((List<?>) operand).stream().anyMatch(one -> same(value, one));
      case "$nin" -> ((List<?>) operand).stream().noneMatch(one -> same(value, one));
      case "$exists" -> (value != MISSING) == (Boolean) operand;
      case "$startsWith" -> value instanceof String text && text.startsWith((String) operand);
      case "$contains" ->
          value instanceof String text
              ? operand instanceof String part && text.contains(part)
              : value instanceof List<?> list && list.stream().anyMatch(one -> same(one, operand));
      case "$not" -> !holds(value, operand);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static Object at(Map<String, Object> thing, String path) {
    if (thing.containsKey(path)) {
      return thing.get(path);
    }
    Object value = thing;
    for (String step : path.split("\\.", -1)) {
      if (value instanceof Map<?, ?> map && map.containsKey(step)) {
        value = map.get(step);
      } else if (value instanceof List<?> list
          && step.matches("0|[1-9][0-9]{0,8}")
          && Integer.parseInt(step) < list.size()) {
        value = list.get(Integer.parseInt(step));
      } else {
        return MISSING;
      }
    }
    return value;
  }

  private static boolean same(Object one, Object other) {
    if (one == MISSING || other == MISSING) {
      return false;
    }
    if (one instanceof Number a && other instanceof Number b) {
      return a.doubleValue() == b.doubleValue();
    }
    if (one instanceof List<?> a && other instanceof List<?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!same(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
      Map<?, ?> left = new HashMap<>(b);
      for (Map.Entry<?, ?> entry : a.entrySet()) {
        if (!left.containsKey(entry.getKey())
            || !same(entry.getValue(), left.remove(entry.getKey()))) {
          return false;
        }
      }
      return left.isEmpty();
    }
    return one == null ? other == null : one.equals(other);
  }

  private static boolean areComparable(Object one, Object other) {
    return (one instanceof Number && other instanceof Number)
        || (one instanceof String && other instanceof String);
  }

  private static int compareWhole(Object one, Object other) {
    return one instanceof String text
        ? text.compareTo((String) other)
        : numbers((Number) one, (Number) other);
  }

  private static int numbers(Number one, Number other) {
    // Minus zero is zero.
    return Double.compare(one.doubleValue() + 0.0, other.doubleValue() + 0.0);
  }

  private static int compare(Object one, Object other) {
    int order = rank(one) - rank(other);
    if (order != 0) {
      return order;
    }
    if (one instanceof Number number) {
      return numbers(number, (Number) other);
    }
    return one instanceof String text ? beginning(text).compareTo(beginning((String) other)) : 0;
  }

  private static String beginning(String text) {
    return text.substring(0, Math.min(256, text.length()));
  }

  private static int rank(Object value) {
    if (value == MISSING) {
      return 0;
    } else if (value == null) {
      return 1;
    } else if (value instanceof Boolean bool) {
      return bool ? 3 : 2;
    } else if (value instanceof Number) {
      return 4;
    } else if (value instanceof String) {
      return 5;
    }
    return value instanceof List ? 6 : 7;
  }
}
