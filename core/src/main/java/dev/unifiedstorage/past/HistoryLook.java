package dev.unifiedstorage.past;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.snapshot.SnapshotChoice;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.snapshot.SnapshotLook;
import dev.unifiedstorage.snapshot.SnapshotPart;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One look at the past: the positions first, then the events.
 *
 * <p>It tells its visitor what has come, and its owner, once, that it is over.
 */
final class HistoryLook {
  /** How much of things, in characters, a look may hold at once. */
  private static final double MAX_CHARS = 16 * 1024 * 1024;

  /** The same of a look at everything. */
  private static final double MAX_STORE_CHARS = 64 * 1024 * 1024;

  /**
   * How long the rows of before a snapshot or a deletion may be late behind it, beside the settle
   * time, where a sink keeps no order. Rows are erased days later (docs/retention.md).
   */
  private static final double LATE_MS = 3_600_000;

  /**
   * What is asked for.
   *
   * @param ids null when all things of a type, or all, are; else the type is null
   * @param moment empty when every moment is
   * @param branch the life off the path whose events are wanted; 0 for those that count
   * @param createdMs when the first of the things was created that there are now, 0 for unknown
   */
  record Question(
      @Nullable Set<String> ids,
      @Nullable String type,
      Optional<Moment> moment,
      double branch,
      double createdMs) {}

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final double timeoutMs;
  private final double settleMs;
  private final double slackMs;
  private final @Nullable Set<String> ids;
  private final @Nullable String type;
  private final Optional<Moment> moment;
  private final double branch;
  private final double createdMs;
  private final ArchiveHistory.Visitor visitor;
  private final Consumer<Runnable> owner;
  private final Life life;
  private final double lastSeq;
  private double untilSeq;
  private Path path;

  /** What counts, while a branch is looked at: else empty. */
  private Optional<Path> counting = Optional.empty();

  private final Map<String, Thing> things = new HashMap<>();

  /** Whether it goes back no further than the things were created. */
  private boolean sinceCreated;

  /** Of a look that does: the things whose creation has come. */
  private final Set<String> began = new HashSet<>();

  /** Whether one of them began earlier, so that everything has to be looked at. */
  private boolean beganEarlier;

  private double chars;
  private double tookSeq;
  private double reach;

  /** Where the store was deleted, oldest first, and how many of those the look has passed. */
  private List<Fences.Emptied> emptied = List.of();

  private int emptiedPassed;

  /** Whether the store was deleted behind the moment: nothing of later can be of it. */
  private boolean endsEmptied;

  private Optional<ArchivePass> pass = Optional.empty();
  private Timers.Timer watchdog;
  private boolean ended;

  /**
   * @param owner is told that the look is over, and given what then has to be told
   */
  @SuppressWarnings("NullAway.Init") // start() sets what is left
  HistoryLook(
      ArchiveHistory.Source source,
      Question question,
      double untilSeq,
      ArchiveHistory.Visitor visitor,
      Consumer<Runnable> owner) {
    this.archive = source.archive();
    this.origin = source.origin();
    this.timers = source.timers();
    this.timeoutMs = source.timeoutMs();
    this.settleMs = source.settleMs();
    this.slackMs = source.slackMs();
    this.life = source.seqs().life();
    this.lastSeq = source.seqs().applied();
    this.ids = question.ids();
    this.type = question.type();
    this.moment = question.moment();
    this.branch = question.branch();
    this.createdMs = question.createdMs();
    this.untilSeq = untilSeq;
    this.visitor = visitor;
    this.owner = owner;
  }

  void start() {
    watchdog = timers.after(timeoutMs, this::check);
    if (createdMs > 0) {
      lookSinceCreated();
    } else {
      lookAtEverything();
    }
  }

  // ---- no further back than things were created

  /**
   * Looks at what came since the things were created that there are now, which costs the same
   * however old the table is. That is enough if it begins each of them, not past the moment, and no
   * event is missing behind its first; else everything is looked at.
   */
  private void lookSinceCreated() {
    sinceCreated = true;
    double sinceMs = Math.max(1, createdMs - slackMs);
    double emptiedSeq = life.emptied().seq();
    path = new Path(life, lastSeq, emptiedSeq, 0);
    pass(
        IcebergReader.Query.positions(origin.namespace(), emptiedSeq).since(sinceMs),
        path::notice,
        () -> {
          path.seal();
          double first = path.first();
          double whole = path.reachWithoutGap(first);
          if (first == 0 || whole < path.reach()) {
            // What seems to be missing may only be older, and the first an event that came late.
            lookAtEverything();
            return;
          }
          tookSeq = first - 1;
          reach = Math.min(untilSeq, whole);
          lookAtEvents(
              tookSeq,
              sinceMs,
              () -> {
                if (isEnough()) {
                  end(() -> visitor.completed(reach));
                } else {
                  things.clear();
                  chars = 0;
                  lookAtEverything();
                }
              });
        });
  }

  /** Whether each of the things began in what was looked at. */
  private boolean isEnough() {
    return !beganEarlier && began.containsAll(Objects.requireNonNull(ids));
  }

  /** Whether what a thing was is known by an event: from its creation on, not past the moment. */
  private boolean hasBegun(Event event) {
    if (event.verb() == Event.Verb.CREATED
        && event.tsMs() <= moment.map(Moment::untilMs).orElse(0.0)) {
      began.add(event.thingId());
    }
    return began.contains(event.thingId());
  }

  // ---- everything

  private void lookAtEverything() {
    sinceCreated = false;
    beganEarlier = false;
    if (branch == 0 && !life.isCut() && life.emptied().life() == 0) {
      lookAtPositions(life, life, 0);
      return;
    }
    Fences fences = new Fences(origin.json());
    pass(
        IcebergReader.Query.fences(origin.namespace()),
        fences::notice,
        () -> {
          // A life without a fence in the archive has no events there either.
          boolean there = branch != 0 && (!Life.isDrawn(branch) || fences.has(branch));
          double missing = Math.max(fences.missing(life), there ? fences.missing(branch) : 0);
          if (missing == 0 && life.emptied().life() != 0) {
            missing = fences.missingToEmptied(life);
          }
          if (missing != 0) {
            String error = "the archive lacks the fence of life " + (long) missing;
            // It may be late: a history must not be shorter than the archive's.
            if (moment.isPresent()) {
              beginAtSnapshotOr(() -> fail(error));
            } else {
              fail(error);
            }
          } else if (branch != 0 && !there) {
            end(() -> visitor.completed(0));
          } else {
            Life counts = fences.completed(life);
            Life whole = branch == 0 ? counts : fences.whole(branch);
            emptied = fences.emptied(whole);
            lookAtPositions(whole, counts, firstSeq(emptied));
          }
        });
  }

  /**
   * The event behind which the things begin that there were at the moment; the look ends where the
   * store was deleted next.
   */
  private double firstSeq(List<Fences.Emptied> emptied) {
    double from = 0;
    for (Fences.Emptied one : emptied) {
      if (moment.isEmpty() || isAfter(moment.get(), one)) {
        from = moment.isEmpty() ? 0 : one.seq();
      } else {
        untilSeq = Math.min(untilSeq, one.seq());
        endsEmptied = true;
        break;
      }
    }
    return from;
  }

  private static boolean isAfter(Moment moment, Fences.Emptied one) {
    if (moment.untilMs() < Double.POSITIVE_INFINITY) {
      return moment.untilMs() >= one.atMs();
    }
    boolean there = moment.position() != null && moment.position().life() == one.life();
    return moment.untilSeq() > one.seq() || moment.untilSeq() == one.seq() && there;
  }

  private void lookAtPositions(Life whole, Life counts, double afterSeq) {
    boolean ofBranch = branch != 0;
    path = new Path(whole, ofBranch ? untilSeq : lastSeq, afterSeq, 0);
    counting = ofBranch ? Optional.of(new Path(counts, lastSeq, afterSeq, 0)) : Optional.empty();
    pass(
        IcebergReader.Query.positions(origin.namespace(), afterSeq),
        row -> {
          path.notice(row);
          counting.ifPresent(other -> other.notice(row));
        },
        () -> {
          path.seal();
          counting.ifPresent(Path::seal);
          tookSeq = afterSeq;
          reach = Math.min(untilSeq, path.reachWithoutGap());
          double emptiedSeq = whole.emptied().seq();
          boolean lacksFirst = moment.isEmpty() && reach < emptiedSeq && path.lacksFirst();
          if (lacksFirst && isErasedBeforeDeletions()) {
            // The rows of before the store was deleted are erased: of late ones some are there.
            lookAtPositions(whole, counts, emptiedSeq);
            return;
          }
          if (ofBranch && reach < whole.parentSeq()) {
            fail("what the branch goes on from is not whole: " + path.gap());
          } else if (path.lacksFirst()) {
            beginAtSnapshotOr(() -> lookAtEvents(0, 0));
          } else {
            lookAtEvents(0, 0);
          }
        });
  }

  private void lookAtEvents(double afterSeq, double sinceMs) {
    lookAtEvents(afterSeq, sinceMs, () -> end(() -> visitor.completed(known())));
  }

  private void lookAtEvents(double afterSeq, double sinceMs, Runnable completed) {
    pass(
        new IcebergReader.Query(origin.namespace(), afterSeq, untilSeq, inColumn(), false, sinceMs),
        this::take,
        completed);
  }

  // ---- where older rows were erased

  /** What is missing from before this moment is erased; from before a later one it may be late. */
  private double erasedMs() {
    boolean ordered = settleMs == 0;
    return ordered ? Double.POSITIVE_INFINITY : origin.clock().nowMs() - settleMs - LATE_MS;
  }

  /** Whether the store was deleted so long ago that what is missing from before cannot be late. */
  private boolean isErasedBeforeDeletions() {
    for (Fences.Emptied one : emptied) {
      if (one.atMs() > erasedMs()) {
        return false;
      }
    }
    return true;
  }

  /** Begins at a snapshot, or, where none is of use, goes on otherwise. */
  private void beginAtSnapshotOr(Runnable otherwise) {
    if (branch != 0) {
      otherwise.run();
      return;
    }
    // Of the past of a thing all that is left is wanted, of a moment what comes before it.
    SnapshotChoice choice =
        moment
            .map(
                then ->
                    new SnapshotChoice(
                        origin.namespace(),
                        untilSeq,
                        then.untilMs(),
                        0,
                        origin.clock().nowMs(),
                        slackMs,
                        origin.json()))
            .orElseGet(
                () ->
                    SnapshotChoice.oldestFirst(
                        origin.namespace(), untilSeq, erasedMs(), slackMs, origin.json()));
    lookForSnapshot(choice, otherwise);
  }

  private void lookForSnapshot(SnapshotChoice choice, Runnable otherwise) {
    SnapshotLook.next(
        choice,
        this::pass,
        head -> {
          if (head.isPresent()) {
            lookForPath(choice, head.get(), otherwise);
          } else {
            otherwise.run();
          }
        });
  }

  /** Finds out whether the path goes through the snapshot, and has all events behind it. */
  private void lookForPath(SnapshotChoice choice, SnapshotHead head, Runnable otherwise) {
    Fences fences = new Fences(origin.json());
    fences.notice(head);
    pass(
        IcebergReader.Query.fences(origin.namespace()).since(choice.sinceMs()),
        fences::notice,
        () -> {
          Life counts = fences.missing(life) == 0 ? fences.completed(life) : life;
          if (!head.isOnPath(counts, lastSeq) || !fences.knowsEmptiedSince(head, counts)) {
            choice.passOver();
            lookForSnapshot(choice, otherwise);
            return;
          }
          List<Fences.Emptied> emptiedSince = fences.emptied(counts);
          double fromSeq = firstSeq(emptiedSince);
          double afterSeq = Math.max(fromSeq, head.seq());
          Path behind = new Path(counts, lastSeq, afterSeq, 0);
          pass(
              IcebergReader.Query.positions(origin.namespace(), afterSeq).since(choice.sinceMs()),
              behind::notice,
              () -> {
                behind.seal();
                if (behind.lacksFirst()) {
                  choice.passOver();
                  lookForSnapshot(choice, otherwise);
                  return;
                }
                path = behind;
                emptied = emptiedSince;
                tookSeq = afterSeq;
                reach = Math.min(untilSeq, path.reachWithoutGap());
                passEmptied(head.life().emptied());
                Runnable events = () -> lookAtEvents(afterSeq, choice.sinceMs());
                if (head.seq() > fromSeq) {
                  takeSnapshot(choice, head, counts, events);
                } else {
                  events.run();
                }
              });
        });
  }

  /** Passes where the store was deleted before the snapshot: what that has came later. */
  private void passEmptied(Life.Emptied last) {
    while (last.life() != 0
        && emptiedPassed < emptied.size()
        && emptied.get(emptiedPassed).seq() <= last.seq()) {
      emptiedPassed++;
    }
  }

  private void takeSnapshot(
      SnapshotChoice choice, SnapshotHead head, Life counts, Runnable events) {
    pass(
        choice.parts(),
        row -> {
          if (choice.noticePart(row)) {
            String payload = Objects.requireNonNull(row.payload());
            SnapshotPart.forEachThing(
                payload, origin.json(), thing -> take(thing, counts, head.beganMs()));
          }
        },
        () -> {
          if (ended) {
            return;
          }
          if (!choice.isWhole()) {
            fail("parts of a snapshot were erased while it was read");
            return;
          }
          visitor.reached(new Position(counts.of(head.seq()), head.seq()));
          events.run();
        });
  }

  /** Takes a thing as a snapshot has it. */
  private void take(Thing thing, Life counts, double beganMs) {
    Event event = Event.ofSnapshot(origin, thing, counts, beganMs);
    if (ended || !isAskedFor(event)) {
      return;
    }
    things.put(thing.id(), thing);
    if (holds(thing.bytes()) && !visitor.version(event, thing)) {
      end(() -> visitor.completed(reach));
    }
  }

  /** Whether there is room for that much more; it fails where there is not. */
  private boolean holds(double more) {
    chars += more;
    double most = ids == null && type == null ? MAX_STORE_CHARS : MAX_CHARS;
    if (chars > most) {
      fail("the things asked for have more than " + (long) most + " characters together");
    }
    return chars <= most;
  }

  private double known() {
    return endsEmptied && reach >= untilSeq ? Double.POSITIVE_INFINITY : reach;
  }

  /** The ids as the table can be asked for them: half of a surrogate pair is in no column. */
  private @Nullable Set<String> inColumn() {
    if (ids == null) {
      return null;
    }
    for (String id : ids) {
      for (int i = 0; i < id.length(); i++) {
        char c = id.charAt(i);
        if (!Character.isSurrogate(c)) {
          continue;
        }
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < id.length()
                && Character.isLowSurrogate(id.charAt(i + 1));
        if (!pair) {
          return null;
        }
        i++;
      }
    }
    return ids;
  }

  private void take(ArchivedEvent row) {
    // Behind the reach a row is missing, and may land late.
    if (beganEarlier || row.seq() <= tookSeq || row.seq() > reach || !path.has(row)) {
      return;
    }
    Event event = Event.archived(origin, row);
    if (event == null || !isAskedFor(event)) {
      return;
    }
    if (sinceCreated && !hasBegun(event)) {
      beganEarlier = true;
      return;
    }
    tookSeq = row.seq();
    while (emptiedPassed < emptied.size() && emptied.get(emptiedPassed).seq() < row.seq()) {
      things.clear();
      emptiedPassed++;
    }
    Thing older = things.get(event.thingId());
    Thing thing =
        switch (event.verb()) {
          case CREATED -> Replay.created(older, event);
          case UPDATED -> Replay.updated(older, event);
          default -> null;
        };
    if (!holds((thing == null ? 0 : thing.bytes()) - (older == null ? 0 : older.bytes()))) {
      return;
    }
    things.put(event.thingId(), thing);
    if (isWanted(row) && !visitor.version(event, thing)) {
      end(() -> visitor.completed(reach));
    }
  }

  /** Whether a version is shown, and not only what a branch goes on from. */
  private boolean isWanted(ArchivedEvent row) {
    double wrote = row.life() == 0 ? row.epoch() : row.life();
    return counting.isEmpty() || wrote == branch && !counting.get().has(row);
  }

  private boolean isAskedFor(Event event) {
    return ids != null
        ? ids.contains(event.entityId())
        : type == null || type.equals(event.entityType());
  }

  private void pass(IcebergReader.Query query, Consumer<ArchivedEvent> rows, Runnable completed) {
    // Nothing comes of it behind the end, which cancels it.
    pass = Optional.of(new ArchivePass(rows, ArchivePass.End.of(completed, this::fail)));
    pass.get().start(archive, query);
  }

  private void check() {
    if (!(pass.isPresent() && pass.get().takeHeard())) {
      fail("nothing was heard of the archive for " + (long) timeoutMs + " ms");
      return;
    }
    watchdog = timers.after(timeoutMs, this::check);
  }

  private void fail(String error) {
    end(() -> visitor.failed(error));
  }

  private void end(Runnable tell) {
    if (ended) {
      return;
    }
    ended = true;
    watchdog.cancel();
    if (pass.isPresent()) {
      pass.get().cancel();
    }
    owner.accept(tell);
  }
}
