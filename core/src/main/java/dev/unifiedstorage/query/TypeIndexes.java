package dev.unifiedstorage.query;

import dev.unifiedstorage.state.CollectionListener;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The indexes of one type, those that are being built too: they change when the type's things do.
 */
final class TypeIndexes implements CollectionListener {
  private final List<Index> indexes = new ArrayList<>();
  private final Upcasts upcasts;
  private final Runnable whenCleared;

  /**
   * @param whenCleared the state has forgotten everything, and so have these
   */
  TypeIndexes(Upcasts upcasts, Runnable whenCleared) {
    this.upcasts = upcasts;
    this.whenCleared = whenCleared;
  }

  void add(Index index) {
    indexes.add(index);
  }

  void remove(Index index) {
    indexes.remove(index);
  }

  /** The index over these fields, complete or not; null when no query has asked for it. */
  @Nullable Index of(IndexDefinition definition) {
    for (Index index : indexes) {
      if (index.definition() == definition) {
        return index;
      }
    }
    return null;
  }

  double bytes() {
    double bytes = 0;
    for (Index index : indexes) {
      bytes += index.bytes();
    }
    return bytes;
  }

  @Override
  public void changed(@Nullable Thing older, @Nullable Thing newer) {
    Candidate before = older == null ? null : new Candidate(older, upcasts);
    Candidate after = newer == null ? null : new Candidate(newer, upcasts);
    try {
      for (Index index : indexes) {
        index.changed(before, after);
      }
    } catch (IllegalStateException e) {
      Thing changed = newer == null ? Objects.requireNonNull(older) : newer;
      if (!upcasts.isBlamed(changed.type(), e)) {
        throw e;
      }
      // They are built anew when a query wants them; the change itself must not break.
      cleared();
    }
  }

  @Override
  public void moved(Thing thing) {
    Candidate candidate = null;
    for (Index index : indexes) {
      if (!index.isComplete()) {
        candidate = candidate == null ? new Candidate(thing, upcasts) : candidate;
        index.found(candidate);
      }
    }
  }

  @Override
  public void cleared() {
    indexes.clear();
    whenCleared.run();
  }
}
