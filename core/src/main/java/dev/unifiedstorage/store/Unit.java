package dev.unifiedstorage.store;

import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;

/**
 * The writes of one request: applied to the state, and not yet in the log.
 *
 * <p>It ends in {@link #commit}, which gives all of its events to the log, or {@link #rollback},
 * which leaves no trace: the seqs are given out again.
 */
final class Unit {
  private final WriteAheadLog wal;
  private final InMemoryStateManager state;
  private final boolean atomic;
  private final List<Event> events = new ArrayList<>(1);
  private final List<InMemoryStateManager.Undo> undos = new ArrayList<>(1);

  Unit(WriteAheadLog wal, InMemoryStateManager state, boolean atomic) {
    this.wal = wal;
    this.state = state;
    this.atomic = atomic;
  }

  /** The seq of the next event; the first one makes sure that this life may write. */
  double nextSeq() {
    if (events.isEmpty()) {
      wal.beginWrite();
    }
    return wal.appliedSeq() + events.size() + 1;
  }

  double epoch() {
    return wal.epoch();
  }

  /** Whether the next event must leave together with the one before. */
  boolean joined() {
    return atomic && !events.isEmpty();
  }

  void add(Event event, InMemoryStateManager.Undo undo) {
    events.add(event);
    undos.add(undo);
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  void commit() {
    if (!events.isEmpty()) {
      wal.append(events, undos);
    }
  }

  void rollback() {
    for (int i = undos.size() - 1; i >= 0; i--) {
      state.undo(undos.get(i));
    }
    events.clear();
    undos.clear();
  }
}
