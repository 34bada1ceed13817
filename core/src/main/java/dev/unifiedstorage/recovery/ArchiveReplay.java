package dev.unifiedstorage.recovery;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Rebuilds a state from the archive, in two passes.
 *
 * <p>A record of an older epoch with a seq at or past a newer epoch's first is void: its write was
 * never acknowledged, or undone. So the first pass learns where each epoch begins, and how far the
 * archive reaches; only when that is far enough does the second one clear the state and apply the
 * events. Both stream: no more than one event is held.
 *
 * <p>The archive may be slow but not silent: without progress for the timeout, the replay fails.
 */
final class ArchiveReplay {
  /** How many events lie between two reports of progress. */
  private static final int REPORT_EVERY = 10_000;

  private record Epoch(double number, double firstSeq, double lastSeq) {}

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final RecoveryOptions options;
  private final double startedMs;
  private final List<Epoch> epochs = new ArrayList<>();

  private double events;
  private double total;
  private double eventsAtLastCheck;
  private IcebergReader.Read read;
  private Timers.Timer watchdog;
  private boolean ended;

  ArchiveReplay(IcebergReader archive, Origin origin, Timers timers, RecoveryOptions options) {
    this.archive = archive;
    this.origin = origin;
    this.timers = timers;
    this.options = options;
    this.startedMs = origin.clock().nowMs();
  }

  /** Where a replay ends: exactly one of its methods is called. */
  interface End {
    /** The events have been applied, the last of them this one. */
    void completed(double lastEpoch, double lastSeq);

    void failed(String error);
  }

  /**
   * Runs both passes.
   *
   * @param minimumSeq how far the archive has to reach: less would lose what was acknowledged
   * @param clear called once before the first event is applied
   */
  void run(double minimumSeq, Runnable clear, Consumer<Event> apply, End end) {
    arm(end);
    pass(
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        this::notice,
        end,
        () -> {
          double reach = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).lastSeq();
          if (reach < minimumSeq) {
            fail(
                end,
                "namespace "
                    + options.namespace()
                    + ": expected the archive to reach seq "
                    + (long) minimumSeq
                    + ", it reaches "
                    + (long) reach
                    + "; try again when the Pipeline's sink has caught up");
            return;
          }
          total = events;
          events = 0;
          clear.run();
          pass(
              RecoveryProgress.Phase.ARCHIVE_EVENTS,
              row -> applyUnlessVoid(row, apply),
              end,
              () -> finish(end, reach));
        });
  }

  private void notice(ArchivedEvent row) {
    Epoch last = epochs.isEmpty() ? null : epochs.get(epochs.size() - 1);
    if (last != null && row.epoch() < last.number()) {
      throw new RecoveryException(
          "the archive's reader must give rows ordered by epoch: expected "
              + (long) last.number()
              + " or more, got "
              + (long) row.epoch());
    }
    if (row.seq() == 0) {
      return;
    }
    if (last != null && last.number() == row.epoch()) {
      epochs.set(epochs.size() - 1, new Epoch(last.number(), last.firstSeq(), row.seq()));
    } else {
      epochs.add(new Epoch(row.epoch(), row.seq(), row.seq()));
    }
  }

  private void applyUnlessVoid(ArchivedEvent row, Consumer<Event> apply) {
    for (Epoch epoch : epochs) {
      if (epoch.number() > row.epoch() && row.seq() >= epoch.firstSeq()) {
        return;
      }
    }
    Event event = Event.archived(origin, row);
    if (event != null) {
      apply.accept(event);
    }
  }

  private void pass(
      RecoveryProgress.Phase phase, Consumer<ArchivedEvent> visitor, End end, Runnable next) {
    read =
        archive.read(
            options.namespace(),
            0,
            new IcebergReader.Visitor() {
              @Override
              public void event(ArchivedEvent event) {
                if (ended) {
                  return;
                }
                events++;
                if (events % REPORT_EVERY == 0) {
                  report(phase);
                }
                try {
                  visitor.accept(event);
                } catch (RuntimeException e) {
                  fail(end, e.getMessage());
                }
              }

              @Override
              public void completed() {
                if (!ended) {
                  report(phase);
                  next.run();
                }
              }

              @Override
              public void failed(String error) {
                fail(end, "the archive could not be read: " + error);
              }
            });
  }

  private void report(RecoveryProgress.Phase phase) {
    options
        .onProgress()
        .accept(new RecoveryProgress(phase, events, total, origin.clock().nowMs() - startedMs));
  }

  private void arm(End end) {
    eventsAtLastCheck = -1;
    watchdog = timers.after(options.timeoutMs(), () -> check(end));
  }

  private void check(End end) {
    if (events == eventsAtLastCheck || (eventsAtLastCheck < 0 && events == 0)) {
      fail(
          end,
          "namespace "
              + options.namespace()
              + ": the archive gave nothing for "
              + (long) options.timeoutMs()
              + " ms, after "
              + (long) events
              + " events");
      return;
    }
    eventsAtLastCheck = events;
    watchdog = timers.after(options.timeoutMs(), () -> check(end));
  }

  private void finish(End end, double lastSeq) {
    ended = true;
    watchdog.cancel();
    double lastEpoch = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).number();
    end.completed(lastEpoch, lastSeq);
  }

  private void fail(End end, String error) {
    if (!ended) {
      ended = true;
      watchdog.cancel();
      if (read != null) {
        read.cancel();
      }
      end.failed(error);
    }
  }
}
