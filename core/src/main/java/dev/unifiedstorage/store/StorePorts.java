package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.DataPoints;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.StoreDirectory;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.port.Tracer;
import dev.unifiedstorage.wal.WalOptions;
import org.jspecify.annotations.Nullable;

/**
 * Everything outside that one store talks to.
 *
 * <p>Platform, writer, Pipeline and SQLite have to be there; the rest may be absent.
 */
public final class StorePorts {
  private final Platform platform;
  private final String writer;
  private final Pipeline pipeline;
  private final @Nullable Pipeline deadLetters;
  private final int sendEvents;
  private final SqlStorage sql;
  private final @Nullable IcebergReader archive;
  private final @Nullable Visitors visitors;
  private final Siblings siblings;
  private final @Nullable StoreDirectory directory;
  private final @Nullable DataPoints points;
  private final @Nullable Tracer tracer;

  private StorePorts(Builder builder) {
    if (builder.pipeline == null || builder.sql == null) {
      throw new IllegalArgumentException("expected a pipeline and SQLite");
    }
    this.platform = builder.platform;
    this.writer = builder.writer;
    this.pipeline = builder.pipeline;
    this.deadLetters = builder.deadLetters;
    this.sendEvents = builder.sendEvents;
    this.sql = builder.sql;
    this.archive = builder.archive;
    this.visitors = builder.visitors;
    this.siblings = builder.siblings;
    this.directory = builder.directory;
    this.points = builder.points;
    this.tracer = builder.tracer;
  }

  /**
   * Begins with a store alone, whose clients may do everything.
   *
   * @param writer what identifies the object among all that write to the same stream
   */
  public static Builder builder(Platform platform, String writer) {
    return new Builder(platform, writer);
  }

  /** These ports, some of them to be replaced. */
  public Builder toBuilder() {
    return new Builder(platform, writer)
        .pipeline(pipeline)
        .deadLetters(deadLetters)
        .sendEvents(sendEvents)
        .sql(sql)
        .archive(archive)
        .visitors(visitors)
        .siblings(siblings)
        .directory(directory)
        .points(points)
        .tracer(tracer);
  }

  /** Makes the ports of a store, one named after the other. */
  public static final class Builder {
    private Platform platform;
    private final String writer;
    private @Nullable Pipeline pipeline;
    private @Nullable Pipeline deadLetters;
    private int sendEvents = WalOptions.SEND_EVENTS;
    private @Nullable SqlStorage sql;
    private @Nullable IcebergReader archive;
    private @Nullable Visitors visitors;
    private Siblings siblings = Siblings.NONE;
    private @Nullable StoreDirectory directory;
    private @Nullable DataPoints points;
    private @Nullable Tracer tracer;

    private Builder(Platform platform, String writer) {
      this.platform = platform;
      this.writer = writer;
    }

    /** What the platform gives every component, in the place of the former. */
    public Builder platform(Platform other) {
      platform = other;
      return this;
    }

    /** Receives the events. */
    public Builder pipeline(Pipeline port) {
      pipeline = port;
      return this;
    }

    /** Receives batches whose retries are used up; null for none. */
    public Builder deadLetters(@Nullable Pipeline port) {
      deadLetters = port;
      return this;
    }

    /**
     * The most events in one send, and things in a part of a snapshot, 1,000 where nothing is said.
     * What stands or falls together may be more: an atomic batch, a session's write.
     */
    public Builder sendEvents(int most) {
      if (most < 1) {
        throw new IllegalArgumentException("sendEvents must be 1 or more, got " + most);
      }
      sendEvents = most;
      return this;
    }

    public Builder sql(SqlStorage port) {
      sql = port;
      return this;
    }

    /** The archive's reader; null when none is configured. */
    public Builder archive(@Nullable IcebergReader port) {
      archive = port;
      return this;
    }

    /** Who may do what; null where every client may do everything. */
    public Builder visitors(@Nullable Visitors port) {
      visitors = port;
      return this;
    }

    /** The other stores of the application. */
    public Builder siblings(Siblings port) {
      siblings = port;
      return this;
    }

    /** Where all stores are listed; null for nowhere. */
    public Builder directory(@Nullable StoreDirectory port) {
      directory = port;
      return this;
    }

    /** Where the figures of each checkpoint are left; null for nowhere. */
    public Builder points(@Nullable DataPoints port) {
      points = port;
      return this;
    }

    /** Where the spans of sends, checkpoints, recoveries and slow requests go; null for nowhere. */
    public Builder tracer(@Nullable Tracer port) {
      tracer = port;
      return this;
    }

    /**
     * The ports.
     *
     * @throws IllegalArgumentException when there is no Pipeline or no SQLite
     */
    public StorePorts build() {
      return new StorePorts(this);
    }
  }

  public Platform platform() {
    return platform;
  }

  public String writer() {
    return writer;
  }

  public Clock clock() {
    return platform.clock();
  }

  public Timers timers() {
    return platform.timers();
  }

  public Pipeline pipeline() {
    return pipeline;
  }

  public @Nullable Pipeline deadLetters() {
    return deadLetters;
  }

  public int sendEvents() {
    return sendEvents;
  }

  public SqlStorage sql() {
    return sql;
  }

  public @Nullable IcebergReader archive() {
    return archive;
  }

  public Json json() {
    return platform.json();
  }

  public Ids ids() {
    return platform.ids();
  }

  public StoreObserver observer() {
    return platform.observer();
  }

  public @Nullable Visitors visitors() {
    return visitors;
  }

  public Siblings siblings() {
    return siblings;
  }

  public @Nullable StoreDirectory directory() {
    return directory;
  }

  public @Nullable DataPoints points() {
    return points;
  }

  public @Nullable Tracer tracer() {
    return tracer;
  }
}
