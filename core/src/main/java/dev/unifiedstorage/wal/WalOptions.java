package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Timers;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link WriteAheadLog} makes writes durable.
 *
 * @param gathering how long writes wait for one another
 * @param busyMs a checkpoint this soon after a write leaves the object open, because the next write
 *     would only have to open it again
 * @param records what a send consists of
 * @param sendEvents the most events in one send; what stands or falls together may be more
 */
public record WalOptions(
    Durability durability, Gathering gathering, double busyMs, Records records, int sendEvents) {
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

  /** The time behind a send in which events gather: none where SQLite has them already. */
  SendWindow sendWindow(Timers timers, Clock clock) {
    return durability == Durability.LOCAL
        ? SendWindow.none(timers, clock)
        : gathering.sendWindow(timers, clock);
  }

  /** How events are sent: retried long enough for a short fault, and kept in SQLite after that. */
  PipelineEmitterConfig sends(String namespace, @Nullable Pipeline deadLetters) {
    return PipelineEmitterConfig.of(namespace)
        .withBatches(sendEvents, SEND_BYTES, 0)
        .withRetries(3, 1000, true)
        .withDeadLetterQueue(deadLetters);
  }
}
