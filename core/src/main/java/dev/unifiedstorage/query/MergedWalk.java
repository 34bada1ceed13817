package dev.unifiedstorage.query;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The entries of several ranges, each in the query's order, as one. */
final class MergedWalk implements Entries {
  private final List<IndexWalk> walks;
  private final IndexEntry[] heads;
  private final boolean[] descending;

  /** The first level that the order is about. */
  private final int from;

  MergedWalk(List<IndexWalk> walks, Plan plan) {
    this.walks = walks;
    this.descending = Objects.requireNonNull(plan.descending());
    this.from = plan.ranges().isEmpty() ? 0 : plan.ranges().get(0).prefix().length;
    this.heads = new IndexEntry[walks.size()];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = walks.get(i).next();
    }
  }

  @Override
  public @Nullable IndexEntry next() {
    int best = -1;
    for (int i = 0; i < heads.length; i++) {
      if (heads[i] != null && (best < 0 || compare(heads[i], heads[best]) < 0)) {
        best = i;
      }
    }
    if (best < 0) {
      return null;
    }
    IndexEntry entry = heads[best];
    heads[best] = walks.get(best).next();
    return entry;
  }

  private int compare(IndexEntry one, IndexEntry other) {
    for (int level = from; level < descending.length; level++) {
      int order = OrderKey.compare(one.key(level), other.key(level));
      if (order != 0) {
        return descending[level] ? -order : order;
      }
    }
    return 0;
  }
}
