package dev.unifiedstorage.recovery;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.past.ArchivePass;
import dev.unifiedstorage.past.Fences;
import dev.unifiedstorage.past.Path;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.snapshot.SnapshotChoice;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.snapshot.SnapshotLook;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings events from the archive into a state, once the archive is known to have them all.
 *
 * <p>The sink writes some time after the send. What was sent before a probe is there when the probe
 * is, so the replay looks at the archive again and again until the probe shows; then, because rows
 * can land late, it waits the settle time and looks once more. Each look is one pass over
 * positions, which tells the {@link Path}, behind one over the fences where the way to the root is
 * not known; the pass that applies events comes last. All stream: no more than two events are held.
 *
 * <p>A tail is younger than its checkpoint, so what is older than that, less a slack, is not looked
 * at: a recovery costs the same however old the table is.
 *
 * <p>The archive may be slow but not silent: without anything new for the timeout, the replay fails
 * with what it waited for.
 */
final class ArchiveReplay {
  /** How many events lie between two reports of progress. */
  private static final int REPORT_EVERY = 10_000;

  /** After so many looks in vain everything is looked at. */
  private static final int LOOKS = 8;

  private static final double FIRST_POLL_MS = 200;
  private static final double LONGEST_POLL_MS = 5_000;

  /**
   * What to replay.
   *
   * @param afterSeq the state holds everything up to this event
   * @param checkpointEpoch the epoch that made it so
   * @param minimumSeq how far the archive has to reach at least
   * @param newest the life whose path counts, or what it is chosen by
   * @param probes the numbers of the probes one of which must be visible; empty for none
   * @param settleMs wait after a probe is visible
   * @param sinceMs what is replayed came into the archive after this moment, as far as clocks can
   *     tell; 0 when that is not known
   * @param snapshots those at one of which it may begin; empty where the state has something
   */
  record Plan(
      double afterSeq,
      double checkpointEpoch,
      double minimumSeq,
      Newest newest,
      List<Double> probes,
      double settleMs,
      double sinceMs,
      Optional<SnapshotChoice> snapshots) {}

  /** Where what is replayed goes. */
  interface Target {
    /** Comes before anything else, perhaps again: nothing up to this event is wanted any more. */
    void begin(double afterSeq);

    /**
     * A part of the snapshot at which it begins.
     *
     * @throws RuntimeException when no store has written the payload
     */
    void part(String payload);

    /** The next event behind it. */
    void apply(Event event);
  }

  /** The newest life that counts. */
  sealed interface Newest {
    /**
     * It is known.
     *
     * @param lastSeq its last event; infinite for all that it wrote
     * @param mustBeThere whether the archive has to have its fence: one that nothing of it was ever
     *     sent to would be a complete one without a tail
     */
    record Known(Life life, double lastSeq, boolean mustBeThere) implements Newest {
      Known(Life life, double lastSeq) {
        this(life, lastSeq, false);
      }
    }

    /**
     * It is the one with the newest claim of a writer's.
     *
     * @param writer "" for any
     * @param adopting whether another writer's will do where there is none of that one's
     */
    record OfWriter(String writer, boolean adopting) implements Newest {}
  }

  /** Where a replay ends: exactly one of its methods is called. */
  interface End {
    /**
     * The events have been applied.
     *
     * @param life the newest that counts, with as many ancestors as are kept
     * @param path null after a survey, which has looked for any rows at all
     * @param rows how many there were
     */
    void completed(Life life, @Nullable Path path, double rows);

    void failed(String error);
  }

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final RecoveryOptions options;
  private final Plan plan;
  private final End end;
  private final double startedMs;

  /** The state holds everything that counts up to this event. */
  private double afterSeq;

  /** Rows that came before are not looked at; 0 when all are. */
  private double sinceMs;

  /** How often it was looked in vain. */
  private int looks;

  private @Nullable Fences fences;
  private @Nullable Path path;
  private Life life = Life.NONE;

  /** Whether what the state holds comes from a snapshot first. */
  private boolean beginsAtSnapshot;

  private double rows;
  private boolean probeSeen;

  /** The first life with rows but no fence, 0 for none. */
  private double unfenced;

  /** The last row that was applied: one that comes again must be the same. */
  private @Nullable ArchivedEvent last;

  private double seen;
  private double seenAtLastCheck;
  private int passes;
  private int watchedPass;

  /** How many rows the passes have looked at that have ended, and all of them at the last check. */
  private double passesLooked;

  private double lookedAtLastCheck;

  /** Whether what there is was looked at before: looking again is nothing new. */
  private boolean lookedInVain;

  private double pollMs = FIRST_POLL_MS;

  /**
   * Whether the sink was up to date in each pass of a look: what one has not seen may have come.
   */
  private boolean upToDate = true;

  private boolean settling;
  private boolean settled;
  private String waitingFor = "the archive's first answer";
  private Optional<ArchivePass> pass = Optional.empty();
  private Timers.@Nullable Timer poll;
  private Timers.@Nullable Timer watchdog;
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
    this.afterSeq = plan.afterSeq();
    this.sinceMs = plan.sinceMs();
    this.settled = plan.probes().isEmpty() || plan.settleMs() <= 0;
  }

  /** What is still missing, as a part of a sentence. */
  String waitingFor() {
    return waitingFor;
  }

  /** The other writer whose events it goes on from, "" for none. */
  String adopted() {
    if (!(plan.newest() instanceof Newest.OfWriter of) || fences().newestOf(of.writer()) != 0) {
      return "";
    }
    return fences().writerOf(chosen());
  }

  /** Runs it. */
  void run(Target target) {
    watch(options.timeoutMs(), 1);
    if (plan.snapshots().isPresent()) {
      lookForSnapshot(plan.snapshots().get(), target);
    } else {
      lookUntilComplete(target);
    }
  }

  // ---- the snapshot

  /** Goes on once a snapshot is chosen of which all parts are there, or there is none. */
  private void lookForSnapshot(SnapshotChoice choice, Target target) {
    SnapshotLook.next(
        choice,
        (query, rows, completed) ->
            pass(query, RecoveryProgress.Phase.ARCHIVE_EPOCHS, rows, completed),
        head -> {
          sinceMs = head.isPresent() ? choice.sinceMs() : plan.sinceMs();
          lookUntilComplete(target);
        });
  }

  private Optional<SnapshotHead> snapshot() {
    return plan.snapshots().flatMap(SnapshotChoice::chosen);
  }

  /** Whether it is not known without fences that a life went through the chosen snapshot. */
  private boolean isPathUnknown(Newest.Known known) {
    boolean onPath =
        snapshot().isPresent() && snapshot().get().isOnPath(known.life(), known.lastSeq());
    return known.mustBeThere() || known.life().isCut() && !onPath;
  }

  /** Puts the parts of the snapshot into the state; one that is damaged is passed over. */
  private void takeParts(Path path, Target target) {
    SnapshotChoice choice = plan.snapshots().orElseThrow();
    boolean[] damaged = {false};
    pass(
        choice.parts(),
        RecoveryProgress.Phase.ARCHIVE_EVENTS,
        row -> {
          seen++;
          if (damaged[0] || !choice.noticePart(row)) {
            return;
          }
          try {
            target.part(Objects.requireNonNull(row.payload()));
          } catch (RuntimeException e) {
            damaged[0] = true;
          }
        },
        () -> {
          if (damaged[0] || !choice.isWhole()) {
            choice.passOver();
            lookForSnapshot(choice, target);
          } else {
            applyAll(path, target);
          }
        });
  }

  /** Looks until the archive is up to date with what was there before, and applies nothing. */
  void survey() {
    watch(options.timeoutMs(), 1);
    lookUntilUpToDate();
  }

  private void lookUntilUpToDate() {
    upToDate = true;
    lookAtHeads(this::lookAtAll);
  }

  /** Counts the snapshots that there are lately, or, asked again, ever. */
  private void lookAtHeads(Runnable none) {
    SnapshotChoice choice = plan.snapshots().orElseThrow();
    pass(
        choice.heads(),
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        choice::notice,
        () -> {
          rows = choice.found().size();
          if (rows > 0) {
            surveyed();
          } else {
            none.run();
          }
        });
  }

  private void lookAtAll() {
    pass(
        IcebergReader.Query.positions(options.namespace(), plan.afterSeq()),
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        row -> rows++,
        () -> {
          if (rows == 0 && plan.snapshots().orElseThrow().mustLook()) {
            // Everything else of an old store may be erased.
            lookAtHeads(this::surveyed);
          } else {
            surveyed();
          }
        });
  }

  private void surveyed() {
    seen = Math.max(seen, rows);
    if (upToDate) {
      finish();
    } else {
      waitingFor = "the sink to catch up with what the Pipeline holds";
      lookAgain(this::lookUntilUpToDate);
    }
  }

  private void lookUntilComplete(Target target) {
    Runnable again = () -> lookUntilComplete(target);
    probeSeen = false;
    rows = 0;
    fences = null;
    if (plan.newest() instanceof Newest.Known known && !isPathUnknown(known)) {
      lookAtPositions(target, again);
      return;
    }
    Fences found = new Fences(origin.json());
    plan.snapshots().ifPresent(choice -> choice.found().forEach(found::notice));
    pass(
        IcebergReader.Query.fences(options.namespace()).since(snapshot().isPresent() ? sinceMs : 0),
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        row -> {
          noticeProbe(row);
          found.notice(row);
        },
        () -> {
          fences = found;
          if (isElsewhere()) {
            fail(
                "the archive has nothing of life "
                    + (long) ((Newest.Known) plan.newest()).life().id());
          } else if (hasFences()) {
            lookAtPositions(target, again);
          } else if (snapshot().isPresent() && sinceMs > 0 && isProbed()) {
            sinceMs = 0;
            again.run();
          } else if (snapshot().isPresent() && isProbed() && plan.snapshots().get().widen()) {
            // An older one may know the way from where a file was put back to the root.
            lookForSnapshot(plan.snapshots().get(), target);
          } else {
            lookAgain(again);
          }
        });
  }

  /** Whether what the life has sent is not in this archive. */
  private boolean isElsewhere() {
    return plan.newest() instanceof Newest.Known known
        && known.mustBeThere()
        && !fences().has(known.life().id());
  }

  /** Whether the fences tell which lives count. */
  private boolean hasFences() {
    if (plan.newest() instanceof Newest.Known known) {
      return isFenced(fences().missing(known.life()));
    }
    // Chosen before the probe is visible, the newest life would be missed.
    return isProbed() && isFenced(fences().missing(chosen()));
  }

  /** What the pass over the fences has found, once there was one. */
  private Fences fences() {
    return Objects.requireNonNull(fences);
  }

  private boolean isFenced(double missing) {
    if (missing != 0) {
      waitingFor = "the fence of life " + (long) missing + " to appear in the archive";
    }
    return missing == 0;
  }

  /** The newest life of the writer's, or, where another's will do, of anyone's. */
  private double chosen() {
    Newest.OfWriter of = (Newest.OfWriter) plan.newest();
    double own = fences().newestOf(of.writer());
    double other = own == 0 ? fences().newestOf("") : 0;
    if (other != 0 && !of.adopting()) {
      throw new RecoveryException(
          "the archive has events of writer "
              + fences().writerOf(other)
              + ", and none of this one, "
              + of.writer()
              + ": two objects have this name on one stream. Give one of them another namespace or"
              + " table, or set ADOPT_LOG=true once for this one to go on from the other's events");
    }
    return own == 0 ? other : own;
  }

  private void lookAtPositions(Target target, Runnable again) {
    Life all;
    double lastSeq;
    if (plan.newest() instanceof Newest.Known known) {
      all = fences == null ? known.life() : fences.completed(known.life());
      lastSeq = known.lastSeq();
    } else {
      all = fences().whole(chosen());
      lastSeq = Double.POSITIVE_INFINITY;
    }
    // Of what was before the store was deleted nothing is left.
    afterSeq = Math.max(plan.afterSeq(), all.emptied().seq());
    beginsAtSnapshot = false;
    if (snapshot().isPresent()) {
      if (!snapshot().get().isOnPath(all, lastSeq)) {
        SnapshotChoice choice = plan.snapshots().orElseThrow();
        choice.passOver();
        lookForSnapshot(choice, target);
        return;
      }
      // One before the store was deleted only tells from when on there is something.
      beginsAtSnapshot = snapshot().get().seq() > afterSeq;
      afterSeq = Math.max(afterSeq, snapshot().get().seq());
    }
    Path found = new Path(all, lastSeq, afterSeq, plan.checkpointEpoch());
    rows = 0;
    unfenced = 0;
    pass(
        IcebergReader.Query.positions(options.namespace(), afterSeq).since(sinceMs),
        RecoveryProgress.Phase.ARCHIVE_EPOCHS,
        row -> {
          rows++;
          noticeProbe(row);
          found.notice(row);
          if (fences != null && row.life() != 0 && row.seq() != 0 && !fences.has(row.life())) {
            unfenced = row.life();
          }
        },
        () -> {
          found.seal();
          path = found;
          boolean old = all.id() == Fences.ALL_OLD;
          life = old ? Life.ofEpoch(found.newestOldEpoch()) : all.kept();
          seen = Math.max(seen, rows);
          boolean complete = isComplete(found);
          if (isTooNarrow(found, complete, lastSeq)) {
            sinceMs = 0;
            again.run();
          } else if (complete) {
            waitingFor = "the archive's events to be applied";
            target.begin(afterSeq);
            watch(options.timeoutMs(), passes + 1);
            if (beginsAtSnapshot) {
              takeParts(found, target);
            } else {
              applyAll(found, target);
            }
          } else {
            lookAgain(again);
          }
        });
  }

  /**
   * Whether what is missing may have come before the moment since when rows are looked at: clocks
   * may differ by more than the slack. That nothing was left out shows when the rows follow on the
   * state without a gap; where there are none to show it, and where no probe shows in time, all of
   * them are looked at.
   */
  private boolean isTooNarrow(Path path, boolean complete, double lastSeq) {
    if (sinceMs == 0 || complete && lastSeq <= afterSeq) {
      return false;
    }
    return complete
        ? path.reach() <= afterSeq
        : path.lacksFirst() || unfenced != 0 || ++looks % LOOKS == 0;
  }

  private void noticeProbe(ArchivedEvent row) {
    probeSeen |= row.seq() == 0 && plan.probes().contains(row.life());
  }

  /** Whether what was sent before the probe is visible, and what may land late has had its time. */
  private boolean isProbed() {
    if (!plan.probes().isEmpty() && !probeSeen) {
      waitingFor = "the probe that was sent behind everything else to appear in the archive";
      return false;
    }
    if (!settled) {
      waitingFor = "late rows of the archive, for " + (long) plan.settleMs() + " ms";
      settling = true;
      return false;
    }
    return true;
  }

  private boolean isComplete(Path path) {
    if (!isProbed() || !isFenced(unfenced)) {
      return false;
    }
    if (path.gap() != null) {
      waitingFor = "the archive to be complete: " + path.gap();
      return false;
    }
    if (path.reach() < plan.minimumSeq()) {
      waitingFor =
          "the archive to reach seq "
              + (long) plan.minimumSeq()
              + ", it reaches "
              + (long) path.reach();
      return false;
    }
    return true;
  }

  private void lookAgain(Runnable look) {
    lookedInVain = true;
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

  private void applyAll(Path path, Target target) {
    if (path.reach() <= afterSeq) {
      finish();
      return;
    }
    double total = rows;
    double[] applied = {0};
    pass(
        IcebergReader.Query.events(options.namespace(), afterSeq).since(sinceMs),
        RecoveryProgress.Phase.ARCHIVE_EVENTS,
        row -> {
          applied[0]++;
          seen++;
          if (row.seq() != 0 && row.seq() > afterSeq && path.has(row)) {
            apply(row, target);
          }
          if (applied[0] % REPORT_EVERY == 0) {
            report(RecoveryProgress.Phase.ARCHIVE_EVENTS, applied[0], total);
          }
        },
        () -> {
          report(RecoveryProgress.Phase.ARCHIVE_EVENTS, applied[0], total);
          finish();
        });
  }

  private void apply(ArchivedEvent row, Target target) {
    boolean again = last != null && last.seq() == row.seq() && last.life() == row.life();
    Event event = Event.archived(origin, row);
    if (last != null && again && last.epoch() == row.epoch() && differs(last, row, event)) {
      throw new RecoveryException(
          about(row)
              + ": expected one event, found "
              + about(last, "and")
              + about(row, "with other content"));
    }
    last = row;
    if (event == null) {
      throw new RecoveryException(about(row) + ": expected a verb of a store, found " + row.verb());
    }
    target.apply(event);
  }

  /** Whether a row that comes again is another event; a packed one may be spelled otherwise. */
  private boolean differs(ArchivedEvent before, ArchivedEvent row, @Nullable Event event) {
    if (before.equals(row)) {
      return false;
    }
    Event other = Event.archived(origin, before);
    return event == null || other == null || !event.saysWhat(other);
  }

  private static String about(ArchivedEvent row) {
    return "epoch "
        + (long) row.epoch()
        + ", life "
        + (long) row.life()
        + ", seq "
        + (long) row.seq();
  }

  private static String about(ArchivedEvent row, String then) {
    return row.verb() + " of " + row.entityId() + " at " + (long) row.tsMs() + " " + then + " ";
  }

  private void pass(
      IcebergReader.Query query,
      RecoveryProgress.Phase phase,
      Consumer<ArchivedEvent> visitor,
      Runnable completed) {
    passesLooked = looked();
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
                    upToDate &= isUpToDate;
                    try {
                      if (!ended) {
                        completed.run();
                      }
                    } catch (RecoveryException e) {
                      // Thrown on, it would be the host's, and the replay would wait in vain.
                      fail(String.valueOf(e.getMessage()));
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

  private double looked() {
    return passesLooked + pass.map(ArchivePass::rows).orElse(0.0);
  }

  /** Sees to it that there is something new after the timeout; a pass may take longer than that. */
  private void watch(double timeoutMs, int pass) {
    if (watchdog != null) {
      watchdog.cancel();
    }
    watchedPass = pass;
    lookedAtLastCheck = passesLooked;
    watchdog = timers.after(timeoutMs, this::check);
  }

  private void check() {
    double now = Math.max(seen, rows);
    // Looking once more at what is known is no progress; a long look that goes on is.
    boolean known = lookedInVain && passes != watchedPass;
    boolean looking = !known && looked() > lookedAtLastCheck;
    if (now <= seenAtLastCheck && !looking) {
      fail("nothing new for " + (long) options.timeoutMs() + " ms while waiting for " + waitingFor);
      return;
    }
    seenAtLastCheck = now;
    watch(options.timeoutMs(), passes);
    lookedAtLastCheck = looked();
  }

  private void finish() {
    ended = true;
    Objects.requireNonNull(watchdog).cancel();
    end.completed(life, path, rows);
  }

  private void fail(String error) {
    if (ended) {
      return;
    }
    ended = true;
    Objects.requireNonNull(watchdog).cancel();
    if (poll != null) {
      poll.cancel();
    }
    if (pass.isPresent()) {
      pass.get().cancel();
    }
    end.failed("namespace " + options.namespace() + ": " + error);
  }
}
