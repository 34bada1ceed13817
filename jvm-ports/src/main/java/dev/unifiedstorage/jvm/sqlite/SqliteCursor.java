package dev.unifiedstorage.jvm.sqlite;

import dev.unifiedstorage.port.SqlCursor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of a running statement; at the end or when closed it frees the statement. */
final class SqliteCursor implements SqlCursor {
  private final SqliteErrors errors;
  private final Runnable release;
  private @Nullable ResultSet rows;

  /**
   * @param rows null when the statement gives none
   */
  SqliteCursor(@Nullable ResultSet rows, SqliteErrors errors, Runnable release) {
    this.rows = rows;
    this.errors = errors;
    this.release = release;
  }

  @Override
  public boolean next() {
    if (rows == null) {
      return false;
    }
    try {
      if (rows.next()) {
        return true;
      }
    } catch (SQLException e) {
      close();
      throw errors.of(e);
    }
    close();
    return false;
  }

  @Override
  public @Nullable String text(int column) {
    try {
      return Objects.requireNonNull(rows).getString(column + 1);
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  @Override
  public double number(int column) {
    try {
      return Objects.requireNonNull(rows).getDouble(column + 1);
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  @Override
  public void close() {
    if (rows == null) {
      return;
    }
    ResultSet closing = rows;
    rows = null;
    try {
      closing.close();
    } catch (SQLException e) {
      throw errors.of(e);
    } finally {
      release.run();
    }
  }
}
