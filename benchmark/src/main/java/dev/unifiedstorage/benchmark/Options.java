package dev.unifiedstorage.benchmark;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The options of one measurement, {@code --name value} each, checked against the names it knows.
 *
 * <p>A flag takes no value. An unknown name is an error: a misspelt option would otherwise measure
 * something else than what was asked for.
 */
record Options(Map<String, String> values) {
  static Options parse(List<String> args, Set<String> names, Set<String> flags) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < args.size(); i++) {
      String name = args.get(i).startsWith("--") ? args.get(i).substring(2) : "";
      if (flags.contains(name)) {
        values.put(name, "true");
      } else if (names.contains(name) && i + 1 < args.size()) {
        values.put(name, args.get(++i));
      } else {
        throw new IllegalArgumentException("unknown or incomplete option: " + args.get(i));
      }
    }
    return new Options(values);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    String value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, like a number that is not positive
    }
    throw new IllegalArgumentException("--" + name + " must be a positive number: " + value);
  }

  Path path(String name, String otherwise) {
    return Path.of(text(name, otherwise));
  }

  boolean flag(String name) {
    return values.containsKey(name);
  }
}
