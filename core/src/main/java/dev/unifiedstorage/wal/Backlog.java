package dev.unifiedstorage.wal;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The events that SQLite has and the emitter has not been given yet, which it gets in the order of
 * their seqs, as it has room.
 *
 * <p>They are in rows of the event log, or in the outbox of the last commit record. Memory holds
 * the outbox alone: an outage may be longer than what fits.
 */
final class Backlog {
  private final EventLog log;
  private final PipelineEmitter emitter;

  /** What the last commit record brought. */
  private final ArrayDeque<Event> outbox = new ArrayDeque<>();

  /** The last event in rows of the event log, and the last one handed to the emitter. */
  private double loggedSeq;

  private double queuedSeq;
  private boolean feeding;

  /** Told of a row that cannot be read: somebody has to {@link #feed} again. */
  private final Consumer<RuntimeException> onUnreadable;

  Backlog(EventLog log, PipelineEmitter emitter, Consumer<RuntimeException> onUnreadable) {
    this.log = log;
    this.emitter = emitter;
    this.onUnreadable = onUnreadable;
  }

  /**
   * Takes over what the last life left.
   *
   * @param logged the last event in rows of the event log, 0 when there is none
   */
  void recovered(double acceptedSeq, double logged, List<Event> unlogged) {
    loggedSeq = Math.max(logged, acceptedSeq);
    queuedSeq = acceptedSeq;
    outbox.addAll(unlogged);
    feed();
  }

  /** Everything up to this event has reached the archive. */
  void delivered(double seq) {
    outbox.clear();
    queuedSeq = seq;
    loggedSeq = Math.max(loggedSeq, seq);
  }

  boolean isEmpty() {
    return queuedSeq >= loggedSeq && outbox.isEmpty();
  }

  int size() {
    return outbox.size() + (int) Math.max(0, loggedSeq - queuedSeq);
  }

  /** Events behind {@code before}, up to {@code last}, have become a row of the event log. */
  void logged(List<Event> events, double before, double last) {
    boolean next = queuedSeq == before;
    loggedSeq = last;
    if (next && emitter.hasRoom(events.size(), 0)) {
      events.forEach(emitter::offer);
      queuedSeq = last;
    } else {
      feed();
    }
  }

  /** Events up to this one are in rows of the event log, and the emitter has them already. */
  void logged(double seq) {
    loggedSeq = Math.max(loggedSeq, seq);
  }

  /**
   * Events up to this one went to the emitter without a stop in SQLite.
   *
   * <p>While a state is rebuilt it is behind what SQLite had for the emitter.
   */
  void offered(double seq) {
    queuedSeq = Math.max(queuedSeq, seq);
  }

  /** Events past this one never were. */
  void undone(double seq) {
    queuedSeq = Math.min(queuedSeq, seq);
  }

  /** Hands events to the emitter as it has room. */
  void feed() {
    if (feeding) {
      return;
    }
    feeding = true;
    try {
      feedAll();
    } catch (RuntimeException e) {
      onUnreadable.accept(e);
    }
    feeding = false;
  }

  private void feedAll() {
    while (!isEmpty() && emitter.hasRoom(WalOptions.BATCH_EVENTS, 0)) {
      if (log.firstSeqAfter(queuedSeq) > nextInOutbox()) {
        feedFromOutbox();
        continue;
      }
      List<Event> events = log.readAfter(queuedSeq, 1);
      if (events.isEmpty()) {
        queuedSeq = loggedSeq;
      }
      for (Event event : events) {
        emitter.offer(event);
        // A fence has none of its own, and may be the last.
        queuedSeq = Math.max(queuedSeq, event.seq());
      }
    }
  }

  /** The seq of the first event in the outbox; that of a fence alone is past every row. */
  private double nextInOutbox() {
    if (outbox.isEmpty()) {
      return Double.POSITIVE_INFINITY;
    }
    for (Event event : outbox) {
      if (event.seq() > 0) {
        return event.seq();
      }
    }
    return Double.MAX_VALUE;
  }

  /** Offers the first event of the outbox, the fences before it too. */
  private void feedFromOutbox() {
    Event event;
    do {
      event = outbox.poll();
      emitter.offer(event);
    } while (event.seq() == 0 && !outbox.isEmpty());
    queuedSeq = Math.max(queuedSeq, event.seq());
  }

  /**
   * The events that the Pipeline may not have and no row of the event log has.
   *
   * @param fence of a recovery, with no event behind it yet
   */
  List<Event> unlogged(Optional<Event> fence) {
    EventLog.Ranges logged = log.ranges();
    FencedEvents unlogged = new FencedEvents(event -> !logged.contain(event.seq()));
    emitter.forEachUnaccepted(unlogged::add);
    outbox.forEach(unlogged::add);
    // A recovery's fence that was offered has no event behind it yet either.
    List<Event> events = unlogged.pickedToTheEnd();
    fence.ifPresent(events::add);
    return events;
  }
}
