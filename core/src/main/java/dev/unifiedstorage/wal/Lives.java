package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Ids;
import java.util.Optional;

/**
 * The epochs of this life: the state of its {@link Claim}, and the records that claim.
 *
 * <p>A write needs an epoch that this life has claimed: SQLite says that events of it may exist
 * before the first of them leaves. The fence, its first record, goes ahead of them.
 */
public final class Lives {
  private final Origin origin;
  private final Seqs seqs;
  private final Ids ids;
  private Claim claim = new Claim.Unclaimed();

  Lives(Origin origin, Seqs seqs, Ids ids) {
    this.origin = origin;
    this.seqs = seqs;
    this.ids = ids;
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
    return isWriting() && seqs.recorded().open() && !isUnrecorded();
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

  /** The life of the next event: the first write of an instance begins one of its own. */
  public Life beginWrite() {
    if (claim instanceof Claim.Unclaimed) {
      seqs.begin(next());
      claim = claim.write(Event.fence(origin, seqs.life()));
    }
    return seqs.life();
  }

  private Life next() {
    Life last = seqs.life();
    return last.child(ids.number(), last.epoch() + 1, seqs.durable(), origin.clock().nowMs());
  }

  /** The record that claims the life. */
  public CommitPoint claimPoint() {
    return seqs.claimPoint(seqs.life(), true, false);
  }

  /** Whether no record says yet that this life writes. */
  public boolean isUnrecorded() {
    return isWriting() && seqs.recorded().life().id() != seqs.life().id();
  }

  /** The record that claims the life with a row of its first events: SQLite has all of them. */
  public CommitPoint groupPoint() {
    return seqs.claimPoint(seqs.life(), seqs.recorded().open(), false);
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

  /** The record with which a recovery claims a life; nothing has changed yet. */
  public CommitPoint recoveryPoint() {
    return seqs.claimPoint(next(), true, true);
  }

  /** The fence of that life. */
  public Event recoveryFence(CommitPoint point) {
    return Event.fence(origin, point.life());
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
}
