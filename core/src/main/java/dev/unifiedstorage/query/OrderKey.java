package dev.unifiedstorage.query;

import org.jspecify.annotations.Nullable;

/**
 * What of a value decides its place in an order: a {@link Double}, a {@link String} of at most
 * {@value #STRING_UNITS} UTF-16 units, or a {@link Rank} where the type alone does.
 *
 * <p>Plain objects, because an index holds one for each thing and field.
 */
final class OrderKey {
  static final int STRING_UNITS = 256;

  /** The order over types. */
  enum Rank {
    MISSING,
    NULL,
    FALSE,
    TRUE,
    NUMBER,
    STRING,
    /** No value's: where the strings end. */
    AFTER_STRINGS,
    ARRAY,
    OBJECT
  }

  private static final Rank[] RANKS = Rank.values();

  private OrderKey() {}

  static Object of(Value value) {
    return switch (value.kind()) {
      case ABSENT -> Rank.MISSING;
      case NULL -> Rank.NULL;
      case BOOLEAN -> value.number() == 0 ? Rank.FALSE : Rank.TRUE;
      // Minus zero is zero to JSON, and Double tells them apart.
      case NUMBER -> value.number() == 0 ? (Object) 0.0 : (Object) value.number();
      case STRING -> cut(value.string());
      case ARRAY -> Rank.ARRAY;
      case OBJECT -> Rank.OBJECT;
    };
  }

  static String cut(String string) {
    return string.length() > STRING_UNITS ? string.substring(0, STRING_UNITS) : string;
  }

  static int compare(Object one, Object other) {
    if (one instanceof String string && other instanceof String otherString) {
      return string.compareTo(otherString);
    }
    if (one instanceof Double number && other instanceof Double otherNumber) {
      double a = number;
      double b = otherNumber;
      return a < b ? -1 : a > b ? 1 : 0;
    }
    return rank(one) - rank(other);
  }

  private static int rank(Object key) {
    if (key instanceof Rank rank) {
      return rank.ordinal();
    }
    return (key instanceof String ? Rank.STRING : Rank.NUMBER).ordinal();
  }

  /** The rank of that number, or null when it is no value's. */
  static @Nullable Rank rankOf(double ordinal) {
    for (Rank rank : RANKS) {
      if (rank.ordinal() == ordinal
          && rank != Rank.NUMBER
          && rank != Rank.STRING
          && rank != Rank.AFTER_STRINGS) {
        return rank;
      }
    }
    return null;
  }
}
