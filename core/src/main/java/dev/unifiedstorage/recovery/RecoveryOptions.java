package dev.unifiedstorage.recovery;

import java.util.function.Consumer;

/**
 * The options of a {@link ColdStartRecovery}.
 *
 * @param namespace whose events are looked for in the archive
 * @param timeoutMs without progress, after which a recovery from the archive fails
 * @param archiveSlackMs how far the clocks of the object and of the Pipeline may differ before more
 *     of the archive is looked at than what came since the last checkpoint; 900,000 by default
 * @param onProgress called now and then while one runs
 */
public record RecoveryOptions(
    String namespace,
    double timeoutMs,
    double archiveSlackMs,
    Consumer<RecoveryProgress> onProgress) {

  /** How far clocks may differ by default. */
  public static final double ARCHIVE_SLACK_MS = 900_000;

  /**
   * With the default slack.
   *
   * @throws IllegalArgumentException when the namespace is empty, or the timeout not more than 0
   */
  public RecoveryOptions(
      String namespace, double timeoutMs, Consumer<RecoveryProgress> onProgress) {
    this(namespace, timeoutMs, ARCHIVE_SLACK_MS, onProgress);
  }

  /** The same for the log of another namespace. */
  RecoveryOptions of(String other) {
    return new RecoveryOptions(other, timeoutMs, archiveSlackMs, onProgress);
  }

  /**
   * @throws IllegalArgumentException when the namespace is empty, or the timeout not more than 0
   */
  public RecoveryOptions {
    if (namespace == null || namespace.isEmpty()) {
      throw new IllegalArgumentException("namespace must be a text, got nothing");
    }
    if (!(timeoutMs > 0)) {
      throw new IllegalArgumentException("timeoutMs must be more than 0, got " + (long) timeoutMs);
    }
  }
}
