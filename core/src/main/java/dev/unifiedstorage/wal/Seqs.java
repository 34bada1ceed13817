package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Life;

/**
 * The numbers of the log: the life, and how far events are applied, durable, accepted and recorded.
 *
 * <p>Always {@code durableSeq <= appliedSeq}, {@code acceptedSeq <= appliedSeq} and {@code
 * checkpointSeq <= appliedSeq}; what is recorded never runs ahead of what is so. {@link #check}
 * holds them to it after every turn: a number that is wrong must not reach SQLite or a client.
 */
public final class Seqs {
  private final String namespace;
  private Life life = Life.NONE;
  private double applied;
  private double durable;
  private double accepted;
  private int undos;

  /** Whether a start found less than the Pipeline has or gets: it recovers, or fails. */
  private boolean behind;

  /** What the last committed record says. */
  private CommitPoint recorded = CommitPoint.NONE;

  Seqs(String namespace) {
    this.namespace = namespace;
  }

  public double epoch() {
    return life.epoch();
  }

  /** The last life that was claimed, or is about to be. */
  public Life life() {
    return life;
  }

  /** The last event whose effect is in the state. */
  public double applied() {
    return applied;
  }

  /** Everything up to this event can be read back after a crash. */
  public double durable() {
    return durable;
  }

  /** The Pipeline has every event up to this one. */
  public double accepted() {
    return accepted;
  }

  /** The rows in SQLite hold the state up to this event. */
  public double checkpointed() {
    return recorded.checkpointSeq();
  }

  /** When the rows in SQLite were written; 0 when that is not known. */
  public double checkpointedMs() {
    return recorded.checkpointMs();
  }

  CommitPoint recorded() {
    return recorded;
  }

  /** How often this life has undone writes: seqs past the durable one mean other events then. */
  public int undos() {
    return undos;
  }

  // ---- what changes them

  /**
   * Takes over what a start found.
   *
   * @param lastSeq the last event in the state
   * @param knownSeq the last one that SQLite has for the Pipeline
   */
  void recovered(CommitPoint point, double lastSeq, double knownSeq) {
    recorded = point;
    life = point.life();
    applied = lastSeq;
    accepted = point.acceptedSeq();
    durable = lastSeq;
    behind = Math.max(accepted, knownSeq) > applied;
  }

  /** What is written from now on belongs to this life. */
  void begin(Life next) {
    life = next;
  }

  void apply(double seq) {
    if (seq != applied + 1) {
      throw new IllegalStateException(
          about("expected seq " + (long) (applied + 1) + ", got " + (long) seq));
    }
    applied = seq;
  }

  void accept(double seq) {
    accepted = Math.max(accepted, seq);
  }

  void becomeDurable(double seq) {
    durable = Math.max(durable, seq);
  }

  /** Nothing past the durable event ever was. */
  void undo() {
    undos++;
    applied = durable;
  }

  /** A transaction with this record has committed. */
  void record(CommitPoint point) {
    recorded = point;
  }

  /**
   * The state is whole again, up to this event: what the archive had was durable all along.
   *
   * @param newest the life that has brought it there
   */
  void rebuilt(Life newest, double lastSeq) {
    applied = Math.max(applied, lastSeq);
    accepted = applied;
    durable = applied;
    behind = false;
    life = newest;
  }

  /** What is recorded was of another life than the archive has shown. */
  void adopt(Life newest) {
    recorded = recorded.of(newest);
    life = newest;
  }

  // ---- what is recorded of them

  /** A record that claims the life: the state in SQLite stays where it is. */
  CommitPoint claimPoint(boolean open) {
    return new CommitPoint(
        life,
        recorded.checkpointEpoch(),
        recorded.checkpointSeq(),
        recorded.checkpointMs(),
        recorded.acceptedSeq(),
        open,
        false);
  }

  /** The record of a checkpoint that holds everything applied. */
  CommitPoint checkpointPoint(double nowMs, boolean open) {
    return new CommitPoint(life, life.epoch(), applied, nowMs, accepted, open, false);
  }

  /**
   * Says which rule between the numbers is broken.
   *
   * @param recovering whether the archive has yet to bring what SQLite lacks: then the Pipeline may
   *     have more than the state
   * @param pending how many applied events are not durable
   * @throws IllegalStateException naming the rule and the numbers
   */
  void check(boolean recovering, int pending) {
    String broken = "";
    if (applied - durable != pending) {
      broken = "expected appliedSeq - durableSeq to be the " + pending + " events that wait";
    } else if (!recovering && !behind && accepted > applied) {
      broken = "expected acceptedSeq to be at most appliedSeq";
    } else if (recorded.checkpointSeq() > applied) {
      broken = "expected checkpointSeq to be at most appliedSeq";
    } else if (recorded.acceptedSeq() > accepted) {
      broken = "expected the recorded acceptedSeq to be at most acceptedSeq";
    } else if (recorded.epoch() > life.epoch()) {
      broken = "expected the recorded epoch to be at most the epoch";
    }
    if (!broken.isEmpty()) {
      throw new IllegalStateException(
          about(
              broken
                  + ": appliedSeq "
                  + (long) applied
                  + ", durableSeq "
                  + (long) durable
                  + ", acceptedSeq "
                  + (long) accepted
                  + ", recorded "
                  + recorded));
    }
  }

  private String about(String message) {
    return "namespace " + namespace + ", epoch " + (long) life.epoch() + ": " + message;
  }
}
