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
    this("a checker understands what it reads", told(cause));
    initCause(cause);
  }

  /** An exception and where it comes from; one that is thrown often enough has no trace. */
  static String told(RuntimeException cause) {
    StackTraceElement[] trace = cause.getStackTrace();
    return trace.length == 0 ? cause.toString() : cause + " at " + trace[0];
  }

  /** The invariant's name: two failures with the same one count as the same failure. */
  String invariant() {
    return invariant;
  }
}
