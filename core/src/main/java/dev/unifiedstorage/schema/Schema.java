package dev.unifiedstorage.schema;

import dev.unifiedstorage.query.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One compiled schema: the rules that a value has to meet, all of them.
 *
 * <p>It is filled after it was made, because a {@code $ref} may lead to a schema that contains it.
 */
final class Schema {
  /**
   * A keyword of a schema.
   *
   * @param expected the sentence of an error, or null where the schemas inside say what is wrong
   */
  record Rule(String keyword, @Nullable String expected, Check check) {}

  private final List<Rule> rules = new ArrayList<>();

  /** The schemas that the same value has to meet, or may. */
  private final List<Schema> inPlace = new ArrayList<>();

  private int height;

  void add(String keyword, @Nullable String expected, Check check) {
    rules.add(new Rule(keyword, expected, check));
  }

  Schema within(Schema schema) {
    inPlace.add(schema);
    return schema;
  }

  boolean holds(Value value, Validation validation) {
    if (!validation.step()) {
      return false;
    }
    boolean all = true;
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      if (!rule.check.holds(value, validation)) {
        if (validation.isSettled()) {
          return false;
        }
        all = false;
        if (rule.expected != null) {
          validation.add(rule.keyword, rule.expected);
        }
      }
    }
    return all;
  }

  /**
   * How many schemas one value goes through here, one inside another.
   *
   * @param most what is allowed
   * @return more than that, too, where a schema comes back to itself
   */
  int height(int most) {
    if (height == 0 && most > 0) {
      int highest = 0;
      for (Schema schema : inPlace) {
        highest = Math.max(highest, schema.height(most - 1));
        if (highest > most - 1) {
          return highest + 1;
        }
      }
      height = highest + 1;
    }
    return height == 0 ? 1 : height;
  }
}
