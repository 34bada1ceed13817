package dev.unifiedstorage.past;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The past of single things, as the archive tells it.
 *
 * <p>Every version is made again from the first event on, and what is not on the path is left out
 * as in a recovery, so each look reads the positions of the whole namespace first. That is slow,
 * and one look runs at a time; it never touches the state.
 */
public final class ArchiveHistory {
  /** How many looks may wait for the one that runs. */
  private static final int MAX_WAITING = 16;

  /** How much of things, in characters, a look may hold at once. */
  private static final double MAX_CHARS = 16 * 1024 * 1024;

  /** Receives the versions in the order of their seqs; then exactly one of the other two. */
  public interface Visitor {
    /**
     * One version.
     *
     * @param thing null after a deletion
     * @return whether more are wanted
     */
    boolean version(Event event, Thing thing);

    /**
     * All versions that were wanted have come.
     *
     * @param reach the archive has every event of the namespace up to this one; not past the end of
     *     the look
     */
    void completed(double reach);

    void failed(String error);
  }

  private final IcebergReader archive;
  private final Origin origin;
  private final Timers timers;
  private final double timeoutMs;
  private final Seqs seqs;
  private final ArrayDeque<Look> looks = new ArrayDeque<>();

  /**
   * @param timeoutMs after which an archive of which nothing is heard has failed
   * @param seqs say which life it is whose past is told
   */
  public ArchiveHistory(
      IcebergReader archive, Origin origin, Timers timers, double timeoutMs, Seqs seqs) {
    this.archive = archive;
    this.origin = origin;
    this.timers = timers;
    this.timeoutMs = timeoutMs;
    this.seqs = seqs;
  }

  public boolean hasRoom() {
    return looks.size() <= MAX_WAITING;
  }

  public boolean isIdle() {
    return looks.isEmpty();
  }

  /** Looks for the versions of some things up to an event. */
  public void look(Set<String> ids, double untilSeq, Visitor visitor) {
    begin(new Look(ids, null, untilSeq, visitor));
  }

  /** Looks for the versions of all things of a type up to an event. */
  public void lookAtType(String type, double untilSeq, Visitor visitor) {
    begin(new Look(null, type, untilSeq, visitor));
  }

  private void begin(Look look) {
    looks.add(look);
    if (looks.size() == 1) {
      look.start();
    }
  }

  /** One look: the positions first, then the events. */
  private final class Look {
    /** Null when all things of a type are asked for, else the type is null. */
    private final Set<String> ids;

    private final String type;
    private final double untilSeq;
    private final Visitor visitor;
    private final Life life = seqs.life();
    private final double lastSeq = seqs.applied();
    private Path path;
    private final Map<String, Thing> things = new HashMap<>();
    private double chars;
    private double tookSeq;
    private double reach;
    private Optional<ArchivePass> pass = Optional.empty();
    private Timers.Timer watchdog;
    private boolean ended;

    Look(Set<String> ids, String type, double untilSeq, Visitor visitor) {
      this.ids = ids;
      this.type = type;
      this.untilSeq = untilSeq;
      this.visitor = visitor;
    }

    void start() {
      watchdog = timers.after(timeoutMs, this::check);
      if (!life.isCut()) {
        lookAtPositions(life);
        return;
      }
      Fences fences = new Fences(origin.json());
      pass(
          IcebergReader.Query.fences(origin.namespace()),
          fences::notice,
          () -> {
            double missing = fences.missing(life);
            if (missing == 0) {
              lookAtPositions(fences.completed(life));
            } else {
              fail("the archive lacks the fence of life " + (long) missing);
            }
          });
    }

    private void lookAtPositions(Life whole) {
      path = new Path(whole, lastSeq, 0, 0);
      pass(
          IcebergReader.Query.positions(origin.namespace(), 0),
          path::notice,
          () -> {
            path.seal();
            reach = Math.min(untilSeq, path.reachWithoutGap());
            pass(
                IcebergReader.Query.of(origin.namespace(), inColumn(), untilSeq),
                this::take,
                () -> end(() -> visitor.completed(reach)));
          });
    }

    /** The ids as the table can be asked for them: half of a surrogate pair is in no column. */
    private Set<String> inColumn() {
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
      Thing older = things.get(event.entityId());
      Thing thing =
          switch (event.verb()) {
            case CREATED -> Replay.created(older, event);
            case UPDATED -> Replay.updated(older, event);
            default -> null;
          };
      chars += (thing == null ? 0 : thing.bytes()) - (older == null ? 0 : older.bytes());
      if (chars > MAX_CHARS) {
        fail("the things asked for have more than " + (long) MAX_CHARS + " characters together");
        return;
      }
      things.put(event.entityId(), thing);
      if (!visitor.version(event, thing)) {
        end(() -> visitor.completed(reach));
      }
    }

    private boolean isAskedFor(Event event) {
      return ids != null ? ids.contains(event.entityId()) : type.equals(event.entityType());
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
