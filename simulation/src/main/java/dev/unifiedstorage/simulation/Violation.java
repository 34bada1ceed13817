package dev.unifiedstorage.simulation;

/**
 * An invariant that did not hold.
 *
 * <p>An error, not an exception: the store catches exceptions, and must not catch this.
 */
final class Violation extends Error {
  private final String invariant;

  Violation(String invariant, String message) {
    super(invariant + ": " + message);
    this.invariant = invariant;
  }

  /** A check that fell over what it read: {@code cause} says where. */
  Violation(RuntimeException cause) {
    this("a checker understands what it reads", cause + " at " + cause.getStackTrace()[0]);
    initCause(cause);
  }

  /** The invariant's name: two failures with the same one count as the same failure. */
  String invariant() {
    return invariant;
  }
}
