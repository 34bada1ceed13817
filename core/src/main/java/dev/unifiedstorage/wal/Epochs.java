package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import java.util.Optional;

/**
 * The epochs of this life: the state of its {@link Claim}, and the records that claim.
 *
 * <p>A write needs an epoch that this life has claimed: SQLite says that events of it may exist
 * before the first of them leaves. The fence, its first record, goes ahead of them.
 */
public final class Epochs {
  private final Origin origin;
  private final Seqs seqs;
  private Claim claim = new Claim.Unclaimed();

  Epochs(Origin origin, Seqs seqs) {
    this.origin = origin;
    this.seqs = seqs;
  }

  boolean isWriting() {
    return claim instanceof Claim.Writing;
  }

  /** Whether the epoch is claimed only to learn what the last ones left in the archive. */
  public boolean isRecovering() {
    return claim instanceof Claim.Recovering;
  }

  /** Whether SQLite says that a recovery is under way, although it has ended. */
  public boolean isRecoveryRecorded() {
    return seqs.recorded().recovering() && !isRecovering();
  }

  /** Whether SQLite says that events of this epoch may be where it does not have them. */
  public boolean isClaimed() {
    return isWriting() && seqs.recorded().open() && seqs.recorded().epoch() == seqs.epoch();
  }

  /** The fence that has not been offered to the Pipeline and is in no row. */
  Optional<Event> unsentFence() {
    return claim.unsentFence();
  }

  /** That fence, which goes where the caller takes it. */
  Optional<Event> takeFence() {
    Optional<Event> fence = claim.unsentFence();
    if (fence.isPresent()) {
      claim = claim.fenceTaken();
    }
    return fence;
  }

  // ---- to write

  /** The epoch of the next event: the first write of a life begins one of its own. */
  public double beginWrite() {
    if (claim instanceof Claim.Unclaimed) {
      seqs.beginEpoch();
      claim = claim.write(fence(seqs.epoch()));
    }
    return seqs.epoch();
  }

  /** The record that claims the epoch. */
  public CommitPoint claimPoint() {
    return seqs.claimPoint(seqs.epoch(), false);
  }

  /** SQLite has the claim. */
  public void claimed(CommitPoint point) {
    seqs.record(point);
  }

  /** Writes of this epoch were undone, and may have been sent: the next one begins another. */
  void undone() {
    if (isWriting()) {
      claim = claim.undone();
    }
  }

  // ---- to recover

  /** A recovery that broke off has claimed an epoch: this life goes on in it. */
  void recoveryFound() {
    claim = new Claim.Recovering(Optional.empty(), Optional.empty());
  }

  /** The fence of the epoch that a recovery is about to claim; nothing has changed yet. */
  public Event recoveryFence() {
    return fence(seqs.epoch() + 1);
  }

  /** The record that claims it. */
  public CommitPoint recoveryPoint() {
    return seqs.claimPoint(seqs.epoch() + 1, true);
  }

  /** SQLite has the claim of a recovery, with this fence in its outbox. */
  public void recoveryClaimed(CommitPoint point, Event fence) {
    seqs.record(point);
    claim = claim.recover(fence);
  }

  /** The Pipeline refuses events, and a recovery cannot put them anywhere else. */
  void refused(String error) {
    claim = claim.refused(error);
  }

  void recoveryCompleted() {
    claim = claim.completed();
  }

  /**
   * A recovery has given up on an intact state, or there was none to make.
   *
   * <p>The next write begins an epoch of its own: a start that finds the claim of this one would go
   * on in it, and may not know of events that were sent meanwhile.
   *
   * @return why the Pipeline has refused events meanwhile, if it has
   */
  Optional<String> recoveryAbandoned() {
    if (!(claim instanceof Claim.Recovering recovering)) {
      return Optional.empty();
    }
    claim = claim.abandoned();
    return recovering.refusal();
  }

  private Event fence(double epoch) {
    return Event.fence(origin, epoch, origin.clock().nowMs());
  }
}
