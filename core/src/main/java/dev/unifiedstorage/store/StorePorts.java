package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.StoreDirectory;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Everything outside that one store talks to.
 *
 * @param writer what identifies the object among all that write to the same stream
 * @param deadLetters receives batches whose retries are used up, or null
 * @param archive the archive's reader, or null when none is configured
 * @param visitors who may do what; null where every client may do everything
 * @param siblings the other stores of the application
 * @param directory where all stores are listed, or null
 */
public record StorePorts(
    String writer,
    Clock clock,
    Timers timers,
    Pipeline pipeline,
    @Nullable Pipeline deadLetters,
    SqlStorage sql,
    @Nullable IcebergReader archive,
    Json json,
    Ids ids,
    StoreObserver observer,
    @Nullable Visitors visitors,
    Siblings siblings,
    @Nullable StoreDirectory directory) {

  /** A store alone, whose clients may do everything. */
  public StorePorts(
      String writer,
      Clock clock,
      Timers timers,
      Pipeline pipeline,
      @Nullable Pipeline deadLetters,
      SqlStorage sql,
      @Nullable IcebergReader archive,
      Json json,
      Ids ids,
      StoreObserver observer) {
    this(
        writer,
        clock,
        timers,
        pipeline,
        deadLetters,
        sql,
        archive,
        json,
        ids,
        observer,
        null,
        Siblings.NONE,
        null);
  }
}
