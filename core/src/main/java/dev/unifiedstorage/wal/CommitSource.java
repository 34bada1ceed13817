package dev.unifiedstorage.wal;

import java.util.List;

/** The log as a checkpoint sees it; a stand-alone checkpointer has {@link #NONE}. */
public interface CommitSource {
  /**
   * Where the log stands.
   *
   * @param closing whether the checkpoint should leave a clean object behind even if writes are
   *     coming in, because the object may be about to leave the memory
   */
  CommitPoint commitPoint(boolean closing);

  /** Whether something must be recorded although nothing is dirty. */
  boolean hasUnrecorded();

  /** Whether SQLite holds events that the Pipeline may not have. */
  boolean hasUndelivered();

  /**
   * Says that a checkpoint with this point has committed.
   *
   * @param logged whether its unlogged events went to rows of the event log
   */
  void recorded(CommitPoint point, boolean logged);

  /** No log: nothing is numbered. */
  CommitSource NONE =
      new CommitSource() {
        @Override
        public CommitPoint commitPoint(boolean closing) {
          return new CommitPoint(0, 0, 0, 0, false, false, List.of());
        }

        @Override
        public boolean hasUnrecorded() {
          return false;
        }

        @Override
        public boolean hasUndelivered() {
          return false;
        }

        @Override
        public void recorded(CommitPoint point, boolean logged) {}
      };
}
