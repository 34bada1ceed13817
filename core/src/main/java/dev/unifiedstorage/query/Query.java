package dev.unifiedstorage.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question about the things of a type, checked and compiled.
 *
 * @param filter what has to hold
 * @param orderBy the order asked for; ties, and an empty one, go by {@code $id}
 * @param limit the most things on the page; 0 for a count, which shows none
 * @param cursor where the page before ended, or null
 * @param select the own fields to show, or null for all
 * @param explain whether the reply says how it was found
 * @param binding what a cursor recognises the query by; null for a count
 */
public record Query(
    String type,
    Filter filter,
    List<Order> orderBy,
    int limit,
    @Nullable Cursor cursor,
    @Nullable List<String> select,
    boolean explain,
    @Nullable String binding) {

  /** Whether only the number of things is asked for. */
  public boolean isCount() {
    return limit == 0;
  }

  boolean isUnfiltered() {
    return filter instanceof Filter.All all && all.filters().isEmpty();
  }
}
