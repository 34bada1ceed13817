package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.layout.SnapshotMark;
import dev.unifiedstorage.past.Path;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.past.Replay;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.snapshot.SnapshotChoice;
import dev.unifiedstorage.snapshot.SnapshotPart;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The second half of a cold start, and a rebuild: what only the archive has.
 *
 * <p>One thing at a time is asked of it. When that has ended, {@link #takeOutcome} has what came of
 * it; until then {@link #waitingFor} says what is missing.
 */
public final class ArchiveStart {

  /** What came of asking the archive. */
  public sealed interface Outcome {
    /** What there is, as far as SQLite and the archive can say. */
    record Surveyed(Recovered recovered) implements Outcome {}

    /**
     * The state holds everything up to an event.
     *
     * @param life the newest that counts
     * @param adopted the other writer whose events it goes on from, "" for none
     */
    record Completed(Life life, double lastSeq, RecoveryResult result, String adopted)
        implements Outcome {}

    record Failed(RuntimeException error) implements Outcome {}
  }

  private static final double NO_EVENT_SEQ = 9007199254740991.0;

  /** Where nothing goes. */
  private static final ArchiveReplay.Target NOTHING =
      new ArchiveReplay.Target() {
        @Override
        public void begin(double afterSeq) {}

        @Override
        public void part(String payload) {}

        @Override
        public void apply(Event event) {}
      };

  private final RecoveryOptions options;
  private final Persistence persistence;
  private final Things state;
  private final IcebergReader archive;
  private final Timers timers;
  private final Origin origin;
  private final StoreObserver observer;
  private final boolean adopting;
  private Optional<ArchiveReplay> replaying = Optional.empty();
  private Optional<Outcome> outcome = Optional.empty();
  private boolean stateIntact = true;
  private double startedMs;

  /**
   * @param adopting whether an empty database may go on from another writer's events
   */
  public ArchiveStart(
      RecoveryOptions options,
      Persistence persistence,
      IcebergReader archive,
      Timers timers,
      Origin origin,
      StoreObserver observer,
      boolean adopting) {
    this.adopting = adopting;
    this.options = options;
    this.persistence = persistence;
    this.state = persistence.state();
    this.archive = archive;
    this.timers = timers;
    this.origin = origin;
    this.observer = observer;
    this.startedMs = origin.clock().nowMs();
  }

  /** What it waits for, as a part of a sentence. */
  public String waitingFor() {
    return replaying.map(ArchiveReplay::waitingFor).orElse("SQLite");
  }

  public boolean hasOutcome() {
    return outcome.isPresent();
  }

  /** What came of what was asked, once. */
  public Optional<Outcome> takeOutcome() {
    Optional<Outcome> taken = outcome;
    outcome = Optional.empty();
    return taken;
  }

  /**
   * Whether the state in memory is whole: not while a rebuild applies events, nor when one broke
   * off.
   */
  public boolean isStateIntact() {
    return stateIntact;
  }

  /** Asks the archive what there is, when SQLite cannot say; ends as {@code Surveyed}. */
  public void survey(Function<Double, Recovered> conclude) {
    ArchiveReplay.Plan plan =
        new ArchiveReplay.Plan(
            0,
            0,
            0,
            new ArchiveReplay.Newest.Known(Life.NONE, 0),
            List.of(),
            0,
            0,
            Optional.of(snapshots(0)));
    ArchiveReplay replay =
        replay(plan, (life, path, rows) -> new Outcome.Surveyed(conclude.apply(rows)));
    replaying = Optional.of(replay);
    replay.survey();
  }

  /**
   * Adds what SQLite lacks, once the probe shows that the archive has it; ends as {@code
   * Completed}.
   *
   * @param probes any of them will do; empty when nothing is waited for
   */
  public void complete(Recovered recovered, List<Double> probes, double settleMs) {
    boolean all = recovered.missing() == Recovered.Missing.EVERYTHING;
    ArchiveReplay.Newest newest =
        all
            ? new ArchiveReplay.Newest.OfWriter(origin.writer(), adopting)
            : new ArchiveReplay.Newest.Known(recovered.recorded().life(), Double.POSITIVE_INFINITY);
    run(recovered, newest, probes, settleMs);
  }

  /**
   * As {@link #complete} of another namespace's log, to which nothing may be sent.
   *
   * @param sender the recovery of the namespace under which the probe of the record was sent
   */
  void completeOther(Recovered recovered, RecoveryOptions sender, double settleMs) {
    ArchiveReplay.Newest newest =
        new ArchiveReplay.Newest.Known(recovered.recorded().life(), Double.POSITIVE_INFINITY, true);
    ArchiveReplay.Plan plan =
        // Behind the last event that there can be: nothing but the probe is looked for.
        new ArchiveReplay.Plan(
            NO_EVENT_SEQ,
            0,
            0,
            new ArchiveReplay.Newest.Known(Life.NONE, 0),
            recovered.recorded().probes(),
            settleMs,
            0,
            Optional.empty());
    ArchiveReplay replay =
        replay(
            sender,
            plan,
            (life, path, rows) -> {
              run(recovered, newest, List.of(), 0);
              return null;
            });
    replaying = Optional.of(replay);
    replay.run(NOTHING);
  }

  /**
   * Replaces a whole state by what the archive has; the state stays until the archive is known to
   * reach far enough. Ends as {@code Completed}.
   *
   * @param life the newest that counts
   * @param appliedSeq the last event in memory
   */
  public void rebuild(Life life, List<Double> probes, double settleMs, double appliedSeq) {
    rebuild(new ArchiveReplay.Newest.Known(life, appliedSeq), probes, settleMs, appliedSeq);
  }

  /** Replaces a whole state by what the archive has, as it stands. */
  void rebuild() {
    rebuild(new ArchiveReplay.Newest.OfWriter(origin.writer(), adopting), List.of(), 0, 0);
  }

  private void rebuild(
      ArchiveReplay.Newest newest, List<Double> probes, double settleMs, double appliedSeq) {
    startedMs = origin.clock().nowMs();
    Recovered everything =
        new Recovered(
            Owner.UNKNOWN,
            CommitPoint.NONE,
            0,
            List.of(),
            0,
            0,
            appliedSeq,
            Recovered.Missing.EVERYTHING,
            RecoveryResult.NOTHING);
    run(everything, newest, probes, settleMs);
  }

  /** Since when the tail behind a checkpoint can have come into the archive; 0 for unknown. */
  private double sinceMs(CommitPoint checkpoint) {
    double atMs = checkpoint.checkpointMs();
    return atMs == 0 ? 0 : Math.max(0, atMs - options.archiveSlackMs());
  }

  private void run(
      Recovered recovered, ArchiveReplay.Newest newest, List<Double> probes, double settleMs) {
    boolean all = recovered.missing() == Recovered.Missing.EVERYTHING;
    double afterSeq = all ? 0 : recovered.appliedSeq();
    ArchiveReplay.Plan plan =
        new ArchiveReplay.Plan(
            afterSeq,
            all ? 0 : recovered.lastEpoch(),
            recovered.knownSeq(),
            newest,
            probes,
            settleMs,
            all ? 0 : sinceMs(recovered.recorded()),
            all ? Optional.of(snapshots(snapshotMs())) : Optional.empty());
    Replay replay = new Replay(state, persistence.finder(), persistence.sessions(), afterSeq);
    RecoveryResult before = all ? RecoveryResult.NOTHING : recovered.result();
    RecoveryResult.Source source =
        all ? RecoveryResult.Source.ICEBERG : RecoveryResult.Source.SQLITE;
    ArchiveReplay run =
        replay(
            plan,
            (life, path, rows) -> {
              stateIntact = true;
              warnOfBranches(Objects.requireNonNull(path));
              double elapsedMs = origin.clock().nowMs() - startedMs;
              RecoveryResult result =
                  RecoveryResult.of(source, state.size(), replay, elapsedMs, true).plus(before);
              return new Outcome.Completed(
                  life, path.reach(), result.beside(path), replaying.orElseThrow().adopted());
            });
    replaying = Optional.of(run);
    run.run(all ? anew(replay) : onTop(replay));
  }

  /** Where events go that make the state anew. */
  private ArchiveReplay.Target anew(Replay replay) {
    return new ArchiveReplay.Target() {
      /** What memory knows of sessions is newer than any snapshot. */
      private final boolean keepsSessions = persistence.sessions().size() > 0;

      private double beganSeq;

      @Override
      public void begin(double afterSeq) {
        beganSeq = afterSeq;
        clear();
        if (!keepsSessions) {
          persistence.sessions().load("");
        }
        replay.beginAfter(afterSeq);
      }

      @Override
      public void part(String payload) {
        SnapshotPart.read(payload, beganSeq, state, persistence.sessions(), origin.json());
      }

      @Override
      public void apply(Event event) {
        replay.apply(event);
      }
    };
  }

  /** Where events go that come on top of what SQLite has. */
  private static ArchiveReplay.Target onTop(Replay replay) {
    return new ArchiveReplay.Target() {
      @Override
      public void begin(double afterSeq) {}

      @Override
      public void part(String payload) {
        throw new IllegalStateException("expected no snapshot to be read over a state");
      }

      @Override
      public void apply(Event event) {
        replay.apply(event);
      }
    };
  }

  /** The snapshots of the namespace, at one of which a rebuild may begin. */
  private SnapshotChoice snapshots(double knownMs) {
    double last = Double.POSITIVE_INFINITY;
    return new SnapshotChoice(
        options.namespace(),
        last,
        last,
        knownMs,
        origin.clock().nowMs(),
        options.archiveSlackMs(),
        origin.json());
  }

  /** When the last one was made, as far as SQLite says. */
  private double snapshotMs() {
    SnapshotMark mark = persistence.writer().snapshot();
    return mark.seq() > 0 ? mark.atMs() : 0;
  }

  private void clear() {
    stateIntact = false;
    state.clear();
    persistence.writer().replaceAll();
  }

  private void warnOfBranches(Path path) {
    if (path.branches() > 0) {
      StringBuilder lives = new StringBuilder();
      for (double life : path.branchLives()) {
        lives.append(lives.length() == 0 ? "" : ", ").append((long) life);
      }
      observer.warning(
          "namespace "
              + options.namespace()
              + ": the archive has "
              + (long) path.branchRows()
              + " events of "
              + path.branches()
              + " lives that this store did not go through, such as of a file that was put back;"
              + " they do not count, and stay in the archive: "
              + lives);
    }
  }

  private interface Conclusion {
    /** What came of it; null when another replay goes on from it. */
    @Nullable Outcome of(Life life, @Nullable Path path, double rows);
  }

  private ArchiveReplay replay(ArchiveReplay.Plan plan, Conclusion conclusion) {
    return replay(options, plan, conclusion);
  }

  private ArchiveReplay replay(
      RecoveryOptions reading, ArchiveReplay.Plan plan, Conclusion conclusion) {
    return new ArchiveReplay(
        archive,
        origin,
        timers,
        reading,
        plan,
        new ArchiveReplay.End() {
          @Override
          public void completed(Life life, @Nullable Path path, double rows) {
            try {
              Outcome came = conclusion.of(life, path, rows);
              outcome = came == null ? outcome : Optional.of(came);
            } catch (RuntimeException e) {
              outcome = Optional.of(new Outcome.Failed(e));
            }
          }

          @Override
          public void failed(String error) {
            outcome = Optional.of(new Outcome.Failed(new RecoveryException(error)));
          }
        });
  }
}
