package dev.unifiedstorage.state;

import org.jspecify.annotations.Nullable;

/** Takes one write out of the state again; writes are undone newest first. */
public interface Undo {
  void undo();

  /** The thing as it was before the write; null when there was none. */
  @Nullable Thing before();
}
