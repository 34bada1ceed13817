package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import java.util.List;

/** The SQL port of one life: the world's disk, its faults, and the platform's limits. */
final class LifeSql implements SqlStorage {
  private static final int VALUE_BYTES = 2_000_000;
  private static final int BINDINGS = 100;

  private final Life life;
  private final World world;
  private double rowsWritten;

  LifeSql(Life life) {
    this.life = life;
    this.world = life.world;
  }

  @Override
  public SqlCursor exec(String sql, Object... bindings) {
    life.before(PortCall.STATEMENT);
    requireCurrent();
    boolean reads = sql.startsWith("SELECT");
    String error = world.faults.statementError(!reads);
    if (error != null) {
      life.troubled = true;
      throw new SqlException(error, false);
    }
    requireWithinLimits(bindings);
    List<Object[]> rows = List.of();
    if (reads) {
      rows = world.disk.query(sql, bindings);
    } else {
      int changed = world.disk.update(sql, bindings);
      rowsWritten += sql.startsWith("CREATE") ? 1 : changed;
      life.early.wrote();
      note(sql, bindings);
    }
    life.after(PortCall.STATEMENT);
    return new ReadRows(rows);
  }

  private void note(String sql, Object... bindings) {
    StringBuilder line = new StringBuilder(sql.substring(0, Math.min(24, sql.length())));
    for (Object binding : bindings) {
      line.append(" | ").append(binding);
    }
    life.note(line.toString());
  }

  private void requireCurrent() {
    if (life.stale) {
      life.told = true;
      life.troubled = true;
      throw new SqlException("this instance is not the object's any more", false);
    }
  }

  private static void requireWithinLimits(Object... bindings) {
    if (bindings.length > BINDINGS) {
      throw new Violation("bounds are kept", bindings.length + " bindings in one statement");
    }
    int chars = 0;
    for (Object binding : bindings) {
      chars += binding instanceof String text ? text.length() : 8;
    }
    if (chars > VALUE_BYTES) {
      throw new Violation("bounds are kept", "a row of more than " + chars + " bytes");
    }
  }

  @Override
  public void transaction(Runnable body) {
    life.requireAlive();
    requireCurrent();
    double rowsBefore = rowsWritten;
    world.disk.begin();
    boolean done = false;
    try {
      body.run();
      life.before(PortCall.COMMIT);
      if (world.faults.refusesCommit()) {
        life.troubled = true;
        throw new SqlException("the commit was refused", false);
      }
      world.disk.commit();
      done = true;
    } finally {
      if (!done) {
        rowsWritten = rowsBefore;
        if (life.alive()) {
          world.disk.rollback();
        }
      }
    }
    if (life.deceived) {
      throw new Violation("a file that is not as it was left is not written", life.number + " did");
    }
    life.committed = true;
    world.checkers.diskChanged();
    life.claimed(world.checkers.reach());
    world.copies.committed();
    life.note("commit");
    life.after(PortCall.COMMIT);
  }

  @Override
  public double rowsWritten() {
    return rowsWritten;
  }

  @Override
  public String setAside() {
    return null;
  }

  @Override
  public String name() {
    return "the world's SQLite";
  }

  /** The rows of a statement, all read before the store sees the first one. */
  static final class ReadRows implements SqlCursor {
    private final List<Object[]> rows;
    private int at = -1;

    ReadRows(List<Object[]> rows) {
      this.rows = rows;
    }

    @Override
    public boolean next() {
      return ++at < rows.size();
    }

    @Override
    public String text(int column) {
      Object value = rows.get(at)[column];
      return value == null ? null : value.toString();
    }

    @Override
    public double number(int column) {
      return rows.get(at)[column] instanceof Number number ? number.doubleValue() : 0;
    }

    @Override
    public void close() {}
  }
}
