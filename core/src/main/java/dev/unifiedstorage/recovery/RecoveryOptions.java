package dev.unifiedstorage.recovery;

import java.util.function.Consumer;

/**
 * The options of a {@link ColdStartRecovery}.
 *
 * @param namespace whose events are looked for in the archive
 * @param timeoutMs without progress, after which a recovery from the archive fails
 * @param onProgress called now and then while one runs
 */
public record RecoveryOptions(
    String namespace, double timeoutMs, Consumer<RecoveryProgress> onProgress) {

  /** How much earlier than a checkpoint, by default, the archive is looked at for what follows. */
  public static final double ARCHIVE_SLACK_MS = 900_000;

  /**
   * @throws IllegalArgumentException when the namespace is empty, or the timeout not more than 0
   */
  public RecoveryOptions {
    if (namespace == null || namespace.isEmpty() || !(timeoutMs > 0)) {
      throw new IllegalArgumentException(
          "namespace is required, and timeoutMs must be more than 0, it is " + (long) timeoutMs);
    }
  }
}
