package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Pipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How the Pipeline and the sink misbehave at the moment; by default they do not.
 *
 * <p>It stands before every send, of objects in the process and of HTTP clients alike. A hung send
 * is held until the mode changes and is then dropped, so that its sender finds out by its own
 * deadline; so many are held and no more. Safe for use from every thread.
 */
public final class Faults {
  private static final int HELD_SENDS = 1_000;

  /** What the Pipeline does with a send. */
  public enum PipelineMode {
    /** Stores it. */
    OK,
    /** Fails it; nothing is stored. */
    REJECT,
    /** Never answers; nothing is stored. */
    HANG,
    /** Stores it, and yet says that it failed. */
    DUPLICATE
  }

  /** What the sink does with stored records. */
  public enum SinkMode {
    /** Brings them to the archive. */
    OK,
    /** Leaves them where they are. */
    STALL,
    /** Drops them as if none of them fitted the schema; they are counted. */
    DROP
  }

  /**
   * What is in force.
   *
   * @param setting counts how often the Pipeline was told how to behave
   */
  private record State(PipelineMode mode, long delayMs, SinkMode sink, long setting) {}

  private final Scheduler scheduler;
  private final List<Runnable> held = new ArrayList<>();
  private volatile Runnable beforeSinkChanges = () -> {};

  /** What ends this process; null inside a program. */
  private volatile Runnable crash;

  private volatile State state = new State(PipelineMode.OK, 0, SinkMode.OK, 0);

  /** Without a fault. */
  public Faults(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Sets how the Pipeline behaves from now on; drops sends held by an earlier hang. */
  public void pipeline(PipelineMode mode, long delayMs) {
    List<Runnable> dropped;
    synchronized (held) {
      state = new State(mode, delayMs, state.sink, state.setting + 1);
      if (mode == PipelineMode.HANG) {
        return;
      }
      dropped = List.copyOf(held);
      held.clear();
    }
    dropped.forEach(Runnable::run);
  }

  /**
   * Fails every send from now on, and stores them again when {@code ms} milliseconds have passed.
   */
  public void outage(long ms) {
    pipeline(PipelineMode.REJECT, 0);
    State outage = state;
    scheduler.after(
        ms,
        () -> {
          synchronized (held) {
            // What was asked for meanwhile stays.
            if (state.setting == outage.setting) {
              state = new State(PipelineMode.OK, 0, state.sink, state.setting);
            }
          }
        });
  }

  /** Says what ends this process at once; without a call nothing does. */
  public void crashesBy(Runnable end) {
    crash = end;
  }

  /**
   * Ends this process at once, as SIGKILL would.
   *
   * @throws IllegalArgumentException when the emulator runs inside a program, which goes on
   */
  public void crash() {
    if (crash == null) {
      throw new IllegalArgumentException(
          "crash: expected an emulator that is a process of its own; inside a program its objects"
              + " crash by Emulator.crash()");
    }
    crash.run();
  }

  /** Runs {@code last} each time before the sink is told to behave in another way. */
  public void beforeSinkChanges(Runnable last) {
    beforeSinkChanges = last;
  }

  /** Sets how the sink behaves from now on. */
  public void sink(SinkMode mode) {
    beforeSinkChanges.run();
    synchronized (held) {
      state = new State(state.mode, state.delayMs, mode, state.setting);
    }
  }

  /** What the Pipeline does with a send at the moment. */
  public PipelineMode pipelineMode() {
    return state.mode;
  }

  /** How long the Pipeline takes to answer, in ms. */
  public long delayMs() {
    return state.delayMs;
  }

  /** How many sends hang at the moment. */
  public int heldSends() {
    synchronized (held) {
      return held.size();
    }
  }

  /** What the sink does at the moment. */
  public SinkMode sinkMode() {
    return state.sink;
  }

  /** The same Pipeline with the faults before it. */
  public Pipeline before(Pipeline pipeline) {
    return (records, completion) ->
        send(done -> pipeline.send(records, done), completion, () -> {});
  }

  /**
   * Sends through the faults.
   *
   * @param store the send itself, run at once or not at all
   * @param dropped run in place of {@code answer} when the send was held and is now dropped
   */
  public void send(Consumer<Completion> store, Completion answer, Runnable dropped) {
    State now = state;
    Completion late = now.delayMs == 0 ? answer : delayed(answer, now.delayMs);
    switch (now.mode) {
      case OK -> store.accept(late);
      case REJECT ->
          late.failed("503: the Pipeline rejects (fault \"reject\"), nothing was stored");
      case HANG -> hold(answer, dropped);
      case DUPLICATE -> store.accept(yetFailing(late));
    }
  }

  private void hold(Completion answer, Runnable dropped) {
    synchronized (held) {
      if (state.mode == PipelineMode.HANG && held.size() < HELD_SENDS) {
        held.add(dropped);
        return;
      }
    }
    answer.failed("503: the Pipeline hangs (fault \"hang\") and holds " + HELD_SENDS + " sends");
  }

  private Completion delayed(Completion answer, long delayMs) {
    return new Completion() {
      @Override
      public void succeeded() {
        scheduler.after(delayMs, answer::succeeded);
      }

      @Override
      public void failed(String error) {
        scheduler.after(delayMs, () -> answer.failed(error));
      }
    };
  }

  private static Completion yetFailing(Completion answer) {
    return new Completion() {
      @Override
      public void succeeded() {
        answer.failed("503: the Pipeline fails (fault \"duplicate\"), and yet all was stored");
      }

      @Override
      public void failed(String error) {
        answer.failed(error);
      }
    };
  }
}
