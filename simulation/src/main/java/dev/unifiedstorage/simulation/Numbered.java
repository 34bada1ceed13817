package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;

/** One write of a session, as its client keeps it until it has an answer. */
final class Numbered {
  /** In the place of a number that was left out. */
  static final int NONE = 0;

  final String session;
  final int n;
  final List<Operation> operations;
  final boolean batch;
  final boolean atomic;

  /** The requests that were to carry it out: more than one when a write is undone or lost. */
  final List<Request> firsts = new ArrayList<>();

  private boolean undoneWithoutEvents;

  Numbered(String session, int n, List<Operation> operations, boolean batch, boolean atomic) {
    this.session = session;
    this.n = n;
    this.operations = operations;
    this.batch = batch;
    this.atomic = atomic;
  }

  /** The same write with a place in another session. */
  Numbered as(String otherSession, int otherN) {
    return new Numbered(otherSession, otherN, operations, batch, atomic);
  }

  /**
   * Whether it may have used its number up without an event: a refusal, or nothing to do.
   *
   * @param returned whether what was undone may have come back out of the archive, for the file
   *     that said so is gone
   */
  boolean mayBeUsedUp(boolean returned) {
    return (returned && undoneWithoutEvents) || firsts.stream().anyMatch(Numbered::isWithoutEvents);
  }

  /** A request that was to carry it out was undone with others of its instance. */
  void undone(Request first) {
    undoneWithoutEvents |= firsts.contains(first) && isWithoutEvents(first);
    firsts.remove(first);
  }

  static boolean isWithoutEvents(Request first) {
    return first.expected != null && first.changes.isEmpty();
  }
}
