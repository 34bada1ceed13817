package dev.unifiedstorage.recovery;

import dev.unifiedstorage.wal.CommitPoint;

/**
 * Where a recovery left the log.
 *
 * @param point the last epoch and event there were; its unlogged events are the outbox that only
 *     the commit record has
 * @param checkpointSeq what SQLite holds the state up to
 * @param loggedSeq the last event in rows of the event log, 0 when there is none
 */
public record Recovered(
    CommitPoint point, double checkpointSeq, double loggedSeq, RecoveryResult result) {}
