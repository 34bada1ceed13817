package dev.unifiedstorage.recovery;

import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import org.jspecify.annotations.Nullable;

/**
 * The SQLite of a recovery that stands alone and has an archive: when it cannot be read, for
 * whatever reason, the archive takes its place, because nothing is written over it.
 */
final class UnreadableIsDamaged implements SqlStorage {
  private static final SqlCursor NO_ROWS =
      new SqlCursor() {
        @Override
        public boolean next() {
          return false;
        }

        @Override
        public String text(int column) {
          throw new IllegalStateException("there is no row");
        }

        @Override
        public double number(int column) {
          throw new IllegalStateException("there is no row");
        }

        @Override
        public void close() {}
      };

  private final SqlStorage sql;
  private boolean aside;

  UnreadableIsDamaged(SqlStorage sql) {
    this.sql = sql;
  }

  @Override
  public SqlCursor exec(String statement, Object... bindings) {
    if (aside) {
      return NO_ROWS;
    }
    try {
      return sql.exec(statement, bindings);
    } catch (SqlException e) {
      throw new SqlException(String.valueOf(e.getMessage()), true);
    }
  }

  @Override
  public void transaction(Runnable body) {
    sql.transaction(body);
  }

  @Override
  public double rowsWritten() {
    return sql.rowsWritten();
  }

  /** It stays where it is, and counts as empty: the recovered state is in memory alone. */
  @Override
  public @Nullable String setAside() {
    aside = true;
    return sql.name();
  }

  @Override
  public String name() {
    return sql.name();
  }
}
