package dev.unifiedstorage.state;

import org.jspecify.annotations.Nullable;

/**
 * One who is told of every write to the state, in the order of the writes.
 *
 * <p>It is told after the state has changed, and must not change it.
 */
public interface WriteListener {
  /**
   * A thing has another version, is new, or is gone.
   *
   * @param older null when there was none, as {@code newer} when there is none now
   */
  void wrote(String id, @Nullable Thing older, @Nullable Thing newer, double seq);

  /** The newest write that was not undone is undone. */
  void undone(double seq);

  /** The state forgets everything. */
  void cleared();
}
