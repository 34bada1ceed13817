package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Timers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a store that is about to know whether it is new.
 *
 * <p>An empty SQLite is a new store or a lost one, and the archive has to be asked which. That
 * takes a moment, and every store is new once: its first request waits, and is not sent away. The
 * queue is bounded in time, number and size; what does not fit is answered {@code RECOVERING}.
 */
final class StartQueue {
  private static final double HOLD_MS = 3_000;
  private static final int MAX_REQUESTS = 1_000;
  private static final int MAX_CHARS = 1 << 20;

  private final List<Runnable> requests = new ArrayList<>();
  private int chars;
  private boolean open = true;
  private Timers.@Nullable Timer timer;

  /** Says that the start goes on in the background. */
  void holdFor(Timers timers) {
    if (open) {
      timer = timers.after(HOLD_MS, this::release);
    }
  }

  /** Whether the request is kept, to be run later. */
  boolean offer(Runnable request, int requestChars) {
    if (!open || requests.size() >= MAX_REQUESTS || chars + requestChars > MAX_CHARS) {
      return false;
    }
    requests.add(request);
    chars += requestChars;
    return true;
  }

  /** Runs what was kept, in order, and keeps nothing any more. */
  void release() {
    if (!open) {
      return;
    }
    open = false;
    if (timer != null) {
      timer.cancel();
    }
    requests.forEach(Runnable::run);
    requests.clear();
  }
}
