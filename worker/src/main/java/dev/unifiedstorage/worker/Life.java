package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.StoreObserver;

/**
 * The time in which one store instance is in charge of the object.
 *
 * <p>Everything the host says later goes through here, for two reasons: once the life is over
 * nothing is said any more, because a late answer belongs to no store that is alive; and an
 * exception ends here, in the log, because the host could only lose it.
 */
final class Life {
  private final StoreObserver observer;
  private boolean over;

  Life(StoreObserver observer) {
    this.observer = observer;
  }

  void end() {
    over = true;
  }

  boolean isOver() {
    return over;
  }

  void run(Runnable task) {
    if (over) {
      return;
    }
    try {
      task.run();
    } catch (Throwable e) {
      observer.error("internal error: " + Failures.text(e));
    }
  }

  /** The completion as the host calls it. */
  Ending ending(Completion completion) {
    return error ->
        run(
            () -> {
              if (error == null) {
                completion.succeeded();
              } else {
                completion.failed(error);
              }
            });
  }
}
