package dev.unifiedstorage.session;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One client's numbered writes: how far they have come, and what came of each as far as that is
 * kept.
 *
 * <p>A number that was carried out and has no outcome here was a refusal, whose memory was lost,
 * unless it is at or below the floor: of those nothing can be told any more.
 */
public final class Session {
  /** What an outcome takes beside its text, in bytes. */
  static final int OUTCOME_BYTES = 64;

  /**
   * What came of one number.
   *
   * @param tail the reply's text behind the request's id
   * @param changed whether the write made an event
   * @param seq the last event that the reply shows: it waits until that is durable
   */
  public record Outcome(String tail, boolean changed, double seq) {
    int bytes() {
      return tail.length() + OUTCOME_BYTES;
    }
  }

  private final String key;

  /** By number, which rise in the order of the map but for what an undo has left. */
  private final Map<Double, Outcome> outcomes = new LinkedHashMap<>();

  private double last;
  private double floor;
  private double next = 1;
  private double usedAtMs;

  /** The number whose events a replay is bringing. */
  private double replayed;

  Session(String key, double last, double usedAtMs) {
    this.key = key;
    this.last = last;
    this.floor = last;
    this.usedAtMs = usedAtMs;
  }

  /** What {@link Sessions#key} makes of its name and its owner. */
  public String key() {
    return key;
  }

  /** The highest number that was carried out. */
  public double last() {
    return last;
  }

  /** Whether nothing can be told any more of a number, although it was carried out. */
  public boolean isForgotten(double n) {
    return n <= floor && !outcomes.containsKey(n);
  }

  /** What came of a number, or null. */
  public @Nullable Outcome outcome(double n) {
    return outcomes.get(n);
  }

  Map<Double, Outcome> outcomes() {
    return outcomes;
  }

  double floor() {
    return floor;
  }

  double next() {
    return next;
  }

  double usedAtMs() {
    return usedAtMs;
  }

  void usedAt(double ms) {
    usedAtMs = Math.max(usedAtMs, ms);
  }

  /** The client has the answers to all numbers below. */
  void answeredBelow(double n) {
    next = Math.max(next, n);
    last = Math.max(last, n - 1);
  }

  /** Everything up to a number was carried out, as the socket of the client remembers. */
  public void carriedOutUpTo(double n) {
    last = Math.max(last, n);
  }

  void restored(double floorN, double nextN) {
    floor = floorN;
    next = nextN;
  }

  /** The lowest number whose outcome the client may still ask for. */
  double lowestAsked(int unanswered) {
    return Math.max(next, last - unanswered + 1);
  }

  void put(double n, Outcome outcome) {
    outcomes.put(n, outcome);
    last = Math.max(last, n);
    while (outcomes.containsKey(last + 1)) {
      // A refusal that was answered before what stood ahead of it was undone.
      last++;
    }
  }

  /** Forgets an outcome; nothing can be told of it any more. */
  void forget(double n) {
    outcomes.remove(n);
    floor = Math.max(floor, n);
  }

  /**
   * Takes back what came of numbers that show events past one.
   *
   * @return the first of them, 0 when there was none
   */
  double undone(double durableSeq) {
    double first = 0;
    for (Map.Entry<Double, Outcome> entry : outcomes.entrySet()) {
      if (entry.getValue().seq() > durableSeq && (first == 0 || entry.getKey() < first)) {
        first = entry.getKey();
      }
    }
    if (first != 0) {
      outcomes.values().removeIf(outcome -> outcome.seq() > durableSeq);
      last = first - 1;
    }
    return first;
  }

  /** Whether the event of a number that a replay brings has something new to say. */
  boolean takesReplayed(double n) {
    if (n <= last && n != replayed) {
      return false;
    }
    replayed = n;
    return true;
  }
}
