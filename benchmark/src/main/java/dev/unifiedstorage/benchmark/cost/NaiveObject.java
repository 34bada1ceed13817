package dev.unifiedstorage.benchmark.cost;

import dev.unifiedstorage.cost.CostMeter;
import dev.unifiedstorage.cost.PriceSheet;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;

/**
 * The object that writes one row a write, for the same messages.
 *
 * <p>Its rows are counted by the core's meter; the first ones are written to a real table too, and
 * the two counts must agree. It has no timer, so it is billed only while it handles a message.
 */
final class NaiveObject implements AutoCloseable {
  /** Writes that a real table counts as well. */
  static final int CHECKED = 20_000;

  private final SimulatedTime time = new SimulatedTime();
  private final CostMeter meter = new CostMeter();
  private final SqliteStorage sql = SqliteStorage.inMemory("the naive object");
  private double messages;
  private double writes;

  NaiveObject() {
    sql.exec("CREATE TABLE things (id TEXT PRIMARY KEY, body TEXT NOT NULL)");
  }

  /** A message has come, of one write or more. */
  void message() {
    messages++;
  }

  /** A write of the last message; each takes the object 1 ms. */
  void write(double atMs, Write.Kind kind, String id, String body) {
    time.moveTo(atMs);
    time.message();
    writes++;
    boolean checked = writes <= CHECKED;
    switch (kind) {
      case CREATE -> {
        meter.created();
        if (checked) {
          sql.exec("INSERT INTO things (id, body) VALUES (?, ?)", id, body);
        }
      }
      case UPDATE -> {
        meter.updated();
        if (checked) {
          sql.exec("UPDATE things SET body = ? WHERE id = ?", body, id);
        }
      }
      case DELETE -> {
        meter.deleted();
        if (checked) {
          sql.exec("DELETE FROM things WHERE id = ?", id);
        }
      }
    }
    if (writes == CHECKED && sql.rowsWritten() < meter.naiveRowsWritten()) {
      throw new IllegalStateException(
          "SQLite counts " + sql.rowsWritten() + " rows, the meter " + meter.naiveRowsWritten());
    }
  }

  Usage usage() {
    return new Usage(
        meter.naiveRowsWritten(),
        0,
        messages / PriceSheet.MESSAGES_PER_REQUEST,
        time.billedMs() / 1000 * PriceSheet.OBJECT_GB,
        0,
        0);
  }

  @Override
  public void close() {
    sql.close();
  }
}
