package dev.unifiedstorage.wal;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The events on their way to the Pipeline: those in the {@link Sender}'s queue, and behind them
 * those that SQLite has for it, which it is given in the order of their seqs, as it has room.
 *
 * <p>What SQLite has is in rows of the event log, or in the outbox of the last commit record.
 * Memory holds the outbox alone: an outage may be longer than what fits.
 */
final class Delivery {
  private static final double FEED_AGAIN_MS = 5_000;

  private final EventLog log;
  private final Sender sender;
  private final Timers timers;
  private final boolean hasDeadLetters;

  /** What the last commit record brought. */
  private final ArrayDeque<Event> outbox = new ArrayDeque<>();

  /** The lives whose fences the sender was given out of SQLite. */
  private final Set<Double> fenced = new HashSet<>();

  /** The last event in rows of the event log, and the last one handed to the sender. */
  private double loggedSeq;

  private double queuedSeq;

  /** Armed while a row of the event log could not be read. */
  private Timers.Timer feedTimer = Timers.NONE;

  Delivery(
      PipelineEmitterConfig config,
      Records form,
      SendWindow window,
      Pipeline pipeline,
      EventLog log,
      Timers timers,
      Clock clock) {
    this.log = log;
    this.sender = new Sender(pipeline, config, form, window, timers, clock);
    this.timers = timers;
    this.hasDeadLetters = config.deadLetterQueue() != null;
  }

  EmitterStats stats() {
    return sender.stats(outbox.size() + (int) Math.max(0, loggedSeq - queuedSeq));
  }

  EmitterStats.Status status() {
    return sender.status();
  }

  Histogram waits() {
    return sender.waits();
  }

  /** Whether the queue has room for that much more. */
  boolean hasRoom(int events, double bytes) {
    return sender.hasRoom(events, bytes);
  }

  /** Whether the Pipeline has everything. */
  boolean isDone() {
    return isFed() && sender.queued() == 0;
  }

  boolean isIdle() {
    return isFed() && sender.isIdle() && feedTimer == Timers.NONE;
  }

  // ---- what is to be delivered

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

  /** Whether the sender has been given everything that SQLite has for it. */
  boolean isFed() {
    return queuedSeq >= loggedSeq && outbox.isEmpty();
  }

  /** Events behind {@code before}, up to {@code last}, have become a row of the event log. */
  void logged(List<Event> events, double before, double last) {
    boolean next = queuedSeq == before && outbox.isEmpty();
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

  /** Queues an event that goes to the Pipeline without a stop in SQLite. */
  void offer(Event event) {
    if (event.verb().isFence() && !isFed()) {
      // Behind what its parent has written, which SQLite still has.
      outbox.add(event);
      return;
    }
    sender.offer(event);
    // A fence has no seq, and while a state is rebuilt it is behind what SQLite had.
    queuedSeq = Math.max(queuedSeq, event.seq());
  }

  /**
   * Events past this one never were. A send in flight that has some of them may still arrive.
   *
   * @param offered whether the sender was given some of them
   * @param unclaimed a life that no record has claimed, 0 for none
   */
  void undone(double seq, boolean offered, double unclaimed) {
    queuedSeq = Math.min(queuedSeq, seq);
    outbox.removeIf(event -> event.isFenceOf(unclaimed));
    if (offered) {
      sender.abandonAfter(seq, unclaimed);
    }
  }

  // ---- delivering

  /**
   * Sends what is due, if nothing is in flight.
   *
   * @param urgent whether a batch leaves before it is full and its time is up
   */
  void send(boolean urgent) {
    sender.sendDue(urgent);
  }

  boolean hasOutcome() {
    return sender.hasOutcome();
  }

  /** What became of the send that was in flight; dead letters have left by then. */
  Optional<Sender.Outcome> takeOutcome() {
    Optional<Sender.Outcome> outcome = sender.takeOutcome();
    if (hasDeadLetters
        && outcome.isPresent()
        && outcome.get() instanceof Sender.Outcome.Failed failed
        && failed.pastRetries() == 1) {
      sender.sendDeadLetters(error -> {});
    }
    return outcome;
  }

  /**
   * Hands events to the sender as it has room, once half of its queue is free.
   *
   * @return why a row could not be read: that is tried again later, for an error of SQLite may be
   *     gone by then
   */
  Optional<RuntimeException> feed() {
    if (isFed() || feedTimer != Timers.NONE || !sender.isHalfEmpty()) {
      return Optional.empty();
    }
    try {
      feedAll();
      return Optional.empty();
    } catch (RuntimeException e) {
      feedTimer = timers.after(FEED_AGAIN_MS, () -> feedTimer = Timers.NONE);
      return Optional.of(e);
    }
  }

  private void feedAll() {
    while (!isFed() && sender.hasRoom(WalOptions.SEND_EVENTS, 0)) {
      if (log.firstSeqAfter(queuedSeq) > nextInOutbox()) {
        feedFromOutbox();
        continue;
      }
      List<Event> events = log.readAfter(queuedSeq, 1);
      if (events.isEmpty()) {
        queuedSeq = loggedSeq;
      }
      events.forEach(this::hand);
    }
  }

  /**
   * The seq of the first event in the outbox; that of a fence is the last of its parent's events
   * that count. Ahead of one of them it would have a start without SQLite wait for it, which is
   * vain if only SQLite had it.
   */
  private double nextInOutbox() {
    Event next = outbox.peek();
    return next == null ? Double.POSITIVE_INFINITY : Math.max(next.seq(), next.parentSeq());
  }

  private void feedFromOutbox() {
    hand(outbox.poll());
  }

  /** Hands an event that SQLite has to the sender; rows and the commit record may have a fence. */
  private void hand(Event event) {
    if (event.verb().isFence() && !fenced.add(event.life() == 0 ? event.epoch() : event.life())) {
      return;
    }
    sender.offer(event);
    // A fence has none of its own, and may be the last.
    queuedSeq = Math.max(queuedSeq, event.seq());
  }

  // ---- what a commit record carries

  /**
   * The events that the Pipeline may not have and no row of the event log has.
   *
   * <p>Fences come whatever the bounds: a life that the Pipeline does not know of cuts off those
   * before it.
   *
   * @param lastSeq later ones are left out
   * @param fence of a life that has no event yet
   */
  List<Event> unlogged(double lastSeq, Optional<Event> fence) {
    EventLog.Ranges logged = log.ranges();
    List<Event> events = new ArrayList<>();
    Consumer<Event> pick =
        event -> {
          boolean unlogged = event.seq() <= lastSeq && !logged.contain(event.seq());
          if (event.seq() > 0 ? unlogged : event.verb().isFence()) {
            events.add(event);
          }
        };
    sender.forEachUnaccepted(pick);
    outbox.forEach(pick);
    fence.ifPresent(events::add);
    return events;
  }
}
