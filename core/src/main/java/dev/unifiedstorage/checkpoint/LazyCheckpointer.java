package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.state.DirtyTracker;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Turns;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is dirty to SQLite now and then: a checkpointer without a store around it.
 *
 * <p>A checkpoint comes after the interval while anything is dirty, and at once when too much is; a
 * failed one leaves everything dirty and is tried again after the interval. While nothing is dirty
 * no row is written; a timer is armed for one interval after the start and after each checkpoint,
 * because a tracker may become dirty without {@link #notifyDirty}, and then no more. Rows that are
 * there already stay: what SQLite holds is read before the first row is written. In a store {@link
 * Committer} takes this one's place.
 */
public final class LazyCheckpointer {
  private final Checkpoints checkpoints;
  private final boolean tracked;
  private final Alarm alarm;

  /** Whether the timer-based checkpoints have begun. */
  private boolean started;

  /** Whether an interval is looked at although nothing is known to be dirty. */
  private boolean watching;

  /** A builder, with the seed's options and defaults; {@code sql} and the tracker are required. */
  public static Builder builder() {
    return new Builder();
  }

  /** Over rows and things that the caller keeps together. */
  LazyCheckpointer(LazyCheckpointerOptions options, Persistence persistence, Platform platform) {
    Turns turns = new Turns();
    Timers timers = turns.timers(platform.timers());
    alarm = new Alarm(platform.timers(), platform.clock());
    checkpoints = new Checkpoints(options, persistence, timers, platform.clock(), alarm);
    tracked = false;
    turns.begin(this::turn);
  }

  private LazyCheckpointer(Builder builder) {
    Turns turns = new Turns();
    Timers timers = turns.timers(builder.platform.timers());
    alarm = new Alarm(builder.platform.timers(), builder.platform.clock());
    checkpoints =
        new TrackedCheckpoints(
            builder.options(),
            builder.persistence(),
            builder.tracker,
            timers,
            builder.platform.clock(),
            alarm);
    tracked = true;
    // The thresholds hold from now on; only the timer waits for start().
    checkpoints.start();
    turns.begin(this::turn);
  }

  private void turn() {
    boolean asked = checkpoints.isAsked();
    Optional<Trigger> due = checkpoints.due(false);
    due.ifPresent(trigger -> checkpoints.take(trigger, CommitPoint.NONE, List.of()));
    watching = tracked && started && (due.isPresent() || (watching && !asked));
    if (started) {
      checkpoints.arm(watching, false);
    }
    alarm.arm();
  }

  /** Begins to take checkpoints by time; what is dirty already counts. */
  public void start() {
    started = true;
    watching = tracked;
    checkpoints.start();
    turn();
  }

  /** Says that something may have become dirty, or clean: may take a checkpoint at once. */
  public void notifyDirty() {
    turn();
  }

  /**
   * Takes a checkpoint now, if anything is dirty.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint() {
    return checkpoint(Trigger.MANUAL);
  }

  /**
   * Takes a checkpoint now, if anything is dirty, under another name than {@code MANUAL}.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint(Trigger trigger) {
    checkpoints.request(trigger);
    turn();
    return checkpoints.outcome().orThrow();
  }

  /** Takes a last checkpoint before the object may leave the memory. */
  public void beforeHibernation(Completion completion) {
    checkpoints.request(Trigger.HIBERNATION);
    turn();
    checkpoints
        .outcome()
        .error()
        .ifPresentOrElse(
            error -> completion.failed(String.valueOf(error.getMessage())), completion::succeeded);
  }

  /** The platform's alarm rang: what is still dirty by then has lost its timer. */
  public void onAlarm() {
    checkpoints.onAlarm();
    turn();
  }

  /** How often the alarm was set, each time a row. */
  public int alarms() {
    return alarm.count();
  }

  /** What the checkpoints have done so far: how many, how many rows, in which layout. */
  public CheckpointerStats getStats() {
    return checkpoints.stats();
  }

  /**
   * Saves what is dirty; no checkpoint comes by itself any more, also when that fails.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public void destroy() {
    checkpoints.request(Trigger.MANUAL);
    turn();
    started = false;
    checkpoints.stop();
    checkpoints.outcome().orThrow();
  }

  /** The options of a checkpointer, as the seed names them. */
  public static final class Builder {
    private final LazyCheckpointerOptions defaults = LazyCheckpointerOptions.defaults();
    private Platform platform;
    private SqlStorage sql;
    private DirtyTracker tracker;
    private double intervalMs = defaults.intervalMs();
    private int dirtyCountThreshold = defaults.dirtyCountThreshold();
    private double memoryThresholdBytes = defaults.memoryThresholdBytes();
    private int columnarThreshold = defaults.columnarThreshold();
    private Layout largeCollections = defaults.largeCollections();
    private Consumer<CheckpointStats> onCheckpoint = defaults.onCheckpoint();
    private Consumer<RuntimeException> onError = defaults.onError();

    @SuppressWarnings("NullAway.Init") // null until it is given: build() asks for what is required
    private Builder() {}

    /** The platform it runs on; required. */
    public Builder on(Platform runsOn) {
      platform = runsOn;
      return this;
    }

    /** The object's SQLite; required. */
    public Builder sql(SqlStorage storage) {
      sql = storage;
      return this;
    }

    /** Knows what is dirty; required. */
    public Builder dirtyTracker(DirtyTracker dirtyTracker) {
      tracker = dirtyTracker;
      return this;
    }

    /** Milliseconds between timer checkpoints while something is dirty; 10,000. */
    public Builder intervalMs(double ms) {
      intervalMs = ms;
      return this;
    }

    /** Dirty things and deletions that trigger a checkpoint, at most once a second; 100. */
    public Builder dirtyCountThreshold(int count) {
      dirtyCountThreshold = count;
      return this;
    }

    /** Dirty bytes that trigger a checkpoint at once; 10 MiB. */
    public Builder memoryThresholdBytes(double bytes) {
      memoryThresholdBytes = bytes;
      return this;
    }

    /** Collections with fewer things are one row; 50. */
    public Builder columnarThreshold(int things) {
      columnarThreshold = things;
      return this;
    }

    /** How the other collections lie in SQLite: normalized, a row a thing, or packed. */
    public Builder largeCollections(Layout layout) {
      largeCollections = layout;
      return this;
    }

    /**
     * Receives what each checkpoint did; null, the default, for no one. What it throws goes to
     * {@code onError}: the checkpoint has been taken.
     */
    public Builder onCheckpoint(@Nullable Consumer<CheckpointStats> receiver) {
      onCheckpoint = receiver == null ? defaults.onCheckpoint() : receiver;
      return this;
    }

    /** Receives why a checkpoint failed; what was dirty still is. Null, the default, for no one. */
    public Builder onError(@Nullable Consumer<RuntimeException> receiver) {
      onError = receiver == null ? defaults.onError() : receiver;
      return this;
    }

    /**
     * The checkpointer that these options describe.
     *
     * @throws NullPointerException naming what is required and missing
     * @throws IllegalArgumentException naming an option that is out of its range
     */
    public LazyCheckpointer build() {
      Objects.requireNonNull(platform, "on(platform) is required");
      Objects.requireNonNull(sql, "sql is required");
      Objects.requireNonNull(tracker, "dirtyTracker is required");
      return new LazyCheckpointer(this);
    }

    private LazyCheckpointerOptions options() {
      return new LazyCheckpointerOptions(
          intervalMs,
          dirtyCountThreshold,
          memoryThresholdBytes,
          columnarThreshold,
          largeCollections,
          0,
          this::tell,
          onError);
    }

    private void tell(CheckpointStats stats) {
      try {
        onCheckpoint.accept(stats);
      } catch (RuntimeException e) {
        onError.accept(e);
      }
    }

    private Persistence persistence() {
      Things rows = new Things(StateOptions.unlimited(), platform.json());
      // Rows name their namespace, and a checkpointer that stands alone has none.
      Origin origin = new Origin("", platform.clock(), platform.json());
      return new Persistence(sql, rows, origin, options(), false);
    }
  }
}
