package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.CommitPoint;
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

  /** The events that the Pipeline may not have and no row has. */
  List<Event> outbox();

  /** Whether something must be recorded although nothing is dirty. */
  boolean hasUnrecorded();

  /** Whether SQLite holds events that the Pipeline may not have. */
  boolean hasUndelivered();

  /**
   * Says that a checkpoint with this point has committed.
   *
   * @param logged whether its outbox went to rows of the event log
   */
  void recorded(CommitPoint point, boolean logged);

  /** No log: nothing is numbered. */
  CommitSource NONE =
      new CommitSource() {
        @Override
        public CommitPoint commitPoint(boolean closing) {
          return CommitPoint.NONE;
        }

        @Override
        public List<Event> outbox() {
          return List.of();
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
