package dev.unifiedstorage.jvm.sqlite;

import dev.unifiedstorage.port.SqlCursor;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The rows of a running statement; at the end or when closed it frees the statement. */
final class SqliteCursor implements SqlCursor {
  private final SqliteErrors errors;
  private final Runnable release;
  private ResultSet rows;

  /**
   * @param rows null when the statement gives none
   */
  SqliteCursor(ResultSet rows, SqliteErrors errors, Runnable release) {
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
  public String text(int column) {
    try {
      return rows.getString(column + 1);
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  @Override
  public double number(int column) {
    try {
      return rows.getDouble(column + 1);
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
