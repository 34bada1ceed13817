package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Pipeline;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link PipelineEmitter}.
 *
 * @param namespace required; goes into every record
 * @param batchSize events that make a batch leave, and the most in one; 1,000 alone
 * @param batchBytes bytes that make a batch leave, and the most in one; a single event or atomic
 *     group may be larger; 1 MiB alone
 * @param flushIntervalMs longest wait for a batch to fill; 0 for none, 60,000 alone
 * @param maxRetries repetitions of a failed send before it counts as undeliverable; 3 alone
 * @param retryDelayMs wait before the first repetition; 1,000 alone
 * @param exponentialBackoff whether each wait is twice the one before, up to {@link
 *     #MAX_RETRY_DELAY_MS}; not alone
 * @param sendTimeoutMs after which a send without an answer counts as failed; 10,000 alone
 * @param maxQueuedEvents the bound of the queue; 10,000 alone
 * @param maxQueuedBytes the bound of the queue; 16 MiB alone
 * @param deadLetterQueue receives what could not be delivered, or null
 */
public record PipelineEmitterConfig(
    String namespace,
    int batchSize,
    int batchBytes,
    double flushIntervalMs,
    int maxRetries,
    double retryDelayMs,
    boolean exponentialBackoff,
    double sendTimeoutMs,
    int maxQueuedEvents,
    double maxQueuedBytes,
    @Nullable Pipeline deadLetterQueue) {

  /** The longest wait between two repetitions. */
  public static final double MAX_RETRY_DELAY_MS = 30_000;

  /**
   * @throws IllegalArgumentException naming an option that is missing or out of its range
   */
  public PipelineEmitterConfig {
    if (namespace == null || namespace.isEmpty()) {
      throw new IllegalArgumentException("namespace is required");
    }
    requirePositive("batchSize", batchSize);
    requirePositive("batchBytes", batchBytes);
    requirePositive("sendTimeoutMs", sendTimeoutMs);
    requirePositive("maxQueuedEvents", maxQueuedEvents);
    requirePositive("maxQueuedBytes", maxQueuedBytes);
    if (!(flushIntervalMs >= 0) || !(retryDelayMs >= 0) || maxRetries < 0) {
      throw new IllegalArgumentException(
          "flushIntervalMs, retryDelayMs and maxRetries must not be negative");
    }
  }

  /** The defaults of an emitter that stands alone, which has no dead-letter queue. */
  public static PipelineEmitterConfig of(String namespace) {
    return new PipelineEmitterConfig(
        namespace,
        1000,
        1024 * 1024,
        60_000,
        3,
        1000,
        false,
        10_000,
        10_000,
        16.0 * 1024 * 1024,
        null);
  }

  /**
   * The same with other batches: their most events, their most bytes, and the longest wait in ms.
   */
  public PipelineEmitterConfig withBatches(int size, int bytes, double intervalMs) {
    return new PipelineEmitterConfig(
        namespace,
        size,
        bytes,
        intervalMs,
        maxRetries,
        retryDelayMs,
        exponentialBackoff,
        sendTimeoutMs,
        maxQueuedEvents,
        maxQueuedBytes,
        deadLetterQueue);
  }

  /** The same with other repetitions: how many, and how far apart in ms. */
  public PipelineEmitterConfig withRetries(int retries, double delayMs, boolean exponential) {
    return new PipelineEmitterConfig(
        namespace,
        batchSize,
        batchBytes,
        flushIntervalMs,
        retries,
        delayMs,
        exponential,
        sendTimeoutMs,
        maxQueuedEvents,
        maxQueuedBytes,
        deadLetterQueue);
  }

  /** The same with another dead-letter queue; null for none. */
  public PipelineEmitterConfig withDeadLetterQueue(@Nullable Pipeline queue) {
    return new PipelineEmitterConfig(
        namespace,
        batchSize,
        batchBytes,
        flushIntervalMs,
        maxRetries,
        retryDelayMs,
        exponentialBackoff,
        sendTimeoutMs,
        maxQueuedEvents,
        maxQueuedBytes,
        queue);
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " must be more than 0, got " + (long) value);
    }
  }
}
