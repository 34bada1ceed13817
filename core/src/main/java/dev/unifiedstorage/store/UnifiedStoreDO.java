package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.protocol.OneReply;
import dev.unifiedstorage.state.Thing;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All components as one store, to be used inside a class of one's own: the seed's main class.
 *
 * <p>It is a {@link UnifiedStore} with the seed's options and methods. Replies go to the {@link
 * Connection} that a request came with, once what they say is durable.
 */
public final class UnifiedStoreDO {
  private final UnifiedStore store;

  /** A builder; the platform, the namespace, {@code sql} and the Pipeline are required. */
  public static Builder builder() {
    return new Builder();
  }

  private UnifiedStoreDO(Builder builder) {
    Platform platform = builder.platform;
    store =
        new UnifiedStore(
            UnifiedStoreConfig.fromVars(builder.namespace, builder.vars),
            StorePorts.builder(platform, builder.namespace)
                .pipeline(builder.pipeline)
                .deadLetters(builder.deadLetterQueue.orElse(null))
                .sql(builder.sql)
                .archive(builder.iceberg.orElse(null))
                .build());
  }

  /** Restores the state; until then requests are answered {@code RECOVERING}. */
  public void onStart(Completion done) {
    store.onStart(done);
  }

  /** Writes what is dirty to SQLite, because the object may be about to leave the memory. */
  public void beforeHibernation(Completion done) {
    store.beforeHibernation(done);
  }

  /** Answers a create; the message belongs to the store from now on. */
  public void handleCreate(Connection ws, JsonObject msg) {
    handle(ws, msg, "create");
  }

  /** Answers a read; the message belongs to the store from now on. */
  public void handleRead(Connection ws, JsonObject msg) {
    handle(ws, msg, "read");
  }

  /** Answers an update; the message belongs to the store from now on. */
  public void handleUpdate(Connection ws, JsonObject msg) {
    handle(ws, msg, "update");
  }

  /** Answers a delete; the message belongs to the store from now on. */
  public void handleDelete(Connection ws, JsonObject msg) {
    handle(ws, msg, "delete");
  }

  /** Answers a batch; the message belongs to the store from now on. */
  public void handleBatch(Connection ws, JsonObject msg) {
    handle(ws, msg, "batch");
  }

  private void handle(Connection ws, JsonObject msg, String type) {
    store.onMessage(new OneReply(ws), msg.set("type", type));
  }

  /** Answers one message as it came from a socket, bad ones too. */
  public void handleMessage(Connection ws, String message) {
    store.onMessage(new OneReply(ws), message);
  }

  /** Says that a socket has closed and how many are left: after the last, dirty data is saved. */
  public void handleClose(int openSockets) {
    store.onConnectionClosed(openSockets);
  }

  /** The platform's alarm rang. */
  public void handleAlarm() {
    store.onAlarm();
  }

  /** Has the application judge every write from now on. */
  public void onWrite(WriteRule rule) {
    store.setWriteRule(rule);
  }

  /**
   * The thing in its last durable version, from memory; null when there is none.
   *
   * @throws IllegalStateException when the store does not run, or the thing may be in SQLite alone
   */
  public @Nullable Thing get(String id) {
    return store.get(id);
  }

  /**
   * Writes what is dirty to SQLite now.
   *
   * @throws RuntimeException as SQLite gave it; everything dirty still is
   */
  public CheckpointStats checkpoint() {
    return store.checkpoint();
  }

  /** The ids of what SQLite does not have yet, deletions included. */
  public Set<String> getDirtyEntries() {
    Set<String> ids = new LinkedHashSet<>();
    store.forEachDirty(ids::add);
    return ids;
  }

  /** The options of a store, as the seed names them. */
  public static final class Builder {
    private final Map<String, String> vars = new HashMap<>();
    private Platform platform;
    private String namespace;
    private SqlStorage sql;
    private Pipeline pipeline;
    private Optional<Pipeline> deadLetterQueue = Optional.empty();
    private Optional<IcebergReader> iceberg = Optional.empty();

    @SuppressWarnings("NullAway.Init") // null until it is given: build() asks for what is required
    private Builder() {}

    /** The platform it runs on; required. */
    public Builder on(Platform runsOn) {
      platform = runsOn;
      return this;
    }

    /** The tenant: goes into every event; required. */
    public Builder namespace(String name) {
      namespace = name;
      return this;
    }

    /** The object's SQLite; required. */
    public Builder sql(SqlStorage storage) {
      sql = storage;
      return this;
    }

    /** Where events go; required. */
    public Builder pipeline(Pipeline events) {
      pipeline = events;
      return this;
    }

    /** Receives what the Pipeline refused again and again; null, the default, for no queue. */
    public Builder deadLetterQueue(@Nullable Pipeline queue) {
      deadLetterQueue = Optional.ofNullable(queue);
      return this;
    }

    /**
     * The archive, null for none, which is the default; with it {@code pipeline} is the default
     * durability, without it {@code local}.
     */
    public Builder iceberg(@Nullable IcebergReader reader) {
      iceberg = Optional.ofNullable(reader);
      return this;
    }

    /** Milliseconds between timer checkpoints while something is dirty; 5,000. */
    public Builder checkpointInterval(int ms) {
      return set("CHECKPOINT_INTERVAL", "" + ms);
    }

    /** Collections with fewer things are one row; 1,000. */
    public Builder columnarThreshold(int things) {
      return set("COLUMNAR_THRESHOLD", "" + things);
    }

    /** Dirty things that trigger a checkpoint; 10,000. */
    public Builder dirtyCountThreshold(int things) {
      return set("DIRTY_COUNT_THRESHOLD", "" + things);
    }

    /** Any setting by the name of its variable, such as {@code DURABILITY}. */
    public Builder set(String var, String value) {
      vars.put(var, value);
      return this;
    }

    /**
     * The store that these options describe.
     *
     * @throws NullPointerException naming what is required and missing
     * @throws IllegalArgumentException naming a setting that is out of its range
     */
    public UnifiedStoreDO build() {
      Objects.requireNonNull(platform, "on(platform) is required");
      Objects.requireNonNull(namespace, "namespace is required");
      Objects.requireNonNull(sql, "sql is required");
      Objects.requireNonNull(pipeline, "pipeline is required");
      return new UnifiedStoreDO(this);
    }
  }
}
