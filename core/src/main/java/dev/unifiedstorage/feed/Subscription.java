package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One who follows a {@link Selection}, and what that one has yet to be told: a set of ids.
 *
 * <p>While the set is empty it knows the selected things as they were at the last push. What cannot
 * be told at once is put into the set, and looked up when it can: several versions are one then.
 */
abstract class Subscription {
  final Selection selection;

  /** Ids to tell of; true when the other side cannot have a thing of that id. */
  final Map<String, Boolean> todo = new LinkedHashMap<>();

  /** Nothing is told before this event is durable: what is before it was not watched. */
  double neededSeq;

  /** Everything up to this event is known to the other side; negative for nothing. */
  double sinceSeq;

  boolean started;
  boolean ended;

  /** Whether a message that nothing follows is owed, be it empty. */
  boolean owes;

  /** Whether it waits among those that are behind. */
  boolean listed;

  Subscription(Selection selection, double sinceSeq) {
    this.selection = selection;
    this.sinceSeq = sinceSeq;
    this.owes = true;
  }

  boolean isBehind() {
    return !started || owes || !todo.isEmpty();
  }

  /** How many bytes of things may be told now. */
  abstract double room();

  /** What the one who follows may see: things of other types are absent for it. */
  abstract Grant grant();

  /** Whether only the client itself can go on. */
  boolean waitsForClient() {
    return false;
  }

  /** Adds what a thing is now to the next message; its size in bytes. */
  abstract int add(Change change, Json json);

  /** Adds that a thing is not among those selected to the next message; its size in bytes. */
  abstract int addNull(String id, Json json);

  abstract boolean isMessageEmpty();

  /** Sends what was added. */
  abstract void send(double seq, String at, boolean more);
}
