package dev.unifiedstorage.jvm.sqlite;

import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/**
 * One object's SQLite file as the platform's {@code storage.sql}.
 *
 * <p>It belongs to one event loop and is opened by the first statement, so that a file that cannot
 * be opened fails one request and not the object. A file that does not exist is made by the first
 * write: until then reads see an empty database in memory. A file it cannot read is never emptied
 * or replaced, only moved away when it is told to. A commit is on disk when it returns: write-ahead
 * log, synchronous full. The platform's limits hold here as well, for what a laptop takes must not
 * fail in production.
 */
public final class SqliteStorage implements SqlStorage, AutoCloseable {
  /** Bytes of one text value. */
  static final int MAX_VALUE_BYTES = 2_000_000;

  /** Bound parameters of one statement. */
  static final int MAX_BINDINGS = 100;

  /** Bytes of one statement's text. */
  static final int MAX_STATEMENT_BYTES = 100_000;

  /** A whole row: one value at its limit, with room for the key and the columns beside it. */
  private static final int MAX_ROW_BYTES = 2_200_000;

  private static final int BUSY_TIMEOUT_MS = 1_000;
  private static final int CACHED_STATEMENTS = 64;
  private static final Pattern CHANGES_SCHEMA =
      Pattern.compile("(?i)^\\s*(?:CREATE|DROP|ALTER)\\b");

  private static final Pattern READS = Pattern.compile("(?i)^\\s*SELECT\\b");
  private static final String MEMORY = "jdbc:sqlite::memory:";

  private final Path file;
  private final String url;
  private final SqliteErrors errors;
  private final BilledRows billedRows = new BilledRows();
  private final Set<PreparedStatement> running = new HashSet<>();
  private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);

  private @Nullable SQLiteConnection connection;
  private boolean inTransaction;

  /** Whether the open connection is to a database in memory, because nothing was written yet. */
  private boolean standsInForNoFile;

  private boolean schemaChanged;
  private boolean listening;
  private long rowsWritten;

  /**
   * @param owner what the database belongs to, for errors, such as {@code namespace "a"}
   */
  public SqliteStorage(String owner, Path file) {
    // As a URI, because the driver takes what follows a '?' in a plain path for its options.
    this(owner, file, "jdbc:sqlite:" + file.toUri());
  }

  private SqliteStorage(String owner, Path file, String url) {
    this.file = file;
    this.url = url;
    this.errors = new SqliteErrors(owner, file);
  }

  /** A database in memory, for what counts rows and not milliseconds. */
  public static SqliteStorage inMemory(String owner) {
    return new SqliteStorage(owner, Path.of("memory"), MEMORY);
  }

  @Override
  public SqlCursor exec(String sql, Object... bindings) {
    checkLimits(sql, bindings);
    try {
      open(!READS.matcher(sql).find());
      if (schemaChanged) {
        readSchema();
      }
      return run(sql, bindings);
    } catch (SQLException e) {
      billedRows.forget();
      throw errors.of(e);
    }
  }

  @Override
  public void transaction(Runnable body) {
    if (inTransaction) {
      throw new IllegalStateException("expected no open transaction in " + file + ", found one");
    }
    long before = rowsWritten;
    try {
      open(true);
      connection().setAutoCommit(false);
    } catch (SQLException e) {
      // The driver believes that it began, SQLite knows better: only a new connection is sound.
      close();
      throw errors.of(e);
    }
    inTransaction = true;
    boolean committed = false;
    try {
      body.run();
      connection().setAutoCommit(true);
      committed = true;
    } catch (SQLException e) {
      throw errors.of(e);
    } finally {
      inTransaction = false;
      if (!committed) {
        rowsWritten = before;
        rollBack();
      }
    }
  }

  @Override
  public double rowsWritten() {
    return rowsWritten;
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public String setAside() {
    close();
    try {
      int number = 1;
      while (Files.exists(damaged(number, ""))) {
        number++;
      }
      // The log first: a crash between the two must not leave it beside an empty database.
      for (String part : List.of("-wal", "-shm", "")) {
        Path from = file.resolveSibling(file.getFileName() + part);
        if (Files.exists(from)) {
          Files.move(from, damaged(number, part), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return damaged(number, "").toString();
    } catch (IOException e) {
      throw new SqlException(file + " is damaged and cannot be moved away: " + e, true);
    }
  }

  private Path damaged(int number, String part) {
    return file.resolveSibling(file.getFileName() + ".damaged-" + number + part);
  }

  /** Counts a row that the platform writes for this object elsewhere, such as an alarm. */
  public void countRow() {
    rowsWritten++;
  }

  /** Closes the file; the next statement would open it again. */
  @Override
  public void close() {
    if (connection == null) {
      return;
    }
    Connection closing = connection;
    connection = null;
    standsInForNoFile = false;
    listening = false;
    statements.clear();
    running.clear();
    try {
      closing.close();
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  private void open(boolean toWrite) throws SQLException {
    if (standsInForNoFile && toWrite) {
      close();
    }
    if (connection != null) {
      return;
    }
    standsInForNoFile = !toWrite && !url.equals(MEMORY) && canBeMade();
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setPragma(SQLiteConfig.Pragma.LIMIT_LENGTH, Integer.toString(MAX_ROW_BYTES));
    connection = (SQLiteConnection) config.createConnection(standsInForNoFile ? MEMORY : url);
    schemaChanged = true;
  }

  /** The connection that {@link #open} has seen to. */
  private SQLiteConnection connection() {
    return Objects.requireNonNull(connection);
  }

  private boolean canBeMade() {
    Path folder = file.toAbsolutePath().getParent();
    return Files.notExists(file) && folder != null && Files.isDirectory(folder);
  }

  private void readSchema() throws SQLException {
    boolean indexes = billedRows.readSchema(connection());
    schemaChanged = false;
    if (indexes != listening) {
      listening = indexes;
      if (indexes) {
        connection().addUpdateListener(billedRows);
      } else {
        connection().removeUpdateListener(billedRows);
      }
    }
  }

  private SqlCursor run(String sql, Object[] bindings) throws SQLException {
    PreparedStatement cached = statements.get(sql);
    boolean reusable = cached == null || !running.contains(cached);
    PreparedStatement statement =
        cached != null && reusable ? cached : connection().prepareStatement(sql);
    if (cached == null) {
      remember(sql, statement);
    }
    bind(statement, bindings);
    long before = connection().getDatabase().total_changes();
    boolean hasRows = statement.execute();
    long changes = connection().getDatabase().total_changes() - before;
    if (changes > 0) {
      rowsWritten += billedRows.billed(sql, changes);
    }
    if (!hasRows) {
      schemaChanged |= CHANGES_SCHEMA.matcher(sql).find();
      release(statement, reusable);
      return new SqliteCursor(null, errors, () -> {});
    }
    running.add(statement);
    return new SqliteCursor(statement.getResultSet(), errors, () -> release(statement, reusable));
  }

  private void remember(String sql, PreparedStatement statement) throws SQLException {
    statements.put(sql, statement);
    if (statements.size() <= CACHED_STATEMENTS) {
      return;
    }
    for (var oldest = statements.values().iterator(); oldest.hasNext(); ) {
      PreparedStatement candidate = oldest.next();
      if (!running.contains(candidate) && candidate != statement) {
        oldest.remove();
        candidate.close();
        return;
      }
    }
  }

  private void release(PreparedStatement statement, boolean keep) {
    running.remove(statement);
    if (keep) {
      return;
    }
    try {
      statement.close();
    } catch (SQLException e) {
      throw errors.of(e);
    }
  }

  private static void bind(PreparedStatement statement, Object[] bindings) throws SQLException {
    for (int i = 0; i < bindings.length; i++) {
      Object value = bindings[i];
      if (value instanceof String text) {
        statement.setString(i + 1, text);
      } else if (value instanceof Double number) {
        statement.setDouble(i + 1, number);
      } else if (value instanceof Integer number) {
        statement.setInt(i + 1, number);
      } else {
        statement.setObject(i + 1, null);
      }
    }
  }

  private void checkLimits(String sql, Object[] bindings) {
    if (bindings.length > MAX_BINDINGS) {
      throw errors.limit(
          "a statement has at most " + MAX_BINDINGS + " bindings, found " + bindings.length);
    }
    if (exceeds(sql, MAX_STATEMENT_BYTES)) {
      throw errors.limit("a statement has at most " + MAX_STATEMENT_BYTES + " bytes, found more");
    }
    for (Object value : bindings) {
      if (value instanceof String text) {
        if (exceeds(text, MAX_VALUE_BYTES)) {
          throw errors.limit(
              "a value has at most "
                  + MAX_VALUE_BYTES
                  + " bytes, found "
                  + text.getBytes(StandardCharsets.UTF_8).length);
        }
      } else if (value != null && !(value instanceof Double) && !(value instanceof Integer)) {
        throw new IllegalArgumentException(
            "expected a String, Double, Integer or null, found " + value.getClass().getName());
      }
    }
  }

  private static boolean exceeds(String text, int maxBytes) {
    if (text.length() * 3L <= maxBytes) {
      return false;
    }
    return text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes;
  }

  private void rollBack() {
    try {
      connection().rollback();
      connection().setAutoCommit(true);
    } catch (SQLException e) {
      // The transaction's own failure is on its way out; a connection that cannot even roll back is
      // of no use, and SQLite undoes the rest when the file is next opened.
      close();
    }
    schemaChanged = true;
  }
}
