package dev.unifiedstorage.recovery;

import dev.unifiedstorage.checkpoint.LazyCheckpointerOptions;
import dev.unifiedstorage.checkpoint.Persistence;
import dev.unifiedstorage.past.RecoveryException;
import dev.unifiedstorage.past.UnpackedArchive;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.StateOptions;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Turns;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Restores the state of an object that starts cold: a recovery without a store around it.
 *
 * <p>SQLite first: rows, then the event log on top of them. What only the archive can add comes
 * second: the tail, when the last life ended without closing, or everything, when SQLite is empty
 * or cannot be read. When anything is missing or too slow, the recovery fails with an error that
 * names it: a state is never empty over data. It sends no probe, so the archive counts as it
 * stands, and it writes nothing to SQLite. It may be called again, also after a failure; the state
 * is that of the last call that succeeded.
 */
public final class ColdStartRecovery {

  /** Where a recovery ends: exactly one of its methods is called, once. */
  public interface End {
    /** The state is whole. */
    void completed(RecoveryResult result);

    /** The state could not be had; the one before stays. */
    void failed(RuntimeException error);
  }

  private final RecoveryOptions options;
  private final SqlStorage sql;
  private final Platform platform;
  private final Origin origin;
  private final Optional<IcebergReader> archive;
  private final Turns turns = new Turns();
  private Optional<End> waiting = Optional.empty();
  private Attempt attempt;
  private Things state;

  /** A builder; the namespace and {@code sql} are required. */
  public static Builder builder() {
    return new Builder();
  }

  private ColdStartRecovery(Builder builder) {
    options = new RecoveryOptions(builder.namespace, builder.timeoutMs, builder.onProgress);
    platform = builder.platform;
    origin = new Origin(builder.namespace, platform.clock(), platform.json());
    archive = builder.archive.map(reader -> new UnpackedArchive(turns.archive(reader), origin));
    sql = builder.sql;
    attempt = new Attempt();
    state = attempt.persistence.state();
    turns.begin(this::turn);
  }

  /** One recovery: a state of its own, which becomes the recovered one when it is whole. */
  private final class Attempt {
    private final Persistence persistence =
        new Persistence(
            archive.isPresent() ? new UnreadableIsDamaged(sql) : sql,
            new Things(StateOptions.unlimited(), platform.json()),
            origin,
            LazyCheckpointerOptions.defaults(),
            false);
    private final Optional<ArchiveStart> archiveStart =
        archive.map(
            reader ->
                new ArchiveStart(
                    options,
                    persistence,
                    reader,
                    turns.timers(platform.timers()),
                    origin,
                    platform.observer(),
                    false));
    private Optional<Recovered> recovered = Optional.empty();
  }

  /**
   * Restores what SQLite and the archive have, where the archive answers at once: one in memory, or
   * none at all.
   *
   * @throws RuntimeException when the state cannot be had whole
   * @throws IllegalStateException when the archive has not answered; {@link #recover(End)} waits
   */
  public RecoveryResult recover() {
    return atOnce(this::recover);
  }

  /** As {@link #recover()}, of what the archive has alone. */
  public RecoveryResult forceRebuildFromIceberg() {
    return atOnce(this::forceRebuildFromIceberg);
  }

  private RecoveryResult atOnce(Consumer<End> start) {
    Immediate end = new Immediate();
    start.accept(end);
    if (end.error.isPresent()) {
      throw end.error.get();
    }
    return end.result.orElseThrow(
        () ->
            new IllegalStateException(
                "namespace " + options.namespace() + ": still waiting for " + waitingFor()));
  }

  private static final class Immediate implements End {
    private Optional<RecoveryResult> result = Optional.empty();
    private Optional<RuntimeException> error = Optional.empty();

    @Override
    public void completed(RecoveryResult done) {
      result = Optional.of(done);
    }

    @Override
    public void failed(RuntimeException why) {
      error = Optional.of(why);
    }
  }

  /**
   * Restores what SQLite and the archive have.
   *
   * @throws IllegalStateException while another one is under way
   */
  public void recover(End end) {
    begin(end);
    double startedMs = platform.clock().nowMs();
    SqliteStart.Found found;
    try {
      found =
          new SqliteStart(attempt.persistence, archive.isPresent(), origin, platform.observer())
              .read();
    } catch (RuntimeException e) {
      end(new ArchiveStart.Outcome.Failed(e));
      return;
    }
    double things = attempt.persistence.state().size();
    options
        .onProgress()
        .accept(
            new RecoveryProgress(
                RecoveryProgress.Phase.SQLITE,
                things,
                things,
                Math.max(0, platform.clock().nowMs() - startedMs)));
    if (found instanceof SqliteStart.Found.Known known) {
      go(known.recovered());
    } else if (found instanceof SqliteStart.Found.Foreign foreign) {
      end(
          new ArchiveStart.Outcome.Failed(
              new RecoveryException(
                  "namespace "
                      + options.namespace()
                      + ": the database belongs to namespace "
                      + foreign.record().owner().namespace())));
      return;
    } else {
      attempt.archiveStart.orElseThrow().survey(((SqliteStart.Found.Unknown) found).conclude());
    }
    turn();
  }

  /**
   * Makes the state anew of what the archive has, whatever SQLite holds.
   *
   * @throws IllegalStateException while another one is under way
   */
  public void forceRebuildFromIceberg(End end) {
    begin(end);
    if (archive.isEmpty()) {
      end(
          new ArchiveStart.Outcome.Failed(
              new RecoveryException(
                  "namespace "
                      + options.namespace()
                      + ": no archive reader is configured to rebuild from")));
      return;
    }
    attempt.archiveStart.orElseThrow().rebuild();
    turn();
  }

  private void begin(End end) {
    if (waiting.isPresent()) {
      throw new IllegalStateException(
          "namespace " + options.namespace() + ": a recovery is under way");
    }
    waiting = Optional.of(end);
    attempt = new Attempt();
  }

  private void turn() {
    while (attempt.archiveStart.isPresent() && attempt.archiveStart.get().hasOutcome()) {
      ArchiveStart.Outcome outcome = attempt.archiveStart.get().takeOutcome().orElseThrow();
      if (outcome instanceof ArchiveStart.Outcome.Surveyed surveyed) {
        go(surveyed.recovered());
      } else {
        end(outcome);
      }
    }
  }

  private void go(Recovered start) {
    attempt.recovered = Optional.of(start);
    if (start.missing() == Recovered.Missing.NOTHING) {
      end(
          new ArchiveStart.Outcome.Completed(
              start.recorded().life(), start.appliedSeq(), start.result(), ""));
    } else {
      attempt.archiveStart.orElseThrow().complete(start, List.of(), 0);
    }
  }

  private void end(ArchiveStart.Outcome outcome) {
    End end = waiting.orElseThrow();
    waiting = Optional.empty();
    if (outcome instanceof ArchiveStart.Outcome.Completed completed) {
      state = attempt.persistence.state();
      end.completed(completed.result());
    } else if (outcome instanceof ArchiveStart.Outcome.Failed failed) {
      end.failed(failed.error());
    }
  }

  /** What the start found, once SQLite was read or the archive was asked. */
  Recovered recovered() {
    return attempt.recovered.orElseThrow();
  }

  /** What a recovery from the archive still waits for, as a part of a sentence. */
  public String waitingFor() {
    return attempt.archiveStart.map(ArchiveStart::waitingFor).orElse("SQLite");
  }

  Things things() {
    return state;
  }

  /** The recovered things by id; empty before the first recovery that succeeded. */
  public Map<String, Thing> getState() {
    Map<String, Thing> things = new LinkedHashMap<>();
    for (TypedCollection collection : state.collections()) {
      collection.forEach(entry -> put(entry, things));
    }
    return things;
  }

  private static void put(Entry entry, Map<String, Thing> things) {
    Thing thing = entry.thing();
    things.put(thing.id(), thing);
  }

  /** Looks at every thing in memory: identity, version, times, and that its fields are JSON. */
  public ValidationResult validateState() {
    return new StateValidator(state, platform.json()).validate();
  }

  /** The options of a recovery, as the seed names them. */
  public static final class Builder {
    private Platform platform;
    private String namespace;
    private SqlStorage sql;
    private Optional<IcebergReader> archive = Optional.empty();
    private double timeoutMs = 30_000;
    private Consumer<RecoveryProgress> onProgress = progress -> {};

    @SuppressWarnings("NullAway.Init") // null until it is given: build() asks for what is required
    private Builder() {}

    /** The platform it runs on; required. */
    public Builder on(Platform runsOn) {
      platform = runsOn;
      return this;
    }

    /** The namespace of the events to look for in the archive; required. */
    public Builder namespace(String name) {
      namespace = name;
      return this;
    }

    /** The object's SQLite; required. */
    public Builder sql(SqlStorage storage) {
      sql = storage;
      return this;
    }

    /** The archive, for what SQLite lacks; without it, or with null, SQLite is all there is. */
    public Builder iceberg(@Nullable IcebergReader reader) {
      archive = Optional.ofNullable(reader);
      return this;
    }

    /** Milliseconds without anything new from the archive, after which it fails; 30,000. */
    public Builder timeout(double ms) {
      timeoutMs = ms;
      return this;
    }

    /** Called now and then while a recovery runs; null, the default, for no one. */
    public Builder onProgress(@Nullable Consumer<RecoveryProgress> receiver) {
      onProgress = receiver == null ? progress -> {} : receiver;
      return this;
    }

    /**
     * The recovery that these options describe.
     *
     * @throws NullPointerException naming what is required and missing
     * @throws IllegalArgumentException naming an option that is out of its range
     */
    public ColdStartRecovery build() {
      Objects.requireNonNull(platform, "on(platform) is required");
      Objects.requireNonNull(namespace, "namespace is required");
      Objects.requireNonNull(sql, "sql is required");
      return new ColdStartRecovery(this);
    }
  }
}
