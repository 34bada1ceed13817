package dev.unifiedstorage.query;

import dev.unifiedstorage.query.OrderKey.Rank;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a filter demands of one field, as far as an order can tell: what matches is inside, not
 * everything inside matches.
 */
final class Bounds {
  /** The one key there can be, or null. */
  private @Nullable Object equal;

  /** The keys there can be, each once, or null when they are not counted up. */
  private @Nullable List<Object> among;

  private @Nullable Object low;
  private @Nullable Object high;

  /** The fields that every match is bound on, in the order of the filter. */
  static Map<String, Bounds> of(Filter filter) {
    Map<String, Bounds> all = new LinkedHashMap<>();
    collect(filter, all);
    return all;
  }

  private static void collect(Filter filter, Map<String, Bounds> all) {
    if (filter instanceof Filter.All every) {
      for (Filter one : every.filters()) {
        collect(one, all);
      }
    } else if (filter instanceof Filter.Test test) {
      Bounds bounds = all.get(test.path().name());
      if (bounds == null) {
        bounds = new Bounds();
      }
      bounds.add(test.check());
      if (bounds.equal != null || bounds.among != null || bounds.isRange()) {
        all.put(test.path().name(), bounds);
      }
    }
  }

  private void add(Check check) {
    if (check instanceof Check.All all) {
      for (Check one : all.checks()) {
        add(one);
      }
    } else if (check instanceof Check.Equal one) {
      equal = OrderKey.of(one.literal());
    } else if (check instanceof Check.Exists exists) {
      if (exists.expected()) {
        between(Rank.NULL, Rank.OBJECT);
      } else {
        equal = Rank.MISSING;
      }
    } else if (check instanceof Check.In in) {
      among = keys(in.literals());
    } else if (check instanceof Check.Compare compare) {
      add(compare);
    } else if (check instanceof Check.StartsWith start) {
      String prefix = OrderKey.cut(start.prefix());
      between(prefix, behind(prefix));
    }
  }

  private void add(Check.Compare compare) {
    Object key = OrderKey.of(compare.literal());
    boolean upper = compare.comparison().isUpperBound();
    if (key instanceof Double) {
      between(
          upper ? (Object) Double.NEGATIVE_INFINITY : key,
          upper ? key : (Object) Double.POSITIVE_INFINITY);
    } else if (key instanceof String) {
      between(upper ? "" : key, upper ? key : Rank.AFTER_STRINGS);
    } else {
      // Only numbers and texts compare: nothing matches.
      between(Rank.OBJECT, Rank.MISSING);
    }
  }

  private void between(Object least, Object most) {
    low = low == null || OrderKey.compare(least, low) > 0 ? least : low;
    high = high == null || OrderKey.compare(most, high) < 0 ? most : high;
  }

  /** What no text with that beginning is behind. */
  private static Object behind(String prefix) {
    int length = prefix.length();
    while (length > 0 && prefix.charAt(length - 1) == Character.MAX_VALUE) {
      length--;
    }
    return length == 0
        ? Rank.AFTER_STRINGS
        : prefix.substring(0, length - 1) + (char) (prefix.charAt(length - 1) + 1);
  }

  private static List<Object> keys(List<Value> literals) {
    List<Object> sorted = new ArrayList<>();
    for (Value literal : literals) {
      sorted.add(OrderKey.of(literal));
    }
    sorted.sort(OrderKey::compare);
    List<Object> once = new ArrayList<>();
    for (Object key : sorted) {
      if (once.isEmpty() || OrderKey.compare(once.get(once.size() - 1), key) != 0) {
        once.add(key);
      }
    }
    return once;
  }

  /** The one key that what matches has, or null when it can have others. */
  @Nullable Object equal() {
    return equal;
  }

  boolean isRange() {
    return low != null;
  }

  /** The keys that what matches can have, when they are counted up, or null. */
  @Nullable List<Object> among() {
    return among;
  }

  @Nullable Object low() {
    return low;
  }

  @Nullable Object high() {
    return high;
  }
}
