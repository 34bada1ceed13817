package dev.unifiedstorage.wal;

import dev.unifiedstorage.state.Undo;
import org.jspecify.annotations.Nullable;

/**
 * An event whose effect is in the state, and what takes it back.
 *
 * <p>The events of one request hang together by {@link #next}: most requests have one, and a list
 * of one costs more than the event.
 */
public final class AppliedEvent {
  private final Event event;
  private final Undo undo;
  private @Nullable AppliedEvent next;

  public AppliedEvent(Event event, Undo undo) {
    this.event = event;
    this.undo = undo;
  }

  public Event event() {
    return event;
  }

  public Undo undo() {
    return undo;
  }

  /** The event of the same request that was applied after this one, or null. */
  public @Nullable AppliedEvent next() {
    return next;
  }

  public void setNext(AppliedEvent applied) {
    next = applied;
  }
}
