package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** From a request's {@code where} to a {@link Filter}, within its limits; used once. */
final class WhereReader {
  static final int KEYS = 64;
  static final int DEPTH = 8;
  static final int IN_LITERALS = 1000;

  private static final String WHERE = "where";

  private final Json json;

  private int keys;

  WhereReader(Json json) {
    this.json = json;
  }

  /**
   * Compiles one {@code where}.
   *
   * @param at how the sentence of an error calls its place
   */
  Filter read(JsonObject where, String at, int depth) {
    checkDepth(at, depth);
    List<Filter> filters = new ArrayList<>();
    for (String key : where.keys()) {
      count(at);
      String place = at + "." + key;
      switch (key) {
        case "$and" -> filters.addAll(list(where, key, place, depth));
        case "$or" -> filters.add(new Filter.Any(list(where, key, place, depth)));
        case "$not" -> {
          if (where.kind(key) != JsonKind.OBJECT) {
            throw wrong(place, "a where, an object", Value.of(where, key));
          }
          filters.add(new Filter.Not(read(where.object(key), place, depth + 1)));
        }
        default -> filters.add(test(where, key, place, depth));
      }
    }
    return filters.size() == 1 ? filters.get(0) : new Filter.All(filters);
  }

  private List<Filter> list(JsonObject where, String key, String at, int depth) {
    if (where.kind(key) != JsonKind.ARRAY) {
      throw wrong(at, "an array of wheres", Value.of(where, key));
    }
    JsonArray array = where.array(key);
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      String place = at + "[" + i + "]";
      if (array.kind(i) != JsonKind.OBJECT) {
        throw wrong(place, "a where, an object", Value.of(array, i));
      }
      if (array.object(i).keys().isEmpty()) {
        // It has no key of its own, and lists of such must end too.
        count(at);
      }
      filters.add(read(array.object(i), place, depth + 1));
    }
    return filters;
  }

  private Filter test(JsonObject where, String key, String at, int depth) {
    Path path = Path.of(key);
    if (path == null) {
      throw unknown(at, key);
    }
    if (where.kind(key) != JsonKind.OBJECT || !areOperators(where.object(key), at)) {
      return new Filter.Test(path, new Check.Equal(Value.of(where, key)));
    }
    return new Filter.Test(path, checks(where.object(key), at, depth + 1));
  }

  /** Whether an object is operators and no literal. */
  private static boolean areOperators(JsonObject object, String at) {
    List<String> names = object.keys();
    int operators = 0;
    for (String name : names) {
      operators += name.startsWith("$") ? 1 : 0;
    }
    if (operators > 0 && operators < names.size()) {
      throw new QueryException(
          WHERE, at + " must be either operators, which begin with $, or a literal, got both");
    }
    return operators > 0;
  }

  private Check checks(JsonObject operators, String at, int depth) {
    checkDepth(at, depth);
    List<Check> checks = new ArrayList<>();
    for (String name : operators.keys()) {
      count(at);
      checks.add(check(operators, name, at + "." + name, depth));
    }
    return checks.size() == 1 ? checks.get(0) : new Check.All(checks);
  }

  private Check check(JsonObject operators, String name, String at, int depth) {
    return switch (name) {
      case "$eq" -> new Check.Equal(Value.of(operators, name));
      case "$ne" -> new Check.Not(new Check.Equal(Value.of(operators, name)));
      case "$gt" -> compare(Check.Comparison.GREATER, operators, name);
      case "$gte" -> compare(Check.Comparison.GREATER_OR_EQUAL, operators, name);
      case "$lt" -> compare(Check.Comparison.LESS, operators, name);
      case "$lte" -> compare(Check.Comparison.LESS_OR_EQUAL, operators, name);
      case "$in" -> in(operators, name, at);
      case "$nin" -> new Check.Not(in(operators, name, at));
      case "$exists" -> {
        if (operators.kind(name) != JsonKind.BOOLEAN) {
          throw wrong(at, "true or false", Value.of(operators, name));
        }
        yield new Check.Exists(operators.bool(name));
      }
      case "$startsWith" -> {
        if (operators.kind(name) != JsonKind.STRING) {
          throw wrong(at, "a string", Value.of(operators, name));
        }
        yield new Check.StartsWith(operators.string(name));
      }
      case "$contains" -> new Check.Contains(Value.of(operators, name));
      case "$not" -> {
        if (operators.kind(name) != JsonKind.OBJECT || !areOperators(operators.object(name), at)) {
          throw wrong(at, "an object of operators", Value.of(operators, name));
        }
        yield new Check.Not(checks(operators.object(name), at, depth + 1));
      }
      default -> throw unknown(at, name);
    };
  }

  private static Check compare(Check.Comparison comparison, JsonObject operators, String name) {
    return new Check.Compare(comparison, Value.of(operators, name));
  }

  private Check.In in(JsonObject operators, String name, String at) {
    if (operators.kind(name) != JsonKind.ARRAY) {
      throw wrong(at, "an array of literals", Value.of(operators, name));
    }
    JsonArray array = operators.array(name);
    if (array.size() > IN_LITERALS) {
      throw new QueryException(
          WHERE, at + " must be at most " + IN_LITERALS + " literals, got " + array.size());
    }
    List<Value> literals = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      literals.add(Value.of(array, i));
    }
    return new Check.In(literals);
  }

  private void count(String at) {
    if (++keys > KEYS) {
      throw new QueryException(
          WHERE, "where must have at most " + KEYS + " keys and operators, got more at " + at);
    }
  }

  private static void checkDepth(String at, int depth) {
    if (depth > DEPTH) {
      throw new QueryException(
          WHERE, "where must have at most " + DEPTH + " levels, got more at " + at);
    }
  }

  private static QueryException unknown(String at, String name) {
    return new QueryException(WHERE, at + " must be a field or a known operator, got " + name);
  }

  private QueryException wrong(String at, String must, Value value) {
    return new QueryException(WHERE, Mismatch.of(at, must, value, json));
  }
}
