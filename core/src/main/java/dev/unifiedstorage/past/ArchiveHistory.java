package dev.unifiedstorage.past;

import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The past of single things, as the archive tells it.
 *
 * <p>Every version is made again from the first event on, or from a snapshot where older rows were
 * erased, and what is not on the path is left out as in a recovery, so each look reads positions
 * first: of the whole namespace, or, for a moment of things that are still there, from their
 * creation on. That is slow, and one look runs at a time; it never touches the state.
 */
public final class ArchiveHistory {
  /** How many looks may wait for the one that runs. */
  private static final int MAX_WAITING = 16;

  /** Receives the versions in the order of their seqs; then exactly one of the other two. */
  public interface Visitor {
    /**
     * One version.
     *
     * @param event where older ones were erased, first what a snapshot has, which is no event of
     *     the log
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

  /** Where a look reads, whose past it is, and how long it waits. */
  record Source(
      IcebergReader archive,
      Origin origin,
      Timers timers,
      double timeoutMs,
      double settleMs,
      double slackMs,
      Seqs seqs) {}

  private final Source source;
  private final Seqs seqs;
  private final ArrayDeque<HistoryLook> looks = new ArrayDeque<>();

  /**
   * @param timeoutMs after which an archive of which nothing is heard has failed
   * @param settleMs how late the sink may bring an event after later ones
   * @param slackMs how far the clocks of the object and of the Pipeline may differ
   * @param seqs say which life it is whose past is told
   */
  public ArchiveHistory(
      IcebergReader archive,
      Origin origin,
      Timers timers,
      double timeoutMs,
      double settleMs,
      double slackMs,
      Seqs seqs) {
    this.source = new Source(archive, origin, timers, timeoutMs, settleMs, slackMs, seqs);
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
   * @param createdMs when the first of them was created that there are now, if all are there: the
   *     look goes back no further where that is enough; 0 where it is not known
   */
  public void look(
      Set<String> ids, Moment moment, double untilSeq, double createdMs, Visitor visitor) {
    HistoryLook.Question question =
        new HistoryLook.Question(ids, null, Optional.of(moment), 0, createdMs);
    begin(question, untilSeq, visitor);
  }

  /** The same of all things of a type, or, where that is null, of all things. */
  public void lookAtType(@Nullable String type, Moment moment, double untilSeq, Visitor visitor) {
    HistoryLook.Question question = new HistoryLook.Question(null, type, Optional.of(moment), 0, 0);
    begin(question, untilSeq, visitor);
  }

  /**
   * Looks for every version of some things that the archive has.
   *
   * @param branch the life of which those are wanted that do not count; 0 for those that do
   */
  public void lookAtAll(Set<String> ids, double branch, Visitor visitor) {
    double untilSeq = branch == 0 ? seqs.durable() : Double.POSITIVE_INFINITY;
    begin(new HistoryLook.Question(ids, null, Optional.empty(), branch, 0), untilSeq, visitor);
  }

  private void begin(HistoryLook.Question question, double untilSeq, Visitor visitor) {
    looks.add(new HistoryLook(source, question, untilSeq, visitor, this::ended));
    if (looks.size() == 1) {
      looks.peek().start();
    }
  }

  /** The look that ran is over, and has told what came of it: the next one begins. */
  private void ended(Runnable tell) {
    looks.poll();
    tell.run();
    if (!looks.isEmpty()) {
      looks.peek().start();
    }
  }
}
