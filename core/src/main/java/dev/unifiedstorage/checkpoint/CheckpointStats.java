package dev.unifiedstorage.checkpoint;

/**
 * What one checkpoint did.
 *
 * @param trigger why it was taken
 * @param entityCount things and deletions it persisted
 * @param rowsWritten rows by the platform's rule, 0 when there was nothing to do
 * @param columnarWrites rows that have a whole collection each
 * @param packedWrites rows that have many things of a large collection each
 * @param normalizedWrites rows that have a thing each
 */
public record CheckpointStats(
    Trigger trigger,
    int entityCount,
    double rowsWritten,
    int columnarWrites,
    int packedWrites,
    int normalizedWrites,
    double durationMs) {}
