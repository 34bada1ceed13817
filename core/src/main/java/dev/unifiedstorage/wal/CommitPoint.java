package dev.unifiedstorage.wal;

import java.util.List;

/**
 * Where the log stands at the moment of a checkpoint: what the checkpoint records beside things.
 *
 * @param epoch the last epoch that accepted a write
 * @param checkpointEpoch the epoch that was current when the rows in SQLite were written
 * @param seq the last applied event: the checkpoint holds the state up to it
 * @param acceptedSeq the last event the Pipeline is known to have
 * @param open whether the next write may come before the next checkpoint says so
 * @param recovering whether the epoch was claimed only to recover
 * @param unlogged events that the Pipeline may not have and no row has
 */
public record CommitPoint(
    double epoch,
    double checkpointEpoch,
    double seq,
    double acceptedSeq,
    boolean open,
    boolean recovering,
    List<Event> unlogged) {

  /** The last event that it knows of, wherever that is. */
  public double lastSeq() {
    double last = Math.max(seq, acceptedSeq);
    for (Event event : unlogged) {
      last = Math.max(last, event.seq());
    }
    return last;
  }
}
