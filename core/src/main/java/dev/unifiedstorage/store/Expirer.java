package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Deletes what has expired, each thing by an event that says so.
 *
 * <p>Nothing waits for it: a thing that has expired is absent for every request from that instant
 * on. It works behind a start and whenever the alarm rings, which {@code Committer} sets to when
 * the next thing expires; so a store in which nothing has expired yet has no timer and writes no
 * row. Its work is cut into slices; between them, and while there is no room for more events, other
 * requests are answered.
 */
final class Expirer {
  /** How many things one slice deletes at most. */
  private static final int SLICE = 500;

  private final Things state;
  private final ThingFinder finder;
  private final Operations operations;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final Lifecycle lifecycle;
  private final Clock clock;
  private final Timers timers;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;

  private boolean started;

  /** The next slice; {@link Timers#NONE} while nothing is left to do. */
  private Timers.Timer next = Timers.NONE;

  /**
   * @param about puts namespace, epoch and seq before a sentence
   */
  Expirer(
      Things state,
      ThingFinder finder,
      Operations operations,
      WriteAheadLog wal,
      Committer committer,
      Lifecycle lifecycle,
      Timers timers,
      StorePorts ports,
      UnaryOperator<String> about) {
    this.state = state;
    this.finder = finder;
    this.operations = operations;
    this.wal = wal;
    this.committer = committer;
    this.lifecycle = lifecycle;
    this.clock = ports.clock();
    this.timers = timers;
    this.observer = ports.observer();
    this.about = about;
  }

  /** Whether nothing is left to do before the alarm rings. */
  boolean isIdle() {
    return next == Timers.NONE;
  }

  /** Looks, once the state is whole, for what has expired before this life began. */
  void turn() {
    if (!started && lifecycle.isRunning()) {
      started = true;
      if (state.expiries().nearestMs() <= clock.nowMs()) {
        next = timers.after(0, this::expire);
      }
    }
  }

  /** Deletes what has expired by now, or begins to. */
  void expire() {
    next.cancel();
    next = Timers.NONE;
    if (!lifecycle.isRunning() || state.expiries().nearestMs() > clock.nowMs()) {
      return;
    }
    if (!wal.outgoing().hasRoom(SLICE, 0) || state.tombstones().size() >= Limits.DELETIONS) {
      next = timers.after(Limits.RETRY_AFTER_MS, this::expire);
      return;
    }
    try {
      // What fails here is tried again when the alarm rings next.
      if (committer.prepareWrite().isEmpty() && !slice()) {
        next = timers.after(0, this::expire);
      }
    } catch (RuntimeException e) {
      observer.error(about.apply("what has expired could not be deleted: " + e.getMessage()));
    }
  }

  /** Deletes some things; false when more are left. */
  private boolean slice() {
    Unit unit = new Unit(wal, false, Grant.ALL, 0);
    double nowMs = unit.nowMs(clock);
    boolean refilled = false;
    int count = 0;
    try {
      while (count < SLICE && state.expiries().nearestMs() <= nowMs) {
        String expired = state.expiries().firstUntil(nowMs);
        if (expired != null) {
          operations.expire(Objects.requireNonNull(finder.find(expired)), unit);
          count++;
        } else if (refilled) {
          break;
        } else {
          finder.refillExpiries();
          refilled = true;
        }
      }
    } catch (RuntimeException e) {
      unit.rollback();
      throw e;
    }
    unit.commit();
    return state.expiries().nearestMs() > nowMs;
  }
}
