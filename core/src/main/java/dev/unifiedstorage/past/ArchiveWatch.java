package dev.unifiedstorage.past;

import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.wal.Seqs;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Whether what the Pipeline has accepted reaches the archive: how far it has come, how late it is,
 * and what is missing.
 *
 * <p>Others look, at the files that are new, and report what became visible between two moments;
 * reports whose moments join or overlap are one long look. An event is missing if it was accepted
 * while that look went on, is in none of its reports, and a later one is. The sink may bring events
 * out of order, so a gap has to last for the settle time. What was accepted before the look began
 * is taken for archived, because no look shows whether it is.
 *
 * <p>With a limit on the lag it looks itself, through the store's own archive reader, when the
 * limit has passed without a report: then writes are acknowledged as in an outage, from SQLite,
 * until the archive has caught up. It sets no timer; an object without writes has nothing to
 * protect.
 *
 * <p>Everything here is memory: it is about the near past, and the next instance begins anew.
 */
public final class ArchiveWatch {
  /** More marks are thinned out: every second one goes, and lags seem longer, not shorter. */
  private static final int MOST_MARKS = 64;

  /** Events that were accepted within that time share a mark. */
  private static final double MARK_MS = 1_000;

  /** The longest wait between its own looks. */
  private static final double LOOK_MS = 60_000;

  /**
   * How the archive stands.
   *
   * @param lastSeq the last event that was seen there
   * @param lagMs how long ago the oldest event was accepted that it lacks, at most
   * @param holes how many ranges of seqs are missing for good, as far as is known
   * @param firstHoleFrom where the first one begins, 0 without one
   * @param firstHoleTo where it ends
   * @param checkedAtMs when it was looked at last
   * @param limited whether writes are acknowledged from SQLite because of the lag
   */
  public record Stats(
      double lastSeq,
      double lagMs,
      int holes,
      double firstHoleFrom,
      double firstHoleTo,
      double checkedAtMs,
      boolean limited) {}

  /** Events up to one, accepted at a moment or after it, and those of the mark before earlier. */
  private record Mark(double seq, double atMs) {}

  private final WriteAheadLog wal;
  private final Seqs seqs;
  private final Committer committer;
  private final Clock clock;
  private final StoreObserver observer;
  private final UnaryOperator<String> about;
  private final Optional<IcebergReader> archive;
  private final Runnable heal;
  private final String namespace;
  private final double limitMs;
  private final double settleMs;
  private final double slackMs;

  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private final SeqRanges seen = new SeqRanges();
  private final SeqRanges holes = new SeqRanges();

  /** Whether the numbers of a start have been taken over. */
  private boolean begun;

  /** What was accepted when this instance began, and the life that wrote the last of it. */
  private double startSeq;

  private Life startLife = Life.NONE;
  private int undos;

  /** Everything up to this event is archived, missing or not to be told; negative: unknown. */
  private double base = -1;

  /** The look that goes on: from when on, and until when. */
  private double sinceMs;

  private double untilMs = -1;

  /** The gap that is being waited for, and since when. */
  private double gapFrom = -1;

  private double gapAtMs;
  private double lagMs;

  /** Whether the log was told last that the lag has passed the limit. */
  private boolean limited;

  /** Its own look, while one goes on, and when something was heard of it. */
  private Optional<ArchivePass> looking = Optional.empty();

  private double heardAtMs;
  private double lookedAtMs = -1;
  private boolean lookFailed;

  /**
   * @param archive looked at when the limit has passed; empty where there is none
   * @param heal has the archive be given what is missing there in another form
   * @param limitMs the lag past which writes go to SQLite first, 0 for any
   * @param settleMs how late the sink may bring an event after later ones
   * @param slackMs how far the clocks of the object and of the Pipeline may differ
   */
  public ArchiveWatch(
      WriteAheadLog wal,
      Committer committer,
      Optional<IcebergReader> archive,
      Runnable heal,
      String namespace,
      double limitMs,
      double settleMs,
      double slackMs,
      Clock clock,
      StoreObserver observer,
      UnaryOperator<String> about) {
    this.wal = wal;
    this.seqs = wal.seqs();
    this.committer = committer;
    this.archive = archive;
    this.heal = heal;
    this.namespace = namespace;
    this.limitMs = limitMs;
    this.settleMs = settleMs;
    this.slackMs = slackMs;
    this.clock = clock;
    this.observer = observer;
    this.about = about;
  }

  /** How the archive stands; empty before the first look. */
  public Optional<Stats> stats() {
    if (untilMs < 0) {
      return Optional.empty();
    }
    boolean any = !holes.isEmpty();
    return Optional.of(
        new Stats(
            Math.max(seen.last(), Math.max(base, 0)),
            lagMs,
            holes.size(),
            any ? holes.first().from() : 0,
            any ? holes.first().to() : 0,
            untilMs,
            wal.isArchiveLagging()));
  }

  // ---- the turn

  /**
   * Takes note of what was accepted since the last turn, and looks itself if no report has come.
   */
  public void turn() {
    double accepted = seqs.accepted();
    if (!begun) {
      begin(accepted, clock.nowMs());
    } else if (accepted > (marks.isEmpty() ? Math.max(base, startSeq) : marks.getLast().seq)) {
      mark(accepted, clock.nowMs());
    }
    if (undos != seqs.undos()) {
      // Those seqs mean other events from now on.
      undos = seqs.undos();
      seen.remove(seqs.durable() + 1, Double.POSITIVE_INFINITY);
      base = Math.min(base, seqs.durable());
    }
    lookIfDue();
  }

  private void begin(double accepted, double nowMs) {
    begun = true;
    undos = seqs.undos();
    startSeq = accepted;
    startLife = seqs.life();
    double savedMs = seqs.checkpointedMs();
    if (accepted > 0) {
      marks.add(new Mark(accepted, savedMs > 0 ? savedMs : nowMs));
    }
  }

  private void mark(double accepted, double nowMs) {
    if (!marks.isEmpty() && marks.getLast().seq > startSeq) {
      double sinceLastMs = nowMs - marks.getLast().atMs;
      if (sinceLastMs >= 0 && sinceLastMs < MARK_MS) {
        marks.add(new Mark(accepted, marks.removeLast().atMs));
        return;
      }
    }
    marks.add(new Mark(accepted, nowMs));
    if (marks.size() > MOST_MARKS) {
      thinOut();
    }
  }

  private void thinOut() {
    List<Mark> all = new ArrayList<>(marks);
    marks.clear();
    for (int i = 0; i < all.size(); i += 2) {
      Mark second = all.get(Math.min(i + 1, all.size() - 1));
      marks.add(new Mark(second.seq, all.get(i).atMs));
    }
  }

  // ---- reports

  /** Takes up what a look has found. */
  public void take(ArchiveReport report) {
    take(report, true);
  }

  /**
   * The same.
   *
   * @param tells whether it has looked everywhere: what it has not found may be missing
   */
  private void take(ArchiveReport report, boolean tells) {
    boolean goesOn = untilMs >= 0 && report.sinceMs() <= untilMs;
    if (!goesOn) {
      sinceMs = report.sinceMs();
    }
    untilMs = report.untilMs();
    add(report);
    settle(tells);
    while (!marks.isEmpty() && marks.peek().seq <= base) {
      marks.poll();
    }
    lagMs = marks.isEmpty() ? 0 : Math.max(0, untilMs - marks.peek().atMs);
    limit(limitMs > 0 && lagMs > limitMs);
  }

  private void add(ArchiveReport report) {
    Life life = seqs.life();
    double least = Double.POSITIVE_INFINITY;
    for (ArchiveReport.Seen one : report.seen()) {
      double to = Math.min(one.toSeq(), life.lastOf(one.life(), seqs.applied()));
      if (one.fromSeq() <= to) {
        least = Math.min(least, one.fromSeq());
        holes.remove(one.fromSeq(), to);
        if (to > base) {
          seen.add(Math.max(one.fromSeq(), base + 1), to);
        }
      }
    }
    if (base < 0) {
      beginAt(least);
    }
  }

  /** Finds out from where on something can be told. */
  private void beginAt(double leastSeen) {
    if (startSeq == 0) {
      base = 0;
    } else if (startLife.claimMs() >= sinceMs + settleMs) {
      base = Math.min(startLife.parentSeq(), startSeq);
    } else if (leastSeen < Double.POSITIVE_INFINITY) {
      base = leastSeen - 1;
    } else if (marks.isEmpty() || marks.peek().atMs < sinceMs) {
      base = startSeq;
    }
    if (base > 0) {
      seen.remove(0, base);
    }
  }

  /** Moves on over what is there, and over what is missing for good. */
  private void settle(boolean tells) {
    while (base >= 0 && !seen.isEmpty()) {
      SeqRanges.Range next = seen.first();
      boolean gap = next.from() > base + 1;
      // What the Pipeline has not answered for may be on its way, although later events are there.
      if (gap && (next.from() > seqs.accepted() || !isSettled(base + 1, next.from() - 1, tells))) {
        return;
      }
      base = next.to();
      seen.remove(0, base);
    }
  }

  /** Whether nothing of a gap is waited for any more. */
  private boolean isSettled(double from, double to, boolean tells) {
    double missing = firstToldOf(from, to);
    if (missing > to) {
      return true;
    }
    if (gapFrom != missing) {
      gapFrom = missing;
      gapAtMs = untilMs;
    }
    if (!tells || untilMs - gapAtMs < settleMs) {
      return false;
    }
    if (holes.isEmpty()) {
      observer.warning(
          about.apply(
              "events "
                  + (long) missing
                  + " to "
                  + (long) to
                  + " are not in the archive, although the Pipeline has accepted them and later"
                  + " ones are there; SQLite has what they did, and a snapshot is sent so that a"
                  + " rebuild has it too. Further ones are only counted, see archive.holes in the"
                  + " stats"));
    }
    holes.add(missing, to);
    heal.run();
    return true;
  }

  /** The first of some events that would have been seen if it were there. */
  private double firstToldOf(double from, double to) {
    double seq = from;
    if (seq <= startSeq) {
      // When those were accepted is only known as far as their life is.
      double parentSeq = startLife.parentSeq();
      boolean told = startLife.claimMs() >= sinceMs + settleMs;
      seq = told ? Math.max(seq, Math.min(parentSeq, startSeq) + 1) : startSeq + 1;
    }
    Iterator<Mark> later = marks.iterator();
    while (seq > startSeq && seq <= to && later.hasNext()) {
      Mark mark = later.next();
      if (mark.seq >= seq) {
        if (mark.atMs >= sinceMs + settleMs) {
          return seq;
        }
        seq = mark.seq + 1;
      }
    }
    return seq;
  }

  private void limit(boolean limits) {
    if (wal.archiveLags(limits)) {
      committer.ask(Trigger.OUTAGE);
    }
    boolean now = wal.isArchiveLagging();
    if (now && !limited) {
      wal.steps()
          .say(
              LifeStep.DEGRADED,
              "the archive lags by "
                  + (long) lagMs
                  + " ms; writes go to SQLite first until it has caught up");
    } else if (!now && limited) {
      wal.steps().say(LifeStep.CAUGHT_UP, "the archive has caught up");
    }
    limited = now;
  }

  // ---- its own looks

  private void lookIfDue() {
    if (looking.isPresent()) {
      giveUpIfSilent(looking.get(), clock.nowMs());
      return;
    }
    if (archive.isEmpty() || limitMs == 0 || marks.isEmpty()) {
      return;
    }
    double nowMs = clock.nowMs();
    double waitMs = Math.min(limitMs, LOOK_MS);
    boolean late = nowMs - marks.peek().atMs > limitMs;
    boolean recent = nowMs >= lookedAtMs && nowMs - lookedAtMs < waitMs;
    boolean told = untilMs >= 0 && nowMs >= untilMs && nowMs - untilMs < waitMs;
    if (late && !recent && !told) {
      look(archive.get(), nowMs);
    }
  }

  /** A look that hangs must not be the last one. */
  private void giveUpIfSilent(ArchivePass pass, double nowMs) {
    double silentMs = nowMs - heardAtMs;
    if (pass.takeHeard() || silentMs < 0) {
      heardAtMs = nowMs;
    } else if (silentMs >= LOOK_MS) {
      pass.cancel();
      lookFailed("nothing was heard of the archive for " + (long) silentMs + " ms");
    }
  }

  private void lookFailed(String error) {
    looking = Optional.empty();
    if (!lookFailed) {
      lookFailed = true;
      observer.warning(about.apply("whether the archive lags is not known: " + error));
    }
  }

  /**
   * Whether a gap has lasted for so long that the next look has to be at everything: by clocks that
   * differ by more than the slack the others have looked beside what is missing.
   */
  private boolean doubts(double nowMs) {
    return gapFrom > base && !seen.isEmpty() && nowMs - gapAtMs >= settleMs;
  }

  private void look(IcebergReader reader, double nowMs) {
    lookedAtMs = nowMs;
    heardAtMs = nowMs;
    double oldestMs = marks.peek().atMs;
    boolean everything = doubts(nowMs);
    double fromMs = everything ? 0 : Math.max(0, oldestMs - slackMs);
    double afterSeq = base < 0 ? Math.min(startLife.parentSeq(), startSeq) : base;
    ArchiveSurvey survey = new ArchiveSurvey();
    ArchivePass pass =
        new ArchivePass(
            row -> survey.row(namespace, row.epoch(), row.life(), row.seq(), row.events()),
            new ArchivePass.End() {
              @Override
              public void completed(boolean upToDate) {
                looking = Optional.empty();
                lookFailed = false;
                // The slack makes up for clocks that differ, which is what the settle time is for.
                double sinceMs = Math.min(oldestMs, nowMs) - settleMs;
                ArchiveReport report = survey.report(namespace, sinceMs, nowMs);
                if (report != null) {
                  take(report, everything);
                }
              }

              @Override
              public void failed(String error) {
                lookFailed(error);
              }
            });
    looking = Optional.of(pass);
    pass.start(reader, IcebergReader.Query.positions(namespace, afterSeq).since(fromMs));
  }
}
