package dev.unifiedstorage.simulation;

/**
 * One thing that happens in a world.
 *
 * <p>Everything random about it comes from its own seed, so that leaving one step out of a plan
 * changes the others as little as can be.
 *
 * @param fault what goes wrong, when that is the action; null otherwise
 */
record Step(Action action, Fault fault, long seed) {
  /** What kind of thing happens. */
  enum Action {
    REQUEST,
    /** Many requests within one event. */
    BURST,
    /** More requests within one event than a store keeps while it starts. */
    CROWD,
    /** Time passes, milliseconds. */
    SHORT_WAIT,
    /** Time passes, seconds to minutes. */
    LONG_WAIT,
    /** Somebody asks what things were. */
    PAST,
    CHECKPOINT,
    REBUILD,
    FAULT
  }

  @Override
  public String toString() {
    return fault == null ? action.name() : fault.name();
  }
}
