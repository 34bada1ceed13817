package dev.unifiedstorage.checkpoint;

/**
 * What one checkpoint did.
 *
 * @param entityCount things and deletions it persisted
 * @param rowsWritten rows by the platform's rule, 0 when there was nothing to do
 */
public record CheckpointStats(
    Trigger trigger,
    int entityCount,
    double rowsWritten,
    int columnarWrites,
    int packedWrites,
    int normalizedWrites,
    double durationMs) {}
