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
 */
public record WalOptions(
    Durability durability, double groupCommitMs, double busyMs, Records records) {
  /** Events that close a group in the event log. */
  static final int GROUP_EVENTS = 200;

  /** Bytes that close a group in the event log. */
  static final int GROUP_BYTES = 256 * 1024;

  /** The most events in one send. */
  static final int BATCH_EVENTS = 1000;

  /** The most bytes in one send; an atomic batch of operations may have more. */
  static final int BATCH_BYTES = 1_000_000;

  /** The window between commits while the Pipeline is down, when the mode itself has none. */
  static final double DEGRADED_COMMIT_MS = 50;

  /** How events are sent: retried long enough for a short fault, and kept in SQLite after that. */
  PipelineEmitterConfig sends(String namespace, @Nullable Pipeline deadLetters) {
    double flushMs = durability == Durability.LOCAL ? 0 : groupCommitMs;
    return PipelineEmitterConfig.of(namespace)
        .withBatches(BATCH_EVENTS, BATCH_BYTES, flushMs)
        .withRetries(3, 1000, true)
        .withDeadLetterQueue(deadLetters);
  }
}
