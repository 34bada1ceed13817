package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * The object's own SQLite database, as {@code storage.sql} of a Durable Object.
 *
 * <p>Calls are synchronous. What is written outside a transaction commits by itself; a failed
 * transaction leaves nothing. Bindings are {@link String}, {@link Double}, {@link Integer} or null.
 * A value holds at most 2,000,000 bytes, a statement 100 bindings.
 */
public interface SqlStorage {
  /**
   * Runs one statement.
   *
   * @throws SqlException when SQLite refuses, the disk is full, or the file is damaged
   */
  SqlCursor exec(String sql, @Nullable Object... bindings);

  /**
   * Runs {@code body} in one transaction: all of it is durable when this returns, or, when it
   * throws, none of it.
   */
  void transaction(Runnable body);

  /**
   * Rows this instance has written, by the platform's rule: rows of indexes and deleted rows count.
   */
  double rowsWritten();

  /**
   * Gives up a damaged database for an empty one.
   *
   * @return where the damaged one is kept, or null when the platform has no way to do that
   */
  @Nullable String setAside();

  /** What the operator knows the database by, for error messages: a file's path or a binding. */
  String name();
}
