package dev.unifiedstorage.wal;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * The events that SQLite has and the sender has not been given yet, which it is given in the order
 * of their seqs, as it has room.
 *
 * <p>They are in rows of the event log, or in the outbox of the last commit record. Memory holds
 * the outbox alone: an outage may be longer than what fits.
 */
final class Backlog {
  private final EventLog log;
  private final Sender sender;

  /** What the last commit record brought. */
  private final ArrayDeque<Event> outbox = new ArrayDeque<>();

  /** The last event in rows of the event log, and the last one handed to the sender. */
  private double loggedSeq;

  private double queuedSeq;

  Backlog(EventLog log, Sender sender) {
    this.log = log;
    this.sender = sender;
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
    if (next && sender.hasRoom(events.size(), 0)) {
      events.forEach(sender::offer);
      queuedSeq = last;
    }
  }

  /** Events up to this one are in rows of the event log, and the sender has them already. */
  void logged(double seq) {
    loggedSeq = Math.max(loggedSeq, seq);
  }

  /**
   * Events up to this one went to the sender without a stop in SQLite.
   *
   * <p>While a state is rebuilt it is behind what SQLite had for the sender.
   */
  void offered(double seq) {
    queuedSeq = Math.max(queuedSeq, seq);
  }

  /** Events past this one never were. */
  void undone(double seq) {
    queuedSeq = Math.min(queuedSeq, seq);
  }

  /**
   * Hands events to the sender as it has room, once half of its queue is free.
   *
   * @return why a row could not be read: feed again later
   */
  Optional<RuntimeException> feed() {
    try {
      if (sender.isHalfEmpty()) {
        feedAll();
      }
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  private void feedAll() {
    while (!isEmpty() && sender.hasRoom(WalOptions.BATCH_EVENTS, 0)) {
      if (log.firstSeqAfter(queuedSeq) > nextInOutbox()) {
        feedFromOutbox();
        continue;
      }
      List<Event> events = log.readAfter(queuedSeq, 1);
      if (events.isEmpty()) {
        queuedSeq = loggedSeq;
      }
      for (Event event : events) {
        sender.offer(event);
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
      sender.offer(event);
    } while (event.seq() == 0 && !outbox.isEmpty());
    queuedSeq = Math.max(queuedSeq, event.seq());
  }

  /**
   * The events that the Pipeline may not have and no row of the event log has.
   *
   * @param lastSeq later ones are left out
   * @param fence of a recovery, with no event behind it yet
   */
  List<Event> unlogged(double lastSeq, Optional<Event> fence) {
    EventLog.Ranges logged = log.ranges();
    FencedEvents unlogged =
        new FencedEvents(event -> event.seq() <= lastSeq && !logged.contain(event.seq()));
    sender.forEachUnaccepted(unlogged::add);
    outbox.forEach(unlogged::add);
    // A recovery's fence that was offered has no event behind it yet either.
    List<Event> events = unlogged.pickedToTheEnd();
    fence.ifPresent(events::add);
    return events;
  }
}
