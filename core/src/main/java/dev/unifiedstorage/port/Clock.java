package dev.unifiedstorage.port;

/**
 * The wall clock.
 *
 * <p>It may stand still between two I/O events and may jump back: nothing in the core orders events
 * by it. It exists because users want to see when something happened.
 */
public interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, a whole number. */
  double nowMs();

  /**
   * The same instant as ISO 8601 in UTC with milliseconds, as {@code Date.toISOString()} has it.
   */
  String iso(double epochMs);
}
