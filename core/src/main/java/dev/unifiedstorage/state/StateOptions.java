package dev.unifiedstorage.state;

import java.util.List;
import java.util.function.Consumer;

/**
 * The options of an {@link InMemoryStateManager}.
 *
 * @param maxEntries how many things may be in memory before clean ones are evicted; 0 for no limit
 * @param maxBytes how many estimated bytes they may have; 0 for no limit
 * @param evictByDefault whether a new collection may lose clean entries; a store says false and
 *     allows it once single entries can be read back
 * @param onEvict receives what was evicted, in one call an operation
 */
public record StateOptions(
    int maxEntries, double maxBytes, boolean evictByDefault, Consumer<List<Thing>> onEvict) {

  /** No limits. */
  public static StateOptions unlimited() {
    return new StateOptions(0, 0, true, things -> {});
  }

  /**
   * @throws IllegalArgumentException when a limit is negative
   */
  public StateOptions {
    if (maxEntries < 0 || !(maxBytes >= 0)) {
      throw new IllegalArgumentException(
          (maxEntries < 0 ? "maxEntries" : "maxBytes")
              + " must be 0, for no limit, or more, got "
              + (long) (maxEntries < 0 ? maxEntries : maxBytes));
    }
  }

  StateOptions withMaxBytes(double most) {
    return new StateOptions(maxEntries, most, evictByDefault, onEvict);
  }

  /** These options, with another that is told first of what was evicted. */
  StateOptions alsoEvicting(Consumer<List<Thing>> first) {
    return new StateOptions(maxEntries, maxBytes, evictByDefault, first.andThen(onEvict));
  }

  boolean limited() {
    return maxEntries > 0 || maxBytes > 0;
  }
}
