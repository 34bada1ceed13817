package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.SqlException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * An object's SQLite database, a real one, which outlives every crash of the store.
 *
 * <p>Mostly it is in memory: each thread has one, wiped for each world, because opening one costs
 * more than most worlds. Some worlds have theirs in a file. A crash leaves that as the store's last
 * statement has, with the log of a transaction that was under way, and what opens it recovers it.
 */
final class Disk {
  /** What was in a database at some moment. */
  record Copy(List<Table> tables) {
    /** One table: how it is made, and its rows. */
    private record Table(String name, String sql, List<Object[]> rows) {}
  }

  private static final ThreadLocal<Disk> OF_THREAD = ThreadLocal.withInitial(() -> new Disk(null));

  private static final ThreadLocal<Disk> OTHER_OF_THREAD =
      ThreadLocal.withInitial(() -> new Disk(null));

  /** Where the file is, null for a database in memory. */
  private final Path folder;

  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private Connection connection;
  private Statement plain;
  private boolean inTransaction;
  private int crashes;

  private Disk(Path folder) {
    this.folder = folder;
    open();
  }

  /** This thread's database in memory, empty. */
  static Disk inMemory() {
    Disk disk = OF_THREAD.get();
    disk.wipe();
    return disk;
  }

  /** This thread's second database in memory, empty: that of another object. */
  static Disk other() {
    Disk disk = OTHER_OF_THREAD.get();
    disk.wipe();
    return disk;
  }

  /** An empty database in a file of its own, until it is closed. */
  static Disk inFile() {
    try {
      return new Disk(Files.createTempDirectory("world"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void open() {
    // Only a crash of the process is played: what was written is there, synced or not.
    String url = folder == null ? ":memory:" : file() + "?journal_mode=WAL&synchronous=OFF";
    try {
      connection = DriverManager.getConnection("jdbc:sqlite:" + url);
      plain = connection.createStatement();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path file() {
    return folder.resolve(crashes + ".db");
  }

  private Path log() {
    return folder.resolve(crashes + ".db-wal");
  }

  /** What a crash leaves behind. */
  void crash() {
    if (folder == null) {
      if (inTransaction) {
        rollback();
      }
      return;
    }
    try {
      byte[] file = Files.readAllBytes(file());
      byte[] log = Files.exists(log()) ? Files.readAllBytes(log()) : new byte[0];
      connection.close();
      crashes++;
      Files.write(file(), file);
      Files.write(log(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    inTransaction = false;
    statements.clear();
    open();
  }

  /** Removes the file, if there is one. */
  void close() {
    if (folder == null) {
      return;
    }
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      connection.close();
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Nothing is left. */
  void wipe() {
    for (Object[] row : query("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      plain("DROP TABLE " + row[0]);
    }
  }

  boolean isEmpty() {
    return query("SELECT name FROM sqlite_master WHERE type = 'table'").isEmpty();
  }

  /** Everything that is in it now. */
  Copy copy() {
    List<Copy.Table> tables = new ArrayList<>();
    for (Object[] row : query("SELECT name, sql FROM sqlite_master WHERE type = 'table'")) {
      String name = (String) row[0];
      tables.add(new Copy.Table(name, (String) row[1], query("SELECT * FROM " + name)));
    }
    return new Copy(tables);
  }

  /** What is in it now goes, and what was in it then comes back. */
  void putBack(Copy copy) {
    begin();
    wipe();
    for (Copy.Table table : copy.tables()) {
      plain(table.sql());
      for (Object[] row : table.rows()) {
        String places = "?" + ", ?".repeat(row.length - 1);
        update("INSERT INTO " + table.name() + " VALUES (" + places + ")", row);
      }
    }
    commit();
  }

  void begin() {
    plain("BEGIN");
    inTransaction = true;
  }

  void commit() {
    plain("COMMIT");
    inTransaction = false;
  }

  void rollback() {
    inTransaction = false;
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
      throw refused(sql, e);
    }
  }

  /** Runs a statement that writes; gives the number of changed rows. */
  int update(String sql, Object... bindings) {
    try {
      return bound(sql, bindings).executeUpdate();
    } catch (SQLException e) {
      throw refused(sql, e);
    }
  }

  private SqlException refused(String sql, SQLException e) {
    // The driver has closed it.
    statements.remove(sql);
    return new SqlException(e.getMessage(), false);
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
