package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Layout;
import java.util.function.Consumer;

/**
 * The options of a {@link LazyCheckpointer}.
 *
 * @param intervalMs between timer checkpoints while something is dirty; 10,000 alone
 * @param dirtyCountThreshold dirty entries that trigger one, at most once a second; 100 alone
 * @param memoryThresholdBytes dirty bytes that trigger one at once; 10 MiB alone
 * @param columnarThreshold collections with fewer things are one row; 50 alone
 * @param largeCollections the layout of the others: packed or normalized, which they are alone
 * @param alarmDelayMs how long after something became dirty the platform's alarm rings, as a net
 *     for lost timers; 0 for no alarm
 * @param onCheckpoint receives what each checkpoint did
 * @param onError receives why one failed; what was dirty still is
 */
public record LazyCheckpointerOptions(
    double intervalMs,
    int dirtyCountThreshold,
    double memoryThresholdBytes,
    int columnarThreshold,
    Layout largeCollections,
    double alarmDelayMs,
    Consumer<CheckpointStats> onCheckpoint,
    Consumer<RuntimeException> onError) {

  /**
   * @throws IllegalArgumentException naming an option that is out of its range
   */
  public LazyCheckpointerOptions {
    if (!(intervalMs > 0) || dirtyCountThreshold < 1 || !(memoryThresholdBytes > 0)) {
      throw new IllegalArgumentException(
          "intervalMs, dirtyCountThreshold and memoryThresholdBytes must be more than 0");
    }
    if (columnarThreshold < 0 || largeCollections == Layout.COLUMNAR || !(alarmDelayMs >= 0)) {
      throw new IllegalArgumentException(
          "columnarThreshold and alarmDelayMs must not be negative, and large collections are"
              + " packed or normalized");
    }
  }

  /** The defaults of a stand-alone checkpointer. */
  public static LazyCheckpointerOptions defaults() {
    return new LazyCheckpointerOptions(
        10_000, 100, 10 * 1024 * 1024, 50, Layout.NORMALIZED, 0, stats -> {}, error -> {});
  }
}
