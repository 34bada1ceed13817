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
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The past of single things, as the archive tells it.
 *
 * <p>Every version is made again from the first event on, or from a snapshot where older rows were
 * erased, and what is not on the path is left out as in a recovery, so each look reads the
 * positions of the whole namespace first. That is slow, and one look runs at a time; it never
 * touches the state.
 */
public final class ArchiveHistory {
  /** How many looks may wait for the one that runs. */
  private static final int MAX_WAITING = 16;

  /** How much of things, in characters, a look may hold at once. */
  private static final double MAX_CHARS = 16 * 1024 * 1024;

  /** The same of a look at everything. */
  private static final double MAX_STORE_CHARS = 64 * 1024 * 1024;

  /** Receives the versions in the order of their seqs; then exactly one of the other two. */
  public interface Visitor {
    /**
     * One version.
     *
     * @param event where older ones were erased, first what a snapshot has, which is none
     * @param thing null after a deletion
     * @return whether more are wanted
     */
    boolean version(Event event, @Nullable Thing thing);

    /** What has come by now, from a snapshot, is what there was at a position. */
    default void reached(Position at) {}

    /**
     * All versions that were wanted have come.
     *
     * @param reach the archive has every event of the namespace up to this one that counts; not
     *     past the end of the look, unless nothing behind that can count
     */
    void completed(double reach);

    void failed(String error);
  }

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final double timeoutMs;
  private final double slackMs;
  private final Seqs seqs;
  private final ArrayDeque<Look> looks = new ArrayDeque<>();

  /**
   * @param timeoutMs after which an archive of which nothing is heard has failed
   * @param slackMs how far the clocks of the object and of the Pipeline may differ
   * @param seqs say which life it is whose past is told
   */
  public ArchiveHistory(
      IcebergReader archive,
      Origin origin,
      Timers timers,
      double timeoutMs,
      double slackMs,
      Seqs seqs) {
    this.archive = archive;
    this.origin = origin;
    this.timers = timers;
    this.timeoutMs = timeoutMs;
    this.slackMs = slackMs;
    this.seqs = seqs;
  }

  public boolean hasRoom() {
    return looks.size() <= MAX_WAITING;
  }

  public boolean isIdle() {
    return looks.isEmpty();
  }

  /**
   * Looks for the versions of some things up to an event.
   *
   * @param moment what is asked for; of what was deleted with the store before it nothing comes
   */
  public void look(Set<String> ids, Moment moment, double untilSeq, Visitor visitor) {
    begin(new Look(ids, null, Optional.of(moment), untilSeq, 0, visitor));
  }

  /** The same of all things of a type, or, where that is null, of all things. */
  public void lookAtType(@Nullable String type, Moment moment, double untilSeq, Visitor visitor) {
    begin(new Look(null, type, Optional.of(moment), untilSeq, 0, visitor));
  }

  /**
   * Looks for every version of some things that the archive has.
   *
   * @param branch the life of which those are wanted that do not count; 0 for those that do
   */
  public void lookAtAll(Set<String> ids, double branch, Visitor visitor) {
    double untilSeq = branch == 0 ? seqs.durable() : Double.POSITIVE_INFINITY;
    begin(new Look(ids, null, Optional.empty(), untilSeq, branch, visitor));
  }

  private void begin(Look look) {
    looks.add(look);
    if (looks.size() == 1) {
      look.start();
    }
  }

  /** One look: the positions first, then the events. */
  private final class Look {
    /** Null when all things of a type, or all, are asked for; else the type is null. */
    private final @Nullable Set<String> ids;

    private final @Nullable String type;

    /** Empty when every moment is asked for. */
    private final Optional<Moment> moment;

    private double untilSeq;

    /** The life off the path whose events are wanted; 0 for those that count. */
    private final double branch;

    private final Visitor visitor;
    private final Life life = seqs.life();
    private final double lastSeq = seqs.applied();
    private Path path;

    /** What counts, while a branch is looked at: else empty. */
    private Optional<Path> counting = Optional.empty();

    private final Map<String, Thing> things = new HashMap<>();
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

    @SuppressWarnings("NullAway.Init") // start() sets what is left
    Look(
        @Nullable Set<String> ids,
        @Nullable String type,
        Optional<Moment> moment,
        double untilSeq,
        double branch,
        Visitor visitor) {
      this.ids = ids;
      this.type = type;
      this.moment = moment;
      this.untilSeq = untilSeq;
      this.branch = branch;
      this.visitor = visitor;
    }

    void start() {
      watchdog = timers.after(timeoutMs, this::check);
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
     * The event behind which the things begin that there were at the moment; the look ends where
     * the store was deleted next.
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
            if (moment.isEmpty() && reach < emptiedSeq && path.lacksFirst()) {
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
      pass(
          new IcebergReader.Query(
              origin.namespace(), afterSeq, untilSeq, inColumn(), false, sinceMs),
          this::take,
          () -> end(() -> visitor.completed(known())));
    }

    // ---- where older rows were erased

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
                          origin.namespace(), untilSeq, slackMs, origin.json()));
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
      if (row.seq() <= tookSeq || row.seq() > reach || !path.has(row)) {
        return;
      }
      Event event = Event.archived(origin, row);
      if (event == null || !isAskedFor(event)) {
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
      pass =
          Optional.of(
              new ArchivePass(
                  row -> {
                    if (!ended) {
                      rows.accept(row);
                    }
                  },
                  new ArchivePass.End() {
                    @Override
                    public void completed(boolean upToDate) {
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
      looks.poll();
      tell.run();
      if (!looks.isEmpty()) {
        looks.peek().start();
      }
    }
  }
}
