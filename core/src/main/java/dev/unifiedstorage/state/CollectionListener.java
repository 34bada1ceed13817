package dev.unifiedstorage.state;

import org.jspecify.annotations.Nullable;

/**
 * One who is told how the things of a type change; what was never watched costs nothing.
 *
 * <p>It is told after the state has changed, and must not change it.
 */
public interface CollectionListener {
  /**
   * A thing has another version, is new, or is gone.
   *
   * @param older null when there was none, as {@code newer} when there is none now
   */
  void changed(@Nullable Thing older, @Nullable Thing newer);

  /** A thing has left the memory or has come back; it exists all the time. */
  void moved(Thing thing);

  /** The state forgets everything, this listener too. */
  void cleared();
}
