package dev.unifiedstorage.recovery;

/**
 * How far a recovery is.
 *
 * @param phase what it does now
 * @param loaded things or events so far
 * @param total how many there will be, 0 when that is not known
 * @param elapsedMs since the recovery began
 */
public record RecoveryProgress(Phase phase, double loaded, double total, double elapsedMs) {
  /** What is going on; one leads to the next. */
  public enum Phase {
    /** Reading the rows of SQLite. */
    SQLITE,
    /** Reading the archive to learn where epochs begin. */
    ARCHIVE_EPOCHS,
    /** Applying the archive's events. */
    ARCHIVE_EVENTS
  }
}
