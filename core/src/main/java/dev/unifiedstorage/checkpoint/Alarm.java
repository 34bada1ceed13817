package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;

/**
 * The object's one alarm, and the reasons for which it is to ring.
 *
 * <p>Each {@link Reason} says when it wants to be heard, or that it does not; {@link #arm}, at the
 * end of a turn, sets the platform's alarm to the nearest of these, and only when that is sooner
 * than what is set, because every setting costs a row. An alarm that rings is heard by all reasons;
 * those that want to be heard again say so in the turn that follows.
 */
final class Alarm {
  /** Who may want the alarm. */
  enum Reason {
    /** Something is dirty, and its timer may be lost. */
    CHECKPOINT,
    /** A thing expires. */
    EXPIRY,
    /** A socket's token expires. */
    TOKEN
  }

  /** When things expire is rounded up to a minute: one alarm serves all of that minute. */
  private static final double EXPIRY_STEP_MS = 60_000;

  private final Timers timers;
  private final Clock clock;

  /** By the ordinal of the reason; 0 when it wants nothing. */
  private final double[] wantedAtMs = new double[Reason.values().length];

  /** When the platform's alarm rings as far as this life knows, 0 when it has set none. */
  private double setToMs;

  private int count;

  Alarm(Timers timers, Clock clock) {
    this.timers = timers;
    this.clock = clock;
  }

  /** How often it was set, each time a row. */
  int count() {
    return count;
  }

  /** When a reason wants to be heard, 0 when it does not. */
  double wantedAtMs(Reason reason) {
    return wantedAtMs[reason.ordinal()];
  }

  /** Says when a reason wants to be heard, 0 for not at all. */
  void want(Reason reason, double atMs) {
    wantedAtMs[reason.ordinal()] = atMs;
  }

  /**
   * Says when the next socket's token expires, which may be noticed up to a minute late.
   *
   * @param nearestMs positive infinity for none
   */
  void wantToken(double nearestMs) {
    want(Reason.TOKEN, nearestMs == Double.POSITIVE_INFINITY ? 0 : stepFrom(nearestMs));
  }

  /**
   * Says when the next thing expires; what should have been gone by now is looked at again with the
   * next step.
   *
   * @param nearestMs positive infinity for none
   */
  void wantExpiry(double nearestMs) {
    if (nearestMs == Double.POSITIVE_INFINITY) {
      want(Reason.EXPIRY, 0);
      return;
    }
    double atMs = stepFrom(nearestMs);
    if (setToMs == 0 || atMs < setToMs) {
      double nowMs = clock.nowMs();
      atMs = atMs > nowMs ? atMs : stepFrom(nowMs + 1);
    }
    want(Reason.EXPIRY, atMs);
  }

  private static double stepFrom(double ms) {
    return Math.ceil(ms / EXPIRY_STEP_MS) * EXPIRY_STEP_MS;
  }

  /** What was set is not to be relied on: the clock has jumped, or it should have rung. */
  void distrust() {
    setToMs = 0;
  }

  /** It rang: nothing is set and nothing is wanted until somebody says so again. */
  void rang() {
    setToMs = 0;
    for (int i = 0; i < wantedAtMs.length; i++) {
      wantedAtMs[i] = 0;
    }
  }

  /** Nothing is left that could want it. */
  void clear() {
    if (setToMs != 0) {
      timers.setAlarm(0);
    }
    rang();
  }

  /** Sets the platform's alarm, if one is wanted sooner than it would ring. */
  void arm() {
    double nearestMs = 0;
    for (double atMs : wantedAtMs) {
      if (atMs != 0 && (nearestMs == 0 || atMs < nearestMs)) {
        nearestMs = atMs;
      }
    }
    if (nearestMs != 0 && (setToMs == 0 || nearestMs < setToMs)) {
      setToMs = nearestMs;
      timers.setAlarm(nearestMs);
      count++;
    }
  }
}
