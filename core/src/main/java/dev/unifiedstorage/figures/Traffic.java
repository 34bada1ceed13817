package dev.unifiedstorage.figures;

import dev.unifiedstorage.protocol.ErrorCode;

/** What clients asked of an instance, what was refused, and how long it took. */
public final class Traffic {
  private final double[] refusals = new double[ErrorCode.values().length];
  private final Histogram replyWait = new Histogram();
  private final Histogram checkpoints = new Histogram();
  private double requests;

  /** A request was read; each of a frame is one. */
  public void asked() {
    requests++;
  }

  /** A request was answered with an error. */
  public void refused(ErrorCode code) {
    refusals[code.ordinal()]++;
  }

  public double requests() {
    return requests;
  }

  public double refusals(ErrorCode code) {
    return refusals[code.ordinal()];
  }

  /** The refusals of all codes. */
  public double refusals() {
    double all = 0;
    for (double some : refusals) {
      all += some;
    }
    return all;
  }

  /** How long replies waited until what they show was durable; those that had not to are not in. */
  public Histogram replyWait() {
    return replyWait;
  }

  /** How long checkpoints took. */
  public Histogram checkpoints() {
    return checkpoints;
  }
}
