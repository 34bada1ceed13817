package dev.unifiedstorage.query;

import dev.unifiedstorage.port.JsonKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What has to hold for one value. */
sealed interface Check {
  boolean holds(Value value);

  record Equal(Value literal) implements Check {
    @Override
    public boolean holds(Value value) {
      return value.isEqualTo(literal);
    }
  }

  /** Equal to one of many: those that have a full order are found by halving. */
  final class In implements Check {
    private final List<Value> literals;
    private final List<Object> scalars = new ArrayList<>();
    private final List<Value> trees = new ArrayList<>();

    In(List<Value> literals) {
      this.literals = literals;
      for (Value literal : literals) {
        if (isTree(literal)) {
          trees.add(literal);
        } else {
          scalars.add(uncut(literal));
        }
      }
      Collections.sort(scalars, OrderKey::compare);
    }

    List<Value> literals() {
      return literals;
    }

    @Override
    public boolean holds(Value value) {
      if (value.kind() == JsonKind.ABSENT) {
        return false;
      }
      if (!isTree(value)) {
        return Collections.binarySearch(scalars, uncut(value), OrderKey::compare) >= 0;
      }
      for (Value tree : trees) {
        if (value.isEqualTo(tree)) {
          return true;
        }
      }
      return false;
    }

    private static boolean isTree(Value value) {
      return value.kind() == JsonKind.ARRAY || value.kind() == JsonKind.OBJECT;
    }

    private static Object uncut(Value value) {
      return value.kind() == JsonKind.STRING ? value.string() : OrderKey.of(value);
    }
  }

  /** How two numbers, or two strings by their UTF-16 units, compare. */
  enum Comparison {
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL;

    private boolean holds(int order) {
      return switch (this) {
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
      };
    }

    boolean isUpperBound() {
      return this == LESS || this == LESS_OR_EQUAL;
    }
  }

  record Compare(Comparison comparison, Value literal) implements Check {
    @Override
    public boolean holds(Value value) {
      if (value.kind() != literal.kind()) {
        return false;
      }
      return switch (value.kind()) {
        case NUMBER ->
            comparison.holds(
                value.number() < literal.number() ? -1 : value.number() > literal.number() ? 1 : 0);
        case STRING -> comparison.holds(value.string().compareTo(literal.string()));
        default -> false;
      };
    }
  }

  record Exists(boolean expected) implements Check {
    @Override
    public boolean holds(Value value) {
      return (value.kind() != JsonKind.ABSENT) == expected;
    }
  }

  record StartsWith(String prefix) implements Check {
    @Override
    public boolean holds(Value value) {
      return value.kind() == JsonKind.STRING && value.string().startsWith(prefix);
    }
  }

  /** An element of an array, or a part of a string. */
  record Contains(Value literal) implements Check {
    @Override
    public boolean holds(Value value) {
      if (value.kind() == JsonKind.STRING) {
        return literal.kind() == JsonKind.STRING && value.string().contains(literal.string());
      }
      if (value.kind() != JsonKind.ARRAY) {
        return false;
      }
      int size = value.array().size();
      for (int i = 0; i < size; i++) {
        if (Value.of(value.array(), i).isEqualTo(literal)) {
          return true;
        }
      }
      return false;
    }
  }

  record Not(Check check) implements Check {
    @Override
    public boolean holds(Value value) {
      return !check.holds(value);
    }
  }

  record All(List<Check> checks) implements Check {
    @Override
    public boolean holds(Value value) {
      for (Check check : checks) {
        if (!check.holds(value)) {
          return false;
        }
      }
      return true;
    }
  }
}
