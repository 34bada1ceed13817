package dev.unifiedstorage.wal;

import dev.unifiedstorage.state.Undo;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The applied events that are not durable, in the order of their seqs. */
final class Pending {
  private final ArrayDeque<AppliedEvent> events = new ArrayDeque<>();

  boolean isEmpty() {
    return events.isEmpty();
  }

  int size() {
    return events.size();
  }

  void add(AppliedEvent applied) {
    events.add(applied);
  }

  /** Events up to this one wait no longer. */
  void becameDurable(double seq) {
    while (!events.isEmpty() && events.peek().event().seq() <= seq) {
      events.poll();
    }
  }

  /** The first write of a thing that is not durable, or null. */
  @Nullable Undo firstOf(String id) {
    for (AppliedEvent applied : events) {
      if (id.equals(applied.event().entityId())) {
        return applied.undo();
      }
    }
    return null;
  }

  /** Visits them, oldest first. */
  void forEach(Consumer<AppliedEvent> visitor) {
    events.forEach(visitor);
  }

  /** Takes all of them out of the state again, newest first. */
  void undo() {
    while (!events.isEmpty()) {
      events.pollLast().undo().undo();
    }
  }
}
