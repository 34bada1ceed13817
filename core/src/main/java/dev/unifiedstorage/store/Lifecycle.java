package dev.unifiedstorage.store;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.recovery.RecoveryResult;
import org.jspecify.annotations.Nullable;

/**
 * The life cycle of one instance of a store, and what may be asked of it in each state.
 *
 * <p>Any transition that is not in the table is an {@link IllegalStateException}.
 *
 * <pre>
 * from             method         to               when
 * New              read           Reading          the host starts it
 * Reading          awaitArchive   AwaitingArchive  SQLite has been read, the archive has to add to it
 * Reading          run            Running          SQLite had everything
 * AwaitingArchive  run            Running          the archive's events are in the state
 * Running          rebuild        Rebuilding       a rebuild was asked for
 * Rebuilding       run            Running          it has ended
 * Rebuilding       resume         Running          it broke off, and the state is whole
 * all but Running
 *   and Failed     fail           Failed           the state could not be had; final
 * any              stop           Failed           another instance writes the database; final
 * </pre>
 *
 * <p>A failed instance answers everything with its reason for {@link #RETRY_MS}; the first event
 * behind that belongs to a new one, which may find the archive reachable: that is the restart
 * policy of every host.
 */
final class Lifecycle {
  /** How long a failed instance stands before the host puts another in its place. */
  static final double RETRY_MS = 1_000;

  sealed interface State {
    /** The name in statistics. */
    String label();

    /** Nothing has been read. */
    record New() implements State {
      @Override
      public String label() {
        return "new";
      }
    }

    /** SQLite is being read, or the archive is asked whether an empty one is a new store. */
    record Reading() implements State {
      @Override
      public String label() {
        return "recovering";
      }
    }

    /** The archive has to bring what SQLite lacks. */
    record AwaitingArchive() implements State {
      @Override
      public String label() {
        return "recovering";
      }
    }

    /**
     * Everything works.
     *
     * @param recovery what the start or the last rebuild did
     */
    record Running(RecoveryResult recovery) implements State {
      static final String LABEL = "running";

      @Override
      public String label() {
        return LABEL;
      }
    }

    /** The state is being made anew from the archive. */
    record Rebuilding(RecoveryResult before) implements State {
      @Override
      public String label() {
        return "recovering";
      }
    }

    /**
     * The state could not be had.
     *
     * @param atMs when that was known
     */
    record Failed(String reason, double atMs) implements State {
      @Override
      public String label() {
        return "failed";
      }
    }
  }

  private final Clock clock;
  private final StartQueue startQueue = new StartQueue();
  private final Spans spans;
  private final Histogram durations;
  private State state = new State.New();

  /** The recovery under way, or none. */
  private Spans.Span recovering = Spans.Span.NONE;

  /**
   * @param durations of the start and of rebuilds
   */
  Lifecycle(Clock clock, Spans spans, Histogram durations) {
    this.clock = clock;
    this.spans = spans;
    this.durations = durations;
  }

  State state() {
    return state;
  }

  boolean isRunning() {
    return state instanceof State.Running;
  }

  /**
   * What the start or the last rebuild did; null before the first has ended, and after a failure.
   */
  @Nullable RecoveryResult lastRecovery() {
    if (state instanceof State.Rebuilding rebuilding) {
      return rebuilding.before();
    }
    return state instanceof State.Running running ? running.recovery() : null;
  }

  /** Whether requests wait for a recovery, at its start in the queue. */
  boolean isRecovering() {
    return state instanceof State.Reading
        || state instanceof State.AwaitingArchive
        || state instanceof State.Rebuilding;
  }

  /** Why the state could not be had, or "" when it could. */
  String failure() {
    return state instanceof State.Failed failed ? failed.reason() : "";
  }

  /** Whether a new instance is to take this one's place at the next event. */
  boolean isOver() {
    return state instanceof State.Failed failed && isFailureOver(failed.atMs(), clock.nowMs());
  }

  static boolean isFailureOver(double failedAtMs, double nowMs) {
    double standsMs = nowMs - failedAtMs;
    // Less than nothing, when the clock has jumped back.
    return standsMs >= RETRY_MS || standsMs < 0;
  }

  // ---- transitions

  /** Requests are kept for a moment: a new store's first ones are not sent away. */
  void read() {
    require(state instanceof State.New, "read");
    state = new State.Reading();
    recovering = spans.recovery(false);
  }

  void awaitArchive() {
    require(state instanceof State.Reading, "awaitArchive");
    state = new State.AwaitingArchive();
  }

  void run(RecoveryResult recovery) {
    require(isRecovering(), "run");
    state = new State.Running(recovery);
    durations.add(recovery.durationMs());
    Spans.recovered(recovering, recovery);
    recovering = Spans.Span.NONE;
  }

  void rebuild() {
    require(state instanceof State.Running, "rebuild");
    state = new State.Rebuilding(((State.Running) state).recovery());
    recovering = spans.recovery(true);
  }

  void resume() {
    require(state instanceof State.Rebuilding, "resume");
    state = new State.Running(((State.Rebuilding) state).before());
    endRecovery("the rebuild broke off");
  }

  void fail(String reason) {
    require(!(state instanceof State.Running || state instanceof State.Failed), "fail");
    stop(reason);
  }

  void stop(String reason) {
    state = new State.Failed(reason, clock.nowMs());
    endRecovery(reason);
  }

  private void endRecovery(String error) {
    recovering.end(error);
    recovering = Spans.Span.NONE;
  }

  private void require(boolean allowed, String transition) {
    if (!allowed) {
      throw new IllegalStateException("life cycle: no " + transition + " from " + state.label());
    }
  }

  // ---- requests that come early

  /** Keeps what is asked from now on, as long as the queue has room and time. */
  void holdRequests(Timers timers) {
    startQueue.holdFor(timers);
  }

  /** Whether the request is kept until it is known what the state is. */
  boolean keeps(Runnable request, int chars) {
    return isRecovering() && startQueue.offer(request, chars);
  }

  /** Runs what was kept, in order, and keeps nothing any more. */
  void releaseRequests() {
    startQueue.release();
  }
}
