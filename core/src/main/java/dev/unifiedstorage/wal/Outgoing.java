package dev.unifiedstorage.wal;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;
import java.util.List;
import java.util.Optional;

/**
 * The events on their way out of memory: straight to the Pipeline, or into the group for the next
 * row of the {@link EventLog}, from which the Pipeline gets them.
 *
 * <p>{@link Durable} says which of the two ways an event takes that is applied now. Those of one
 * way are never on the other: what has gathered when the way changes goes along.
 */
public final class Outgoing {
  private final Clock clock;
  private final Optional<RowBudget> budget;
  private final double rowMs;
  private final Delivery delivery;
  private final EventLog log;
  private final GroupCommit group;
  private Durable durable;

  Outgoing(WalOptions options, Delivery delivery, EventLog log, Timers timers, Clock clock) {
    Gathering gathering = options.gathering();
    this.clock = clock;
    this.rowMs = gathering.rowMs();
    this.budget =
        gathering.rowsPerSecond() > 0
            ? Optional.of(new RowBudget(gathering, clock.nowMs()))
            : Optional.empty();
    this.delivery = delivery;
    this.log = log;
    this.group = new GroupCommit(timers);
    this.durable = Durable.of(options.durability());
  }

  public EmitterStats stats() {
    return delivery.stats();
  }

  /** Whether the Pipeline takes no events, so that they wait. */
  boolean isRefused() {
    return isOutage() || delivery.status() == EmitterStats.Status.DEGRADED;
  }

  /** How long the oldest event of each send had waited when the Pipeline had it. */
  public Histogram waits() {
    return delivery.waits();
  }

  boolean isIdle() {
    return group.isIdle() && delivery.isIdle();
  }

  /** Whether that much more may be written, or the client has to come again later. */
  public boolean hasRoom(int events, double bytes) {
    return isLogging() ? log.hasRoom() : delivery.hasRoom(events + 1, bytes);
  }

  // ---- the way

  /** Whether events become durable in SQLite, and not in the Pipeline. */
  boolean isLogging() {
    return durable instanceof Durable.ViaSqlite;
  }

  /** Whether they go to SQLite only until the Pipeline has caught up. */
  boolean isOutage() {
    return durable.isOutage();
  }

  boolean isDurableAtOnce() {
    return durable instanceof Durable.AtOnce;
  }

  /**
   * Has what is applied from now on go to SQLite, until the Pipeline has all of it.
   *
   * @return whether it did not go there before
   */
  public boolean beginOutage() {
    if (isLogging()) {
      return false;
    }
    durable = durable.beginOutage();
    return true;
  }

  /** What has gathered for the next row is sent in its place, and so is what comes. */
  void endOutage() {
    abandonOutage();
    group.events().forEach(delivery::offer);
    group.clear();
  }

  /** Events go to the Pipeline again. */
  void abandonOutage() {
    durable = durable.caughtUp();
  }

  // ---- a start

  /**
   * Takes over what the last life left.
   *
   * @param logged the last event in rows of the event log, 0 when there is none
   * @param outbox the events that only the commit record has
   */
  void recovered(double acceptedSeq, double logged, List<Event> outbox) {
    if (logged > acceptedSeq) {
      beginOutage();
    }
    delivery.recovered(acceptedSeq, logged, outbox);
  }

  /** The archive has everything up to this event. */
  void rebuilt(double lastSeq) {
    if (isOutage()) {
      abandonOutage();
    }
    delivery.delivered(lastSeq);
  }

  // ---- what goes out

  void add(Event event) {
    if (isLogging()) {
      group.add(event);
    } else {
      delivery.offer(event);
    }
  }

  /** Queues an event of the log itself, which goes straight to the Pipeline. */
  void offer(Event event) {
    delivery.offer(event);
  }

  /**
   * Events past this one never were.
   *
   * @param unclaimed a life that no record has claimed, 0 for none
   * @return whether some of them may have been sent
   */
  boolean undo(double seq, double unclaimed) {
    boolean offered = group.isEmpty();
    group.clear();
    delivery.undone(seq, offered, unclaimed);
    return offered;
  }

  // ---- the event log

  /** Whether events have gathered for a row that is due. */
  public boolean groupIsDue() {
    return !group.isEmpty() && group.isDue();
  }

  public boolean hasGroup() {
    return !group.isEmpty();
  }

  List<Event> group() {
    return group.events();
  }

  /**
   * Those events are a row of the event log.
   *
   * @param lastSeq the last one
   */
  void groupCommitted(List<Event> events, double lastSeq) {
    double before = lastSeq - group.size();
    group.committed(isOutage() ? WalOptions.DEGRADED_COMMIT_MS : windowMs());
    delivery.logged(events, before, lastSeq);
  }

  private double windowMs() {
    return budget.map(rows -> rows.take(clock.nowMs())).orElse(rowMs);
  }

  /** Events up to this one are in rows of the event log, and the Pipeline's queue has them. */
  void logged(double seq) {
    delivery.logged(seq);
  }

  /** Frees the rows of events up to this one. */
  void releaseRows(double seq) {
    log.release(seq);
  }

  /**
   * What a commit record carries: the events that the Pipeline may not have and no row has.
   *
   * @param lastSeq later ones are left out
   * @param fence of a life that has no event yet
   */
  public List<Event> outbox(double lastSeq, Optional<Event> fence) {
    return delivery.unlogged(lastSeq, fence);
  }

  // ---- the Pipeline

  /** Whether events wait for the Pipeline. */
  public boolean hasUndelivered() {
    return !delivery.isDone();
  }

  /** Whether its queue has been given everything that SQLite has for it. */
  boolean isFed() {
    return delivery.isFed();
  }

  /** Hands on what SQLite has; why a row could not be read, which is tried again later. */
  Optional<RuntimeException> feed() {
    return delivery.feed();
  }

  /**
   * Sends what is due, if nothing is in flight.
   *
   * @param urgent whether a batch leaves before it is full and its time is up
   */
  void send(boolean urgent) {
    delivery.send(urgent);
  }

  /** Whether the last send has ended. */
  public boolean hasOutcome() {
    return delivery.hasOutcome();
  }

  Optional<Sender.Outcome> takeOutcome() {
    return delivery.takeOutcome();
  }
}
