package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.port.SqlCursor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Every object's one alarm, kept in {@code platform.sqlite} beside the objects' own files.
 *
 * <p>An alarm that was set is on disk; it is deleted only when the object has handled it and has
 * not set another meanwhile. So it fires at least once, also when the process dies in between. Safe
 * for use from every object's event loop.
 */
public final class EmulatorAlarms {
  private final SqliteStorage storage;

  public EmulatorAlarms(Path file) {
    storage = new SqliteStorage("the emulator's alarms", file);
  }

  /** Creates the file if need be and gives every alarm that is set: its time by its namespace. */
  public synchronized Map<String, Double> load() {
    storage.exec(
        "CREATE TABLE IF NOT EXISTS alarms (namespace TEXT PRIMARY KEY, due_ms REAL NOT NULL)"
            + " WITHOUT ROWID");
    Map<String, Double> alarms = new HashMap<>();
    SqlCursor rows = storage.exec("SELECT namespace, due_ms FROM alarms");
    while (rows.next()) {
      alarms.put(rows.text(0), rows.number(1));
    }
    return alarms;
  }

  /** Replaces the namespace's alarm. */
  public synchronized void set(String namespace, double dueMs) {
    storage.exec(
        "INSERT INTO alarms (namespace, due_ms) VALUES (?, ?)"
            + " ON CONFLICT (namespace) DO UPDATE SET due_ms = excluded.due_ms",
        namespace,
        dueMs);
  }

  /** Deletes the namespace's alarm if it is still the one for {@code dueMs}. */
  public synchronized void handled(String namespace, double dueMs) {
    storage.exec("DELETE FROM alarms WHERE namespace = ? AND due_ms = ?", namespace, dueMs);
  }

  /** Deletes the namespace's alarm. */
  public synchronized void clear(String namespace) {
    storage.exec("DELETE FROM alarms WHERE namespace = ?", namespace);
  }

  public synchronized void close() {
    storage.close();
  }
}
