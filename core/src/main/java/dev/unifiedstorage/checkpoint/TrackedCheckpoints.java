package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.DirtyTracker;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checkpoints of a state that only a {@link DirtyTracker} shows.
 *
 * <p>Beside that state it keeps what SQLite holds, in the text of the rows, because a row is
 * written whole: a collection of which one thing is dirty takes its clean ones from here. It is
 * read from SQLite before the first checkpoint, and brought up to date before each.
 */
final class TrackedCheckpoints extends Checkpoints {
  private final Clock clock;
  private final Persistence persistence;
  private final Things rows;
  private final DirtyTracker tracker;
  private Optional<CommitPoint> recorded = Optional.empty();

  /** What the checkpoint under way persists. */
  private Set<String> dirty = Set.of();

  TrackedCheckpoints(
      LazyCheckpointerOptions options,
      Persistence persistence,
      DirtyTracker tracker,
      Timers timers,
      Clock clock,
      Alarm alarm) {
    super(options, persistence, timers, clock, alarm);
    this.clock = clock;
    this.persistence = persistence;
    this.rows = persistence.state();
    this.tracker = tracker;
  }

  @Override
  int dirtyCount() {
    return tracker.getDirtyCount();
  }

  @Override
  double dirtyBytes() {
    return tracker.getDirtyBytes();
  }

  @Override
  Optional<CheckpointWriter.Written> take(Trigger trigger, CommitPoint point, List<Event> outbox) {
    dirty = tracker.getDirtyEntries();
    try {
      load();
      dirty.forEach(this::bring);
    } catch (RuntimeException e) {
      failed(trigger, e);
      return Optional.empty();
    }
    if (rows.dirtyCount() == 0) {
      // What is dirty was made and deleted since the last checkpoint: SQLite has never heard of it.
      tracker.markClean(dirty);
      return Optional.empty();
    }
    return super.take(trigger, recorded.orElseThrow(), outbox);
  }

  @Override
  void written() {
    tracker.markClean(dirty);
  }

  private void load() {
    if (recorded.isPresent()) {
      return;
    }
    rows.clear();
    CheckpointLoader.Loaded found = persistence.loader().load();
    CommitPoint point = found.record().point();
    if (point.open() || !found.logRows().isEmpty() || !found.record().outbox().isEmpty()) {
      throw new IllegalStateException(
          persistence.tables().sql().name()
              + " belongs to a store with events under way, "
              + point
              + "; only that store may write it");
    }
    recorded = Optional.of(point);
  }

  private void bring(String id) {
    Thing thing = tracker.get(id);
    Entry older = rows.entry(id);
    if (older != null && (thing == null || !older.collection().type().equals(thing.type()))) {
      rows.remove(id, 0, clock.nowMs());
    }
    if (thing != null) {
      rows.put(thing);
    }
  }
}
