package dev.unifiedstorage.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an index answers a query: which stretches of it, and whether they come in the query's order.
 *
 * @param definition null when no index fits, and all things have to be looked at
 * @param ranges everything that matches is in one of them
 * @param ordered whether each range has the query's order, so that a page can end early
 * @param descending which levels of the index go down then
 */
record Plan(
    @Nullable IndexDefinition definition,
    List<Range> ranges,
    boolean ordered,
    boolean @Nullable [] descending) {
  static final Plan SCAN = new Plan(null, List.of(), false, null);

  private static final String ID = "$id";

  /**
   * The plan by the best of some indexes: the more equal fields the better, then a range or a list,
   * then the order; of equals the first.
   */
  static Plan of(Query query, List<IndexDefinition> definitions) {
    if (definitions.isEmpty()) {
      return SCAN;
    }
    Map<String, Bounds> bounds = Bounds.of(query.filter());
    Plan best = SCAN;
    int bestScore = 0;
    for (IndexDefinition definition : definitions) {
      int equal = equalLevels(definition, bounds);
      Bounds next = equal < definition.levels() ? bounds.get(definition.name(equal)) : null;
      Plan plan = of(query, definition, bounds, equal, next);
      int score = 4 * equal + (next == null ? 0 : 2) + (plan.ordered ? 1 : 0);
      if (score > bestScore) {
        best = plan;
        bestScore = score;
      }
    }
    return best;
  }

  private static int equalLevels(IndexDefinition definition, Map<String, Bounds> bounds) {
    int level = 0;
    while (level < definition.levels()) {
      Bounds bound = bounds.get(definition.name(level));
      if (bound == null || bound.equal() == null) {
        break;
      }
      level++;
    }
    return level;
  }

  private static Plan of(
      Query query,
      IndexDefinition definition,
      Map<String, Bounds> bounds,
      int equal,
      @Nullable Bounds next) {
    Object[] prefix = new Object[equal];
    for (int level = 0; level < equal; level++) {
      prefix[level] = Objects.requireNonNull(bounds.get(definition.name(level))).equal();
    }
    List<Range> ranges = new ArrayList<>();
    int orderedFrom = equal;
    if (next != null && next.among() != null) {
      for (Object key : next.among()) {
        Object[] longer = new Object[equal + 1];
        System.arraycopy(prefix, 0, longer, 0, equal);
        longer[equal] = key;
        ranges.add(new Range(longer, null, null));
      }
      orderedFrom++;
    } else if (next != null) {
      ranges.add(new Range(prefix, next.low(), next.high()));
    } else {
      ranges.add(new Range(prefix, null, null));
    }
    boolean[] descending =
        query.isCount() ? null : directions(query, definition, bounds, orderedFrom);
    return new Plan(definition, ranges, descending != null, descending);
  }

  /** Which levels go down when the levels from one on are the query's order; null when not. */
  private static boolean @Nullable [] directions(
      Query query, IndexDefinition definition, Map<String, Bounds> bounds, int from) {
    boolean[] descending = new boolean[definition.levels()];
    int level = from;
    boolean byId = false;
    for (Order order : query.orderBy()) {
      String name = order.path().name();
      Bounds bound = bounds.get(name);
      if (bound != null && bound.equal() != null) {
        // It is the same for all that match.
        continue;
      }
      if (level == definition.levels() || !definition.name(level).equals(name)) {
        return null;
      }
      byId = name.equals(ID);
      descending[level++] = order.descending();
    }
    // Ties go by the id, upwards; when the id itself is given there are none.
    boolean complete = level == definition.levels();
    boolean idIsNext = level == definition.levels() - 1;
    return byId || idIsNext || (complete && from == level) ? descending : null;
  }

  /** The keys on all levels behind which the rest of a range comes, or null without a cursor. */
  Object @Nullable [] after(Query query, Range range) {
    if (query.cursor() == null) {
      return null;
    }
    IndexDefinition index = Objects.requireNonNull(definition);
    Object[] keys = new Object[index.levels()];
    System.arraycopy(range.prefix(), 0, keys, 0, range.prefix().length);
    for (int level = range.prefix().length; level < keys.length - 1; level++) {
      for (int i = 0; i < query.orderBy().size(); i++) {
        if (query.orderBy().get(i).path().name().equals(index.name(level))) {
          keys[level] = query.cursor().keys()[i];
        }
      }
    }
    if (range.prefix().length < keys.length) {
      keys[keys.length - 1] = query.cursor().id();
    }
    return keys;
  }

  /** An index by which a query would have less to look at, or null when none helps. */
  static @Nullable List<String> helpful(Query query) {
    List<String> names = new ArrayList<>();
    String bounded = null;
    for (Map.Entry<String, Bounds> entry : Bounds.of(query.filter()).entrySet()) {
      if (entry.getValue().equal() != null) {
        names.add(entry.getKey());
      } else if (bounded == null) {
        bounded = entry.getKey();
      }
    }
    if (bounded != null) {
      names.add(bounded);
    } else {
      for (Order order : query.orderBy()) {
        if (!names.contains(order.path().name())) {
          names.add(order.path().name());
        }
      }
    }
    if (names.isEmpty() && query.isUnfiltered()) {
      names.add(ID);
    }
    return names.isEmpty() ? null : names;
  }
}
