package dev.unifiedstorage.recovery;

import dev.unifiedstorage.past.ArchivePass;
import dev.unifiedstorage.past.EpochMap;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.wal.EpochStart;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Brings events from the archive into a state, once the archive is known to have them all.
 *
 * <p>The sink writes some time after the send. What was sent before a fence is there when the fence
 * is, so the replay looks at the archive again and again until the fence of the new epoch shows;
 * then, because rows can land late, it waits the settle time and looks once more. Each look is one
 * pass over epochs and seqs ({@link EpochMap}); the pass that applies events comes last. Both
 * stream: no more than one event is held.
 *
 * <p>The archive may be slow but not silent: without anything new for the timeout, the replay fails
 * with what it waited for.
 */
final class ArchiveReplay {
  /** How many events lie between two reports of progress. */
  private static final int REPORT_EVERY = 10_000;

  private static final double FIRST_POLL_MS = 200;
  private static final double LONGEST_POLL_MS = 5_000;

  /**
   * What to replay.
   *
   * @param afterSeq the state holds everything up to this event
   * @param checkpointEpoch the epoch that made it so
   * @param minimumSeq how far the archive has to reach at least
   * @param fenceEpoch the epoch whose fence must be visible, 0 for none
   * @param settleMs wait after the fence is visible
   * @param starts where epochs begin, as far as that is known beside the archive
   */
  record Plan(
      double afterSeq,
      double checkpointEpoch,
      double minimumSeq,
      double fenceEpoch,
      double settleMs,
      List<EpochStart> starts) {}

  /** Where a replay ends: exactly one of its methods is called. */
  interface End {
    /**
     * The events have been applied.
     *
     * @param voided records of passed epochs that were left out
     */
    void completed(EpochMap epochs, double voided);

    void failed(String error);
  }

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final RecoveryOptions options;
  private final Plan plan;
  private final End end;
  private final double startedMs;

  private EpochMap epochs;
  private double seen;
  private double voided;
  private double seenAtLastCheck;
  private int passes;
  private int watchedPass;
  private double passRowsAtLastCheck;
  private double pollMs = FIRST_POLL_MS;
  private boolean upToDate;
  private boolean settling;
  private boolean settled;
  private String waitingFor = "the archive's first answer";
  private Optional<ArchivePass> pass = Optional.empty();
  private Timers.Timer poll;
  private Timers.Timer watchdog;
  private boolean ended;

  ArchiveReplay(
      IcebergReader archive,
      Origin origin,
      Timers timers,
      RecoveryOptions options,
      Plan plan,
      End end) {
    this.archive = archive;
    this.origin = origin;
    this.timers = timers;
    this.options = options;
    this.plan = plan;
    this.end = end;
    this.startedMs = origin.clock().nowMs();
    this.settled = plan.fenceEpoch() == 0 || plan.settleMs() <= 0;
  }

  /** What is still missing, as a part of a sentence. */
  String waitingFor() {
    return waitingFor;
  }

  /**
   * Runs it.
   *
   * @param clear called once before the first event is applied
   */
  void run(Runnable clear, Consumer<Event> apply) {
    watch(options.timeoutMs(), 1);
    lookUntilComplete(clear, apply);
  }

  /** Looks until the archive is up to date with what was there before, and applies nothing. */
  void survey() {
    watch(options.timeoutMs(), 1);
    lookUntilUpToDate();
  }

  private void lookUntilUpToDate() {
    look(
        () -> {
          if (upToDate) {
            finish(epochs);
          } else {
            waitingFor = "the sink to catch up with what the Pipeline holds";
            lookAgain(this::lookUntilUpToDate);
          }
        });
  }

  private void lookUntilComplete(Runnable clear, Consumer<Event> apply) {
    look(
        () -> {
          if (isComplete(epochs)) {
            waitingFor = "the archive's events to be applied";
            clear.run();
            watch(options.timeoutMs(), passes + 1);
            applyAll(epochs, apply);
          } else {
            lookAgain(() -> lookUntilComplete(clear, apply));
          }
        });
  }

  /** Looks at the whole archive's epochs and seqs. */
  private void look(Runnable next) {
    epochs = new EpochMap(plan.afterSeq(), plan.checkpointEpoch());
    EpochMap map = epochs;
    pass(
        IcebergReader.Query.positions(options.namespace(), plan.afterSeq()),
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        row -> map.notice(row.epoch(), row.seq()),
        () -> {
          map.seal(plan.starts());
          seen = Math.max(seen, map.rows());
          next.run();
        });
  }

  private boolean isComplete(EpochMap map) {
    if (plan.fenceEpoch() > 0 && map.newestFence() < plan.fenceEpoch()) {
      waitingFor =
          "the fence of epoch "
              + (long) plan.fenceEpoch()
              + " to appear in the archive, which reaches seq "
              + (long) map.reach();
      return false;
    }
    if (!settled) {
      waitingFor = "late rows of the archive, for " + (long) plan.settleMs() + " ms";
      settling = true;
      return false;
    }
    if (map.gap() != null) {
      waitingFor = "the archive to be complete: " + map.gap();
      return false;
    }
    if (map.reach() < plan.minimumSeq()) {
      waitingFor =
          "the archive to reach seq "
              + (long) plan.minimumSeq()
              + ", it reaches "
              + (long) map.reach();
      return false;
    }
    return true;
  }

  private void lookAgain(Runnable look) {
    double delayMs = settling ? plan.settleMs() : pollMs;
    settled |= settling;
    if (settling) {
      // Waiting on purpose is not being stuck: the clock that watches starts anew afterwards.
      watch(plan.settleMs() + options.timeoutMs(), passes + 1);
      settling = false;
    }
    pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS);
    poll = timers.after(delayMs, look);
  }

  private void applyAll(EpochMap map, Consumer<Event> apply) {
    if (map.reach() <= plan.afterSeq()) {
      finish(map);
      return;
    }
    double total = map.rows();
    double[] applied = {0};
    pass(
        IcebergReader.Query.events(options.namespace(), plan.afterSeq()),
        RecoveryProgress.Phase.ARCHIVE_EVENTS,
        row -> {
          applied[0]++;
          seen++;
          if (row.seq() != 0 && map.isVoid(row.epoch(), row.seq())) {
            voided++;
          } else if (row.seq() != 0) {
            Event event = Event.archived(origin, row);
            if (event == null) {
              throw new RecoveryException(
                  "epoch "
                      + (long) row.epoch()
                      + ", seq "
                      + (long) row.seq()
                      + ": expected a verb of a store, found "
                      + row.verb());
            }
            apply.accept(event);
          }
          if (applied[0] % REPORT_EVERY == 0) {
            report(RecoveryProgress.Phase.ARCHIVE_EVENTS, applied[0], total);
          }
        },
        () -> {
          report(RecoveryProgress.Phase.ARCHIVE_EVENTS, applied[0], total);
          finish(map);
        });
  }

  private void pass(
      IcebergReader.Query query,
      RecoveryProgress.Phase phase,
      Consumer<ArchivedEvent> visitor,
      Runnable completed) {
    passes++;
    pass =
        Optional.of(
            new ArchivePass(
                row -> {
                  if (!ended) {
                    visitor.accept(row);
                  }
                },
                new ArchivePass.End() {
                  @Override
                  public void completed(boolean isUpToDate) {
                    upToDate = isUpToDate;
                    if (!ended) {
                      completed.run();
                    }
                  }

                  @Override
                  public void failed(String error) {
                    fail(error);
                  }
                }));
    pass.get().start(archive, query);
    report(phase, 0, 0);
  }

  private void report(RecoveryProgress.Phase phase, double loaded, double total) {
    double elapsedMs = Math.max(0, origin.clock().nowMs() - startedMs);
    options.onProgress().accept(new RecoveryProgress(phase, loaded, total, elapsedMs));
  }

  private double passRows() {
    return pass.isPresent() ? pass.get().rows() : 0;
  }

  /** Sees to it that there is something new after the timeout; a pass may take longer than that. */
  private void watch(double timeoutMs, int pass) {
    if (watchdog != null) {
      watchdog.cancel();
    }
    watchedPass = pass;
    passRowsAtLastCheck = 0;
    watchdog = timers.after(timeoutMs, this::check);
  }

  private void check() {
    double now = Math.max(seen, epochs.rows());
    // Looking once more at what is known is no progress; a long look that goes on is.
    boolean looking = passes == watchedPass && passRows() > passRowsAtLastCheck;
    if (now <= seenAtLastCheck && !looking) {
      fail("nothing new for " + (long) options.timeoutMs() + " ms while waiting for " + waitingFor);
      return;
    }
    seenAtLastCheck = now;
    watch(options.timeoutMs(), passes);
    passRowsAtLastCheck = passRows();
  }

  private void finish(EpochMap map) {
    ended = true;
    watchdog.cancel();
    end.completed(map, voided);
  }

  private void fail(String error) {
    if (ended) {
      return;
    }
    ended = true;
    watchdog.cancel();
    if (poll != null) {
      poll.cancel();
    }
    if (pass.isPresent()) {
      pass.get().cancel();
    }
    end.failed("namespace " + options.namespace() + ": " + error);
  }
}
