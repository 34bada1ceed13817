package dev.unifiedstorage.query;

import dev.unifiedstorage.query.SortedEntries.Place;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of an index: equal keys on the first levels, then keys between two bounds.
 *
 * <p>Bounds are inside: what is wrongly in it is found out by the filter, which every thing has to
 * pass. A key of a long text is its beginning, so an exclusive bound would leave things out.
 *
 * @param low null for no bound, as {@code high}
 */
record Range(Object[] prefix, @Nullable Object low, @Nullable Object high) {
  Place low(SortedEntries entries) {
    return low == null
        ? entries.before(prefix, prefix.length)
        : entries.before(with(low), prefix.length + 1);
  }

  Place high(SortedEntries entries) {
    return high == null
        ? entries.behind(prefix, prefix.length)
        : entries.behind(with(high), prefix.length + 1);
  }

  private Object[] with(Object bound) {
    Object[] keys = new Object[prefix.length + 1];
    System.arraycopy(prefix, 0, keys, 0, prefix.length);
    keys[prefix.length] = bound;
    return keys;
  }
}
