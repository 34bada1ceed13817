package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;

/**
 * The time behind a send in which what comes gathers, so that there are fewer and larger sends.
 *
 * <p>It is open, and has a timer, only while events wait in it; one that comes outside leaves at
 * once, so a lone write never waits. One that yields opens only if others have come while the send
 * was in flight, and ends as soon as a tenth of it brings nothing: then those who write are waiting
 * for their answers, and a longer wait would gather no writes of others.
 *
 * <pre>
 * from    to      by
 * closed  open    answered and something has come, within its length from the send on, and all that
 *                 waited before has left; to one that does not yield it may come behind the answer
 * open    closed  its length is over, it yields and nothing came, or something came that cannot wait
 * </pre>
 */
final class SendWindow {
  private static final int TICKS = 10;

  /** So many events are worth a send of their own to one that yields. */
  private static final int ENOUGH = 100;

  private final Timers timers;
  private final Clock clock;
  private final double lengthMs;
  private final boolean yields;

  private double sentAtMs;

  /** Not behind a batch that left something, or where something came that cannot wait. */
  private boolean mayOpen;

  /** Whether it is open from when the first event comes. */
  private boolean lingers;

  private boolean anyCame;

  /** Armed while it is open. */
  private Timers.Timer timer = Timers.NONE;

  /**
   * @param lengthMs from the send on, 0 for none
   */
  SendWindow(Timers timers, Clock clock, double lengthMs, boolean yields) {
    this.timers = timers;
    this.clock = clock;
    this.lengthMs = lengthMs;
    this.yields = yields;
  }

  /** One that is never open. */
  static SendWindow none(Timers timers, Clock clock) {
    return new SendWindow(timers, clock, 0, false);
  }

  boolean isOpen() {
    return timer != Timers.NONE;
  }

  /** Whether so many events that are queued go on waiting. */
  boolean holds(int queued) {
    return isOpen() && !(yields && queued >= ENOUGH);
  }

  /** An event has been queued. */
  void came() {
    anyCame = true;
    if (lingers && !isOpen()) {
      open();
    }
  }

  /**
   * A batch leaves; that it may have to be sent again makes the window no longer.
   *
   * @param leavesAny whether it has no room for all that came: the others have waited already
   */
  void sent(boolean leavesAny) {
    sentAtMs = clock.nowMs();
    anyCame = false;
    close();
    mayOpen = !leavesAny;
  }

  /** What has come cannot wait for others. */
  void close() {
    mayOpen = false;
    lingers = false;
    timer.cancel();
    timer = Timers.NONE;
  }

  /** The Pipeline has that batch. */
  void answered() {
    lingers = mayOpen && !yields;
    if (mayOpen && anyCame) {
      open();
    }
  }

  /** Opens, or stays open, unless its length is over. */
  private void open() {
    double passedMs = clock.nowMs() - sentAtMs;
    // Less than nothing, when the clock has jumped back.
    if (passedMs >= 0 && passedMs < lengthMs) {
      double leftMs = lengthMs - passedMs;
      anyCame = false;
      timer = timers.after(yields ? Math.min(leftMs, lengthMs / TICKS) : leftMs, this::passed);
    }
  }

  private void passed() {
    timer = Timers.NONE;
    if (yields && anyCame) {
      open();
    }
  }
}
