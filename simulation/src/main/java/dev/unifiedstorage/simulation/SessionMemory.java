package dev.unifiedstorage.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What one instance knows of one session, as far as the model can tell. */
final class SessionMemory {
  /** The events on the path when it began, by number. */
  final TreeMap<Integer, List<Model.Node>> found = new TreeMap<>();

  /** The requests that have carried out a number in it, or may have. */
  final Map<Integer, Request> carried = new HashMap<>();

  /** The highest number that was carried out, or at least one that was. */
  int last;

  /** Whether {@link #last} is known and not only at least so high. */
  boolean known;

  /** Whether the store has said in this life that it keeps the session. */
  boolean kept;

  /** When it was used last. */
  double usedMs;

  /** The highest number with an event when it began. */
  int lastFound() {
    return found.isEmpty() ? 0 : found.lastKey();
  }

  void carriedOutUpTo(int n) {
    last = Math.max(last, n);
    while (carried.containsKey(last + 1)) {
      // It was refused and answered before what stood ahead of it was undone.
      last++;
    }
  }

  /** What may have been carried out was, if its events are there. */
  void settle(Life life) {
    if (known || !life.running) {
      return;
    }
    for (Request request : List.copyOf(carried.values())) {
      int size = request.changes.size();
      if (size > 0 && life.head.tip().standsOn(request.changes.get(size - 1))) {
        known = true;
        carriedOutUpTo(request.write.n);
      } else if (size > 0) {
        carried.remove(request.write.n, request);
      }
    }
  }
}
