package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.feed.Feed;
import dev.unifiedstorage.layout.CommitRecord;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.layout.Owner;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.LifeStep;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.recovery.ArchiveStart;
import dev.unifiedstorage.recovery.FileFork;
import dev.unifiedstorage.recovery.Recovered;
import dev.unifiedstorage.recovery.RecoveryResult;
import dev.unifiedstorage.recovery.SqliteStart;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The start of a store, and its rebuild: from one state of the {@link Lifecycle} to the next.
 *
 * <p>SQLite is read at once. What the archive has to add arrives in its own time; {@link #turn}
 * takes it up.
 */
final class Starts {
  private final Lifecycle lifecycle;
  private final SqliteStart sqlite;
  private final Optional<ArchiveStart> archive;
  private final Function<CommitRecord, FileFork> forks;
  private final double settleMs;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final Feed feed;
  private final ReplyGate gate;
  private final ReplyWriter replies;
  private final Timers timers;
  private final StoreObserver observer;
  private final Origin self;
  private final String database;
  private final UnaryOperator<String> about;

  /** The other object that wrote the database or the log of this namespace, "" for none. */
  private String otherWriter = "";

  /** The start over the database of another namespace, while one is under way. */
  private Optional<FileFork> forking = Optional.empty();

  private Optional<Completion> started = Optional.empty();
  private Optional<Consumer<Optional<String>>> rebuilt = Optional.empty();

  /**
   * @param forks makes of the newest record of another namespace's database what forks it
   * @param settleMs how long late rows of the archive are waited for
   * @param self which namespace and writer this is
   * @param database the name of the object's SQLite, for errors
   * @param about puts namespace, epoch and seq before a sentence
   */
  Starts(
      Lifecycle lifecycle,
      SqliteStart sqlite,
      Optional<ArchiveStart> archive,
      Function<CommitRecord, FileFork> forks,
      double settleMs,
      WriteAheadLog wal,
      Committer committer,
      Feed feed,
      ReplyGate gate,
      ReplyWriter replies,
      Timers timers,
      StoreObserver observer,
      Origin self,
      String database,
      UnaryOperator<String> about) {
    this.lifecycle = lifecycle;
    this.sqlite = sqlite;
    this.archive = archive;
    this.forks = forks;
    this.settleMs = settleMs;
    this.wal = wal;
    this.committer = committer;
    this.feed = feed;
    this.gate = gate;
    this.replies = replies;
    this.timers = timers;
    this.observer = observer;
    this.self = self;
    this.database = database;
    this.about = about;
  }

  /** What a recovery waits for, as a part of a sentence. */
  String waitingFor() {
    return forking.isPresent()
        ? forking.get().waitingFor()
        : archive.map(ArchiveStart::waitingFor).orElse("SQLite");
  }

  boolean hasArchive() {
    return archive.isPresent();
  }

  // ---- the start

  void start(Completion done) {
    lifecycle.read();
    started = Optional.of(done);
    try {
      SqliteStart.Found found = sqlite.read();
      if (found instanceof SqliteStart.Found.Known known) {
        goOnFrom(known.recovered());
      } else if (found instanceof SqliteStart.Found.Foreign foreign) {
        fork(foreign.record());
      } else {
        archive.orElseThrow().survey(((SqliteStart.Found.Unknown) found).conclude());
      }
    } catch (RuntimeException e) {
      failStart(e);
    }
    lifecycle.holdRequests(timers);
  }

  private void goOnFrom(Recovered start) {
    wal.recovered(start.recorded(), start.appliedSeq(), start.outbox(), start.loggedSeq());
    checkOwner(start.owner());
    if (start.missing() == Recovered.Missing.NOTHING) {
      runAtOnce(ofOther(start.result(), start.recorded().life(), start.appliedSeq()));
      return;
    }
    lifecycle.awaitArchive();
    lifecycle.releaseRequests();
    List<Double> probes = committer.beginRecovery();
    // The probe leaves before the archive is looked at for it.
    committer.turn();
    observer.info(about.apply("the last life did not close; reading its end from the archive"));
    archive.orElseThrow().complete(start, probes, settleMs);
  }

  private void runAtOnce(RecoveryResult result) {
    committer.recoveryAbandoned();
    run(result);
    lifecycle.releaseRequests();
    endStart(Completion::succeeded);
  }

  /** A file that another object has written is gone on from under a life of this one's own. */
  private void checkOwner(Owner owner) {
    if (!owner.writer().isEmpty() && !owner.writer().equals(self.writer())) {
      otherWriter = owner.writer();
      observer.warning(
          about.apply(
              "the database was written by "
                  + owner.writer()
                  + "; "
                  + self.writer()
                  + " goes on from it, and what the other one writes is a branch"));
    }
  }

  /** An empty database goes on from the log of another object, if it was told to. */
  private void adopt(String writer) {
    if (!writer.isEmpty()) {
      otherWriter = writer;
      observer.warning(
          about.apply(
              "ADOPT_LOG: it goes on from the events of writer "
                  + writer
                  + "; take the setting away now"));
    }
  }

  /** Says in what a start did that another object had written the database, if one had. */
  private RecoveryResult ofOther(RecoveryResult result, Life life, double lastSeq) {
    if (otherWriter.isEmpty()) {
      return result;
    }
    String at = new Position(life.of(lastSeq), lastSeq).text(self.json());
    return result.from(new RecoveryResult.From(self.namespace(), otherWriter, at), result.clean());
  }

  // ---- over the database of another namespace

  private void fork(CommitRecord record) {
    FileFork fork = forks.apply(record);
    Recovered start = fork.read();
    if (start.missing() == Recovered.Missing.NOTHING) {
      runFork(fork.make(start));
      return;
    }
    forking = Optional.of(fork);
    lifecycle.awaitArchive();
    lifecycle.releaseRequests();
    wal.lives().recoverOther(start.recorded());
    // The probe leaves before the archive is looked at for it.
    committer.turn();
    fork.complete(start, settleMs);
  }

  /** Goes on from the database, which is this namespace's own by now. */
  private void runFork(RecoveryResult result) {
    Recovered start = ((SqliteStart.Found.Known) sqlite.read()).recovered();
    wal.recovered(start.recorded(), start.appliedSeq(), start.outbox(), start.loggedSeq());
    RecoveryResult.From from = Objects.requireNonNull(result.from());
    observer.warning(
        about.apply(
            "the database belonged to namespace "
                + from.namespace()
                + "; this store begins as its fork at "
                + from.at()));
    runAtOnce(result);
  }

  private void run(RecoveryResult result) {
    lifecycle.run(result);
    committer.start();
    feed.begin(result.clean());
    say(result);
  }

  private void say(RecoveryResult result) {
    wal.steps()
        .say(
            result.clean() ? LifeStep.STARTED : LifeStep.RECOVERED,
            result.source().label(),
            new String[] {"things", "events", "durationMs"},
            result.thingsLoaded(),
            result.eventsReplayed(),
            result.durationMs());
  }

  private void failStart(RuntimeException error) {
    String why = "in " + database + ": " + error.getMessage();
    String reason = about.apply(why);
    lifecycle.fail(reason);
    wal.steps().say(LifeStep.FAILED, why);
    lifecycle.releaseRequests();
    endStart(done -> done.failed(reason));
  }

  private void endStart(Consumer<Completion> end) {
    Completion done = started.orElseThrow();
    started = Optional.empty();
    end.accept(done);
  }

  // ---- a rebuild

  /**
   * Makes the state anew from the archive.
   *
   * @param ended receives nothing when that has succeeded and SQLite has it, else why it has not
   */
  void rebuild(Consumer<Optional<String>> ended) {
    if (wal.seqs().applied() > wal.seqs().checkpointed()) {
      // The record that begins it has no room for all that may wait for the Pipeline.
      committer.checkpoint(Trigger.MANUAL);
    }
    List<Double> probes;
    try {
      probes = committer.beginRebuild();
    } catch (RuntimeException e) {
      ended.accept(Optional.of(about.apply(e.getMessage())));
      return;
    }
    rebuilt = Optional.of(ended);
    lifecycle.rebuild();
    committer.stop();
    // The probe leaves before the archive is looked at for it.
    committer.turn();
    archive.orElseThrow().rebuild(wal.seqs().life(), probes, settleMs, wal.seqs().applied());
  }

  private void failRebuild(RuntimeException error) {
    String reason = about.apply(error.getMessage());
    observer.error(reason);
    if (archive.orElseThrow().isStateIntact()) {
      lifecycle.resume();
      committer.recoveryAbandoned();
      committer.start();
    } else {
      // Half of a state is in memory, all of it is in SQLite: a new instance reads that.
      lifecycle.fail(reason);
      gate.refuseAll(
          id ->
              replies.reply(id, new Outcome.Refused(Refusal.of(ErrorCode.UNAVAILABLE, reason), 0)));
    }
    endRebuild(Optional.of(reason));
  }

  private void endRebuild(Optional<String> error) {
    Consumer<Optional<String>> ended = rebuilt.orElseThrow();
    rebuilt = Optional.empty();
    ended.accept(error);
  }

  // ---- the end

  /** Another instance writes the database: this one answers nothing any more. */
  void stop() {
    String why =
        database
            + " is not as this instance has left it: another one writes it, or it was replaced";
    String reason = about.apply(why);
    wal.steps().say(LifeStep.FAILED, why);
    committer.stop();
    lifecycle.stop(reason);
    gate.refuseAll(
        id -> replies.reply(id, new Outcome.Refused(Refusal.of(ErrorCode.UNAVAILABLE, reason), 0)));
    rebuilt.ifPresent(ended -> ended.accept(Optional.of(reason)));
    rebuilt = Optional.empty();
    started.ifPresent(done -> done.failed(reason));
    started = Optional.empty();
    lifecycle.releaseRequests();
  }

  // ---- the turn

  boolean hasOutcome() {
    return isForked() || archive.isPresent() && archive.get().hasOutcome();
  }

  private boolean isForked() {
    return forking.isPresent() && forking.get().hasOutcome();
  }

  /** Takes up what the archive has brought. */
  void turn() {
    if (!hasOutcome()) {
      return;
    }
    if (isForked()) {
      FileFork fork = forking.orElseThrow();
      forking = Optional.empty();
      try {
        runFork(fork.takeOutcome());
      } catch (RuntimeException e) {
        failStart(e);
      }
      return;
    }
    ArchiveStart.Outcome outcome = archive.get().takeOutcome().orElseThrow();
    if (outcome instanceof ArchiveStart.Outcome.Surveyed surveyed) {
      try {
        goOnFrom(surveyed.recovered());
      } catch (RuntimeException e) {
        failStart(e);
      }
    } else if (outcome instanceof ArchiveStart.Outcome.Completed completed) {
      complete(completed);
    } else if (rebuilt.isPresent()) {
      failRebuild(((ArchiveStart.Outcome.Failed) outcome).error());
    } else {
      failStart(((ArchiveStart.Outcome.Failed) outcome).error());
    }
  }

  /** The state is whole: it is persisted at once. */
  private void complete(ArchiveStart.Outcome.Completed completed) {
    RecoveryResult result = completed.result();
    if (rebuilt.isPresent()) {
      wal.rebuilt(completed.lastSeq());
    } else {
      wal.recoveryCompleted(completed.life(), completed.lastSeq());
      adopt(completed.adopted());
      result = ofOther(result, completed.life(), completed.lastSeq());
    }
    run(result);
    Optional<RuntimeException> error = committer.checkpoint(Trigger.RECOVERY).error();
    if (rebuilt.isPresent()) {
      endRebuild(error.map(e -> about.apply(e.getMessage())));
    } else {
      // A failure has been reported, and the timer that is armed now tries again.
      endStart(Completion::succeeded);
    }
  }
}
