package dev.unifiedstorage.store;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.RequestType;

/** What clients asked of an instance, what was refused, and how long it took. */
final class Traffic {
  private static final int CODES = ErrorCode.values().length;

  private final double[] requests = new double[RequestType.values().length];

  /** By type, and of each by code. */
  private final double[] refusals = new double[requests.length * CODES];

  private final SlowRequests slow = new SlowRequests();
  private final Histogram replyWait = new Histogram();
  private final Histogram checkpoints = new Histogram();
  private final Histogram recoveries = new Histogram();

  /** That of the request which is being answered. */
  private RequestType answering = RequestType.LATER;

  /** A request was read, and is answered now; each of a frame is one. */
  void asked(RequestType type) {
    requests[type.ordinal()]++;
    answering = type;
  }

  /** What is refused from now on had waited, until the next request is read. */
  void answered() {
    answering = RequestType.LATER;
  }

  /** A request was answered with an error. */
  void refused(ErrorCode code) {
    refusals[answering.ordinal() * CODES + code.ordinal()]++;
  }

  /** The requests of all types. */
  double requests() {
    return sum(requests, 0, 1);
  }

  double requests(RequestType type) {
    return requests[type.ordinal()];
  }

  /** The refusals of a code, whatever was asked. */
  double refusals(ErrorCode code) {
    return sum(refusals, code.ordinal(), CODES);
  }

  double refusals(RequestType type, ErrorCode code) {
    return refusals[type.ordinal() * CODES + code.ordinal()];
  }

  /** The refusals of all codes. */
  double refusals() {
    return sum(refusals, 0, 1);
  }

  private static double sum(double[] counts, int from, int step) {
    double all = 0;
    for (int i = from; i < counts.length; i += step) {
      all += counts[i];
    }
    return all;
  }

  /** The slowest of the last minutes. */
  SlowRequests slow() {
    return slow;
  }

  /** How long replies waited until what they show was durable; those that had not to are not in. */
  Histogram replyWait() {
    return replyWait;
  }

  /** How long checkpoints took. */
  Histogram checkpoints() {
    return checkpoints;
  }

  /** How long the start took, and rebuilds. */
  Histogram recoveries() {
    return recoveries;
  }
}
