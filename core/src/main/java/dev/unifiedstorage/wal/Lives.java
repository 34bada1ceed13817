package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Ids;
import java.util.Optional;

/**
 * The lives of this instance: the state of its {@link Claim}, and the records that claim.
 *
 * <p>A write needs a life that this instance has drawn: SQLite says that events of it may exist
 * before the first of them leaves. The fence, its first record, goes ahead of them.
 */
public final class Lives {
  private final Origin origin;
  private final Seqs seqs;
  private final Ids ids;

  /** The last one that was drawn: none is used twice, although one may have claimed nothing. */
  private double lastEpoch;

  private Claim claim = new Claim.Unclaimed(false);

  Lives(Origin origin, Seqs seqs, Ids ids) {
    this.origin = origin;
    this.seqs = seqs;
    this.ids = ids;
  }

  /** Whether there is a life that this instance has drawn. */
  public boolean isWriting() {
    return claim instanceof Claim.Writing;
  }

  /** Whether only the archive can say what the last lives left. */
  public boolean isRecovering() {
    return claim instanceof Claim.Recovering;
  }

  /** Whether SQLite says that a recovery is under way, although it has ended. */
  public boolean isRecoveryRecorded() {
    return seqs.recorded().recovering() && !isRecovering();
  }

  /** Whether SQLite says that events of this life may be where it does not have them. */
  public boolean isClaimed() {
    return isWriting() && seqs.recorded().open() && !isUnrecorded();
  }

  /** Whether no record says yet that this life writes. */
  public boolean isUnrecorded() {
    return isWriting() && seqs.recorded().life().id() != seqs.life().id();
  }

  /** Whether the next commit has to begin a life: writes of the last one were undone. */
  public boolean mustBegin() {
    return claim instanceof Claim.Unclaimed unclaimed && unclaimed.hasUndone();
  }

  /** Whether the next commit has to claim a life, be it one that has begun and has no event. */
  public boolean mustClaim() {
    return mustBegin()
        || claim instanceof Claim.Writing writing && writing.followsUndone() && isUnrecorded();
  }

  /** The fence that has not been offered to the Pipeline and is in no row. */
  public Optional<Event> unsentFence() {
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
      begin();
    }
    return seqs.life();
  }

  /** Draws a life that goes on from the last recorded one at the last durable event. */
  public void begin() {
    begin(Event.Verb.FENCE, "");
  }

  /**
   * The same for a life that begins for a reason; everything applied is durable.
   *
   * @param more members of its fence's payload, each behind a comma
   */
  public void begin(Event.Verb verb, String more) {
    Life last = seqs.recorded().life();
    lastEpoch = Math.max(last.epoch(), lastEpoch) + 1;
    Life next = last.child(ids.number(), lastEpoch, seqs.durable(), origin.clock().nowMs());
    seqs.begin(verb == Event.Verb.STORE_DELETED ? next.emptying() : next);
    claim = claim.begin(Event.fence(origin, verb, seqs.life(), more));
  }

  /** The record that claims the life. */
  public CommitPoint claimPoint() {
    return seqs.claimPoint(true);
  }

  /** The record that claims the life with a row of its first events: SQLite has all of them. */
  public CommitPoint groupPoint() {
    return seqs.claimPoint(seqs.recorded().open());
  }

  /** SQLite has the claim. */
  public void claimed(CommitPoint point) {
    seqs.record(point);
  }

  /** Writes of this life were undone, and may have been sent: the next commit begins another. */
  void undone() {
    if (isWriting()) {
      forget();
    }
  }

  /** A commit that was to begin a life has failed: the next one begins another. */
  void beginFailed() {
    forget();
    claim = new Claim.Unclaimed(true);
  }

  /** Before a record claims a life nothing of it leaves: one that none has claimed never was. */
  private void forget() {
    boolean unclaimed = isUnrecorded();
    claim = claim.undone(!unclaimed);
    if (unclaimed) {
      seqs.begin(seqs.recorded().life());
    }
  }

  // ---- to recover

  /** The record with which a recovery begins: what it says of the log stays as it is. */
  public CommitPoint recoveryPoint() {
    return seqs.recorded().probing(ids.number());
  }

  /** SQLite says that a recovery is under way: its probe, the last one of the record, may leave. */
  public void recover(CommitPoint point) {
    seqs.record(point);
    probe(point, seqs.epoch());
  }

  /**
   * The same over the database of another namespace, of which nothing is this log's.
   *
   * @param point the other one's
   */
  public void recoverOther(CommitPoint point) {
    probe(point, point.epoch());
  }

  private void probe(CommitPoint point, double epoch) {
    double probe = point.probes().get(point.probes().size() - 1);
    claim = claim.recover(Event.probe(origin, epoch, probe, origin.clock().nowMs()));
  }

  /** The probe of a recovery that has not been sent, which goes where the caller takes it. */
  Optional<Event> takeProbe() {
    if (claim instanceof Claim.Recovering recovering && recovering.unsentProbe().isPresent()) {
      claim = claim.probeTaken();
      return recovering.unsentProbe();
    }
    return Optional.empty();
  }

  /** The Pipeline refuses events, and a recovery cannot put them anywhere else. */
  void refused(String error) {
    claim = claim.refused(error);
  }

  /**
   * A recovery has ended, or given up on an intact state.
   *
   * @return why the Pipeline has refused events meanwhile, if it has
   */
  Optional<String> recoveryEnded() {
    if (!(claim instanceof Claim.Recovering recovering)) {
      return Optional.empty();
    }
    claim = claim.ended();
    return recovering.refusal();
  }
}
