package dev.unifiedstorage.wal;

import java.util.List;

/**
 * Where the log stands at the moment of a checkpoint: what the checkpoint records beside things.
 *
 * @param epoch the last epoch that accepted a write
 * @param seq the last applied event: the checkpoint holds the state up to it
 * @param acceptedSeq the last event the Pipeline is known to have
 * @param open whether the next write may come before the next checkpoint says so
 * @param unlogged events that the Pipeline may not have and no row has
 */
public record CommitPoint(
    double epoch, double seq, double acceptedSeq, boolean open, List<Event> unlogged) {}
