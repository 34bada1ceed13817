package dev.unifiedstorage.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link LazyCheckpointer} has done so far; writes are rows of each layout.
 *
 * @param count checkpoints that wrote something
 * @param lastTrigger null before the first checkpoint
 * @param totalRowWrites rows by the platform's rule, those of indexes among them
 * @param columnarWrites rows that had a whole collection each
 * @param packedWrites rows that had many things of a large collection each
 * @param normalizedWrites rows that had a thing each
 * @param lastError why the last attempt failed, null when it did not
 */
public record CheckpointerStats(
    int count,
    @Nullable Trigger lastTrigger,
    double lastDurationMs,
    double totalRowWrites,
    double columnarWrites,
    double packedWrites,
    double normalizedWrites,
    @Nullable String lastError) {

  static final CheckpointerStats NONE = new CheckpointerStats(0, null, 0, 0, 0, 0, 0, null);

  CheckpointerStats plus(CheckpointStats stats) {
    return new CheckpointerStats(
        count + 1,
        stats.trigger(),
        stats.durationMs(),
        totalRowWrites + stats.rowsWritten(),
        columnarWrites + stats.columnarWrites(),
        packedWrites + stats.packedWrites(),
        normalizedWrites + stats.normalizedWrites(),
        null);
  }

  CheckpointerStats failed(String error) {
    return new CheckpointerStats(
        count,
        lastTrigger,
        lastDurationMs,
        totalRowWrites,
        columnarWrites,
        packedWrites,
        normalizedWrites,
        error);
  }
}
