package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.past.EpochMap;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.past.Replay;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.EpochStart;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

    /** The state holds everything up to an event. */
    record Completed(double lastSeq, RecoveryResult result) implements Outcome {}

    record Failed(RuntimeException error) implements Outcome {}
  }

  private final RecoveryOptions options;
  private final Persistence persistence;
  private final Things state;
  private final IcebergReader archive;
  private final Timers timers;
  private final Origin origin;
  private final StoreObserver observer;
  private Optional<ArchiveReplay> replaying = Optional.empty();
  private Optional<Outcome> outcome = Optional.empty();
  private boolean stateIntact = true;
  private double startedMs;

  public ArchiveStart(
      RecoveryOptions options,
      Persistence persistence,
      IcebergReader archive,
      Timers timers,
      Origin origin,
      StoreObserver observer) {
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
  public void survey(Function<EpochMap, Recovered> conclude) {
    ArchiveReplay.Plan plan = new ArchiveReplay.Plan(0, 0, 0, 0, 0, List.of());
    ArchiveReplay replay =
        replay(plan, (epochs, voided) -> new Outcome.Surveyed(conclude.apply(epochs)));
    replaying = Optional.of(replay);
    replay.survey();
  }

  /**
   * Adds what SQLite lacks, once the fence of {@code fenceEpoch} shows that the archive has it;
   * ends as {@code Completed}.
   *
   * @param fenceEpoch 0 for no fence
   */
  public void complete(Recovered recovered, double fenceEpoch, double settleMs) {
    complete(recovered, fenceEpoch, settleMs, List.of());
  }

  /**
   * Replaces a whole state by what the archive has; the state stays until the archive is known to
   * reach far enough. Ends as {@code Completed}.
   *
   * <p>What older epochs have past the last event in memory is void: of instances that were
   * replaced, or of writes that were undone. The event that voids it may not have landed, or never
   * been.
   *
   * @param appliedSeq the last event in memory
   */
  public void rebuild(double fenceEpoch, double settleMs, double appliedSeq) {
    startedMs = origin.clock().nowMs();
    Recovered everything =
        new Recovered(
            CommitPoint.NONE,
            0,
            0,
            List.of(),
            0,
            0,
            appliedSeq,
            Recovered.Missing.EVERYTHING,
            RecoveryResult.NOTHING);
    List<EpochStart> starts =
        fenceEpoch == 0 ? List.of() : List.of(new EpochStart(fenceEpoch, appliedSeq + 1));
    complete(everything, fenceEpoch, settleMs, starts);
  }

  private void complete(
      Recovered recovered, double fenceEpoch, double settleMs, List<EpochStart> starts) {
    boolean all = recovered.missing() == Recovered.Missing.EVERYTHING;
    double afterSeq = all ? 0 : recovered.appliedSeq();
    ArchiveReplay.Plan plan =
        new ArchiveReplay.Plan(
            afterSeq,
            all ? 0 : recovered.lastEpoch(),
            recovered.knownSeq(),
            fenceEpoch,
            settleMs,
            starts);
    Replay replay = new Replay(state, persistence.finder(), persistence.sessions(), afterSeq);
    RecoveryResult before = all ? RecoveryResult.NOTHING : recovered.result();
    RecoveryResult.Source source =
        all ? RecoveryResult.Source.ICEBERG : RecoveryResult.Source.SQLITE;
    ArchiveReplay run =
        replay(
            plan,
            (epochs, voided) -> {
              stateIntact = true;
              warnOfVoid(voided);
              double elapsedMs = origin.clock().nowMs() - startedMs;
              RecoveryResult result =
                  RecoveryResult.of(source, state.size(), replay, elapsedMs, true).plus(before);
              return new Outcome.Completed(epochs.reach(), result);
            });
    replaying = Optional.of(run);
    run.run(all ? this::clear : () -> {}, replay::apply);
  }

  private void clear() {
    stateIntact = false;
    state.clear();
    persistence.writer().replaceAll();
  }

  private void warnOfVoid(double voided) {
    if (voided > 0) {
      observer.warning(
          "namespace "
              + options.namespace()
              + ": "
              + (long) voided
              + " records of passed epochs are void and were left out; they stay in the archive");
    }
  }

  private interface Conclusion {
    Outcome of(EpochMap epochs, double voided);
  }

  private ArchiveReplay replay(ArchiveReplay.Plan plan, Conclusion conclusion) {
    return new ArchiveReplay(
        archive,
        origin,
        timers,
        options,
        plan,
        new ArchiveReplay.End() {
          @Override
          public void completed(EpochMap epochs, double voided) {
            try {
              outcome = Optional.of(conclusion.of(epochs, voided));
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
