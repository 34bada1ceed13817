package dev.unifiedstorage.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Events picked out of a run of them, each with the fences right before it.
 *
 * <p>A fence has no seq of its own: it belongs to the event behind it, and goes where that goes.
 */
final class FencedEvents {
  private final Predicate<Event> wanted;
  private final List<Event> picked = new ArrayList<>();
  private final List<Event> fences = new ArrayList<>();

  FencedEvents(Predicate<Event> wanted) {
    this.wanted = wanted;
  }

  /** Looks at the next event of the run. */
  void add(Event event) {
    if (event.seq() == 0) {
      fences.add(event);
      return;
    }
    if (wanted.test(event)) {
      picked.addAll(fences);
      picked.add(event);
    }
    fences.clear();
  }

  /** What was picked, and the fences with which the run ends. */
  List<Event> picked() {
    List<Event> all = new ArrayList<>(picked);
    all.addAll(fences);
    return all;
  }
}
