package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;

/** {@code storage.sql} of the Durable Object. */
final class HostSql implements SqlStorage {
  private final Host host;
  private final String name;
  private double rowsWritten;

  HostSql(Host host, String namespace) {
    this.host = host;
    this.name = "storage.sql of namespace " + namespace;
  }

  @Override
  public SqlCursor exec(String sql, Object... bindings) {
    HostArray array = HostArray.create();
    for (Object binding : bindings) {
      if (binding instanceof Number number) {
        array.push(number.doubleValue());
      } else {
        array.push((String) binding);
      }
    }
    Cursor cursor = new Cursor(host.sqlExec(sql, array));
    cursor.check();
    cursor.count();
    return cursor;
  }

  @Override
  public void transaction(Runnable body) {
    Throwable[] thrown = new Throwable[1];
    String error =
        host.sqlTransaction(
            () -> {
              try {
                body.run();
                return true;
              } catch (Throwable e) {
                thrown[0] = e;
                return false;
              }
            });
    if (thrown[0] instanceof RuntimeException e) {
      throw e;
    }
    if (thrown[0] != null) {
      throw new IllegalStateException(name + ": " + thrown[0].getMessage(), thrown[0]);
    }
    if (error != null) {
      throw refused(error);
    }
  }

  @Override
  public double rowsWritten() {
    return rowsWritten;
  }

  /** Counts the row that the platform writes for an alarm. */
  void countRow() {
    rowsWritten++;
  }

  /** The platform ends an object whose database is damaged; there is nothing to be kept. */
  @Override
  public String setAside() {
    return null;
  }

  @Override
  public String name() {
    return name;
  }

  private SqlException refused(String error) {
    boolean corrupt =
        error.contains("SQLITE_CORRUPT")
            || error.contains("SQLITE_NOTADB")
            || error.contains("malformed");
    return new SqlException(name + ": " + error, corrupt);
  }

  /** A statement that has started. What it wrote is counted as far as it has come. */
  private final class Cursor implements SqlCursor {
    private final SqlRun run;
    private double counted;

    Cursor(SqlRun run) {
      this.run = run;
    }

    void check() {
      String error = run.error();
      if (error != null) {
        throw refused(error);
      }
    }

    void count() {
      double written = run.rowsWritten();
      rowsWritten += written - counted;
      counted = written;
    }

    @Override
    public boolean next() {
      if (run.next()) {
        return true;
      }
      check();
      count();
      return false;
    }

    @Override
    public String text(int column) {
      return run.text(column);
    }

    @Override
    public double number(int column) {
      return run.number(column);
    }

    @Override
    public void close() {
      count();
    }
  }
}
