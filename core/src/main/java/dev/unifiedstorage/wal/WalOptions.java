package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Pipeline;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link WriteAheadLog} makes writes durable.
 *
 * @param groupCommitMs longest wait that gathers writes into one commit or send
 * @param busyMs a checkpoint this soon after a write leaves the object open, because the next write
 *     would only have to open it again
 * @param records what a send consists of
 * @param sendEvents the most events in one send; what stands or falls together may be more
 */
public record WalOptions(
    Durability durability, double groupCommitMs, double busyMs, Records records, int sendEvents) {
  /** The most events in one send, where nothing else is said. */
  public static final int SEND_EVENTS = 1000;

  /** Events that close a group in the event log. */
  static final int GROUP_EVENTS = 200;

  /** Bytes that close a group in the event log. */
  static final int GROUP_BYTES = 256 * 1024;

  /** The most bytes in one send; what stands or falls together may have more. */
  static final int SEND_BYTES = 1_000_000;

  /** The window between commits while the Pipeline is down, when the mode itself has none. */
  static final double DEGRADED_COMMIT_MS = 50;

  /** How events are sent: retried long enough for a short fault, and kept in SQLite after that. */
  PipelineEmitterConfig sends(String namespace, @Nullable Pipeline deadLetters) {
    double flushMs = durability == Durability.LOCAL ? 0 : groupCommitMs;
    return PipelineEmitterConfig.of(namespace)
        .withBatches(sendEvents, SEND_BYTES, flushMs)
        .withRetries(3, 1000, true)
        .withDeadLetterQueue(deadLetters);
  }
}
