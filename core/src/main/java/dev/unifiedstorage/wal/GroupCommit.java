package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Timers;
import java.util.ArrayList;
import java.util.List;

/**
 * The events that wait for the next commit of the event log.
 *
 * <p>A commit opens a window. An event outside of one is due at once, so that a lone write does not
 * wait; events inside gather until the window ends or the group is full, so that writes close
 * behind one another share a row.
 */
final class GroupCommit {
  private final Timers timers;
  private List<Event> events = new ArrayList<>();
  private double bytes;

  /** Armed while the last commit is younger than its window. */
  private Timers.Timer window = Timers.NONE;

  GroupCommit(Timers timers) {
    this.timers = timers;
  }

  void add(Event event) {
    events.add(event);
    bytes += event.bytes();
  }

  boolean isDue() {
    return window == Timers.NONE
        || events.size() >= WalOptions.GROUP_EVENTS
        || bytes >= WalOptions.GROUP_BYTES;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  /** Empty, and no timer armed. */
  boolean isIdle() {
    return events.isEmpty() && window == Timers.NONE;
  }

  int size() {
    return events.size();
  }

  List<Event> events() {
    return events;
  }

  /** Forgets the events: they are committed, undone, or on another way. */
  void clear() {
    events = new ArrayList<>();
    bytes = 0;
  }

  /** The group is committed: what comes within the window gathers until it ends. */
  void committed(double windowMs) {
    clear();
    window.cancel();
    window = windowMs > 0 ? timers.after(windowMs, () -> window = Timers.NONE) : Timers.NONE;
  }
}
