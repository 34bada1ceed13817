package dev.unifiedstorage.layout;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the log stands, as a transaction records it.
 *
 * <p>What must hold of every recorded point has a name here; it is checked when a point is written
 * and when one is read.
 *
 * @param life the last one that was claimed
 * @param checkpointEpoch the epoch that was current when the rows in SQLite were written
 * @param checkpointSeq the rows hold the state up to this event
 * @param checkpointMs when they were written, by the object's own clock; 0 when that is not known
 * @param acceptedSeq the Pipeline is known to have every event up to this one
 * @param open whether events after {@code checkpointSeq} may exist that only the Pipeline has
 * @param recovering whether a recovery is under way: no write was accepted since it began
 * @param probes those that this recovery has sent, and those before it that have not ended: where
 *     one of them is visible in the archive, what was sent before it is. A start that times out
 *     before the sink has rolled must not make the next one wait for a roll of its own.
 */
public record CommitPoint(
    Life life,
    double checkpointEpoch,
    double checkpointSeq,
    double checkpointMs,
    double acceptedSeq,
    boolean open,
    boolean recovering,
    List<Double> probes) {
  /** More are not kept: every second one goes, and the first and the last stay. */
  private static final int MOST_PROBES = 16;

  /** Without a probe. */
  public CommitPoint(
      Life life,
      double checkpointEpoch,
      double checkpointSeq,
      double checkpointMs,
      double acceptedSeq,
      boolean open,
      boolean recovering) {
    this(
        life,
        checkpointEpoch,
        checkpointSeq,
        checkpointMs,
        acceptedSeq,
        open,
        recovering,
        List.of());
  }

  /** Of an object that has never written. */
  public static final CommitPoint NONE = new CommitPoint(Life.NONE, 0, 0, 0, 0, false, false);

  /** The same of another life. */
  public CommitPoint of(Life other) {
    return new CommitPoint(
        other,
        Math.min(checkpointEpoch, other.epoch()),
        checkpointSeq,
        checkpointMs,
        acceptedSeq,
        open,
        recovering,
        probes);
  }

  /** The same, and that a recovery is under way which sends this probe. */
  public CommitPoint probing(double probe) {
    List<Double> sent = new ArrayList<>();
    if (recovering) {
      boolean full = probes.size() >= MOST_PROBES;
      for (int i = 0; i < probes.size(); i++) {
        if (!full || i % 2 == 0) {
          sent.add(probes.get(i));
        }
      }
    }
    sent.add(probe);
    return new CommitPoint(
        life,
        checkpointEpoch,
        checkpointSeq,
        checkpointMs,
        acceptedSeq,
        true,
        true,
        List.copyOf(sent));
  }

  public double epoch() {
    return life.epoch();
  }

  /** Seqs and epochs are whole numbers from 0. */
  boolean numbersAreWhole() {
    return isWhole(life.id())
        && isWhole(life.epoch())
        && isWhole(life.parentSeq())
        && isWhole(checkpointEpoch)
        && isWhole(checkpointSeq)
        && isWhole(acceptedSeq);
  }

  /** The rows were written in this epoch or an earlier one. */
  boolean rowsAreOfThisEpochOrAnEarlierOne() {
    return checkpointEpoch <= life.epoch();
  }

  /**
   * What the Pipeline has accepted is in the rows too; during a recovery the rows may count for
   * nothing.
   */
  boolean acceptedEventsAreInTheRows() {
    return recovering || acceptedSeq <= checkpointSeq;
  }

  /** An epoch that was claimed by a recovery may have sent its fence. */
  boolean recoveryIsOpen() {
    return !recovering || open;
  }

  /** The name of the first rule that does not hold, or "" when all do. */
  String brokenRule() {
    if (!numbersAreWhole()) {
      return "expected whole numbers from 0";
    }
    if (!rowsAreOfThisEpochOrAnEarlierOne()) {
      return "expected checkpointEpoch to be at most epoch";
    }
    if (!acceptedEventsAreInTheRows()) {
      return "expected acceptedSeq to be at most checkpointSeq";
    }
    return recoveryIsOpen() ? "" : "expected a recovery to be open";
  }

  private static boolean isWhole(double number) {
    return number >= 0 && Math.floor(number) == number && number <= 9007199254740991.0;
  }

  @Override
  public String toString() {
    return "life "
        + (long) life.id()
        + ", epoch "
        + (long) life.epoch()
        + ", checkpointEpoch "
        + (long) checkpointEpoch
        + ", checkpointSeq "
        + (long) checkpointSeq
        + ", acceptedSeq "
        + (long) acceptedSeq
        + (open ? ", open" : ", closed")
        + (recovering ? ", recovering" : "");
  }
}
