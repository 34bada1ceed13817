package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * The rows of one statement, read forward once.
 *
 * <p>A cursor is read to its end or closed before the next statement that writes.
 */
public interface SqlCursor {
  /** Moves to the next row; false at the end, and the cursor is closed then. */
  boolean next();

  /** A column of the current row as text, or null when it is NULL. Columns count from 0. */
  @Nullable String text(int column);

  /** A column of the current row as a number, 0 when it is NULL. Columns count from 0. */
  double number(int column);

  /** Gives the rest up. Does nothing at the end. */
  void close();
}
