package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointerStats;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.wal.EmitterStats;
import java.util.Map;

/**
 * A store's figures at one moment; counters count from the moment this instance woke.
 *
 * @param tailRecoverable whether everything acknowledged can be read back by this object
 * @param failure why the state could not be had, or "" when it could
 * @param types how many things of each type there are, of the first types in order
 * @param recovery null until it has ended
 * @param bootId new for every instance in memory
 */
record StoreStats(
    String namespace,
    String phase,
    String failure,
    int entries,
    int entriesInMemory,
    Map<String, Integer> types,
    int dirty,
    double estimatedBytes,
    String durability,
    boolean tailRecoverable,
    double epoch,
    double appliedSeq,
    double durableSeq,
    double checkpointSeq,
    double rowsWritten,
    double naiveRowsWritten,
    int alarms,
    CheckpointerStats checkpoints,
    EmitterStats pipeline,
    RecoveryResult recovery,
    int subscriptions,
    int sessions,
    String bootId) {}
