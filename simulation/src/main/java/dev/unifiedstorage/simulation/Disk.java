package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.SqlException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An object's SQLite database: the real one, in memory, which outlives every crash of the store.
 *
 * <p>Each thread has one, wiped for each world: opening one costs more than most worlds.
 */
final class Disk {
  private static final ThreadLocal<Disk> OF_THREAD = ThreadLocal.withInitial(Disk::new);

  private final Connection connection;
  private final Statement plain;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private Disk() {
    try {
      connection = DriverManager.getConnection("jdbc:sqlite::memory:");
      plain = connection.createStatement();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** This thread's database, empty. */
  static Disk wiped() {
    Disk disk = OF_THREAD.get();
    for (Object[] row : disk.query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      disk.plain("DROP TABLE " + row[0]);
    }
    return disk;
  }

  void begin() {
    plain("BEGIN");
  }

  void commit() {
    plain("COMMIT");
  }

  void rollback() {
    plain("ROLLBACK");
  }

  private void plain(String sql) {
    try {
      plain.execute(sql);
    } catch (SQLException e) {
      throw new SqlException(e.getMessage(), false);
    }
  }

  List<Object[]> query(String sql, Object... bindings) {
    try (ResultSet result = bound(sql, bindings).executeQuery()) {
      int columns = result.getMetaData().getColumnCount();
      List<Object[]> rows = new ArrayList<>();
      while (result.next()) {
        Object[] row = new Object[columns];
        for (int i = 0; i < columns; i++) {
          row[i] = result.getObject(i + 1);
        }
        rows.add(row);
      }
      return rows;
    } catch (SQLException e) {
      throw new SqlException(e.getMessage(), false);
    }
  }

  /** Runs a statement that writes; gives the number of changed rows. */
  int update(String sql, Object... bindings) {
    try {
      return bound(sql, bindings).executeUpdate();
    } catch (SQLException e) {
      throw new SqlException(e.getMessage(), false);
    }
  }

  private PreparedStatement bound(String sql, Object... bindings) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < bindings.length; i++) {
      if (bindings[i] instanceof Double number && number == Math.rint(number)) {
        statement.setLong(i + 1, number.longValue());
      } else {
        statement.setObject(i + 1, bindings[i]);
      }
    }
    return statement;
  }
}
