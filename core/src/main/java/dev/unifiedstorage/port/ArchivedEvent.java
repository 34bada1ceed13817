package dev.unifiedstorage.port;

/**
 * One row of the archive table: the flat fields of a Pipeline record, its payload as JSON text.
 *
 * @param life 0 when the row is from before there were lives
 * @param seq 0 for a {@code store.fence}
 * @param entityId null for a fence
 * @param entityType null for a fence
 * @param tsMs the record's {@code ts}
 */
public record ArchivedEvent(
    double epoch,
    double life,
    double seq,
    String verb,
    String entityId,
    String entityType,
    double version,
    double tsMs,
    String payload) {}
