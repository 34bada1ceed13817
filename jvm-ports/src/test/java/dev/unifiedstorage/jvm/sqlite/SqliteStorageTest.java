package dev.unifiedstorage.jvm.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStorageTest {
  @TempDir Path folder;
  private SqliteStorage sql;

  @BeforeEach
  void open() {
    sql = at("a.sqlite");
  }

  @AfterEach
  void close() {
    sql.close();
  }

  @Test
  void fileIsMadeByTheFirstWriteAndByNoRead() throws IOException {
    assertFalse(sql.exec("SELECT name FROM sqlite_master WHERE 1 = ?", 1).next());
    sql.close();
    assertFalse(sql.exec("SELECT name FROM sqlite_master").next());
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
    sql.exec("CREATE TABLE t (k TEXT PRIMARY KEY) WITHOUT ROWID");
    sql.transaction(() -> sql.exec("INSERT INTO t VALUES ('a')"));
    sql.close();
    SqlCursor rows = at("a.sqlite").exec("SELECT k FROM t");
    assertTrue(rows.next());
    assertEquals("a", rows.text(0));
  }

  @Test
  void rowsComeBackAsTheyWereWritten() {
    sql.exec("CREATE TABLE t (k TEXT PRIMARY KEY, n REAL, i INTEGER) WITHOUT ROWID");
    sql.exec("INSERT INTO t VALUES (?, ?, ?), (?, ?, ?)", "é😀", 1.5, 7, "b", null, null);
    SqlCursor rows = sql.exec("SELECT k, n, i FROM t ORDER BY k DESC");
    assertTrue(rows.next());
    assertEquals("é😀", rows.text(0));
    assertEquals(1.5, rows.number(1));
    assertEquals(7, rows.number(2));
    assertTrue(rows.next());
    assertNull(rows.text(1));
    assertEquals(0, rows.number(1));
    assertFalse(rows.next());
    assertFalse(rows.next());
    rows.close();
  }

  @Test
  void aFileThatIsClosedOpensAgain() {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)");
    sql.exec("INSERT INTO t VALUES (1)");
    sql.close();
    assertEquals(1, count("t"));
    SqliteStorage other = at("a.sqlite");
    SqlCursor rows = other.exec("SELECT count(*) FROM t");
    assertTrue(rows.next());
    assertEquals(1, rows.number(0));
    other.close();
  }

  @Test
  void aStatementMayRunAgainWhileItsCursorIsOpen() {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)");
    sql.exec("INSERT INTO t VALUES (1), (2)");
    SqlCursor outer = sql.exec("SELECT k FROM t ORDER BY k");
    assertTrue(outer.next());
    SqlCursor inner = sql.exec("SELECT k FROM t ORDER BY k");
    assertTrue(inner.next());
    assertEquals(1, inner.number(0));
    inner.close();
    assertTrue(outer.next());
    assertEquals(2, outer.number(0));
    outer.close();
  }

  @Test
  void aTransactionIsAllOrNothing() {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)");
    sql.transaction(() -> sql.exec("INSERT INTO t VALUES (1), (2)"));
    assertEquals(2, sql.rowsWritten());
    assertThrows(
        IllegalStateException.class,
        () ->
            sql.transaction(
                () -> {
                  sql.exec("INSERT INTO t VALUES (3)");
                  throw new IllegalStateException("stop");
                }));
    assertThrows(
        SqlException.class,
        () ->
            sql.transaction(
                () -> {
                  sql.exec("INSERT INTO t VALUES (4)");
                  sql.exec("INSERT INTO t VALUES (1)");
                }));
    assertEquals(2, count("t"));
    assertEquals(2, sql.rowsWritten());
    sql.exec("INSERT INTO t VALUES (5)");
    assertEquals(3, count("t"));
    assertEquals(3, sql.rowsWritten());
  }

  @Test
  void aTransactionThatCannotBeginLeavesTheStorageUsable() {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)");
    SqliteStorage other = at("a.sqlite");
    other.transaction(
        () -> {
          other.exec("INSERT INTO t VALUES (1)");
          SqlException busy =
              assertThrows(
                  SqlException.class,
                  () -> sql.transaction(() -> sql.exec("INSERT INTO t VALUES (2)")));
          assertTrue(busy.getMessage().contains("is locked by another process"), busy.getMessage());
          assertFalse(busy.corrupt());
        });
    sql.transaction(() -> sql.exec("INSERT INTO t VALUES (2)"));
    assertEquals(2, count("t"));
    other.close();
  }

  @Test
  void rowsAreBilledWithTheirIndexEntries() {
    sql.exec("CREATE TABLE plain (k INTEGER PRIMARY KEY, v TEXT)");
    assertEquals(2, billed("INSERT INTO plain VALUES (1, 'a'), (2, 'b')"));
    assertEquals(2, billed("UPDATE plain SET v = 'c'"));
    assertEquals(2, billed("DELETE FROM plain"));

    sql.exec("CREATE TABLE slim (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID");
    String upsert = "INSERT INTO slim VALUES ('a', 'x') ON CONFLICT (k) DO UPDATE SET v = 'y'";
    assertEquals(1, billed(upsert));
    assertEquals(1, billed(upsert));
    assertEquals(1, billed("DELETE FROM slim WHERE k = 'a'"));

    sql.exec("CREATE TABLE textual (k TEXT PRIMARY KEY, v TEXT, w TEXT)");
    assertEquals(2, billed("INSERT INTO textual VALUES ('a', 'x', 'w')"));
    assertEquals(1, billed("UPDATE textual SET v = 'k = 1' WHERE k = 'a'"));
    assertEquals(2, billed("UPDATE textual SET k = 'b' WHERE k = 'a'"));
    upsert = "INSERT INTO textual VALUES (?, 'x', 'w') ON CONFLICT (k) DO UPDATE SET v = 'y'";
    assertEquals(1, billed(upsert, "b"));
    assertEquals(2, billed(upsert, "c"));
    sql.exec("CREATE INDEX by_v ON textual (v)");
    assertEquals(2, billed(upsert, "c"));
    assertEquals(3, billed(upsert, "d"));
    assertEquals(9, billed("DELETE FROM textual"));

    sql.exec("CREATE UNIQUE INDEX slim_v ON slim (v)");
    assertEquals(2, billed("INSERT INTO slim VALUES ('a', 'x')"));
    assertEquals(2, billed("DELETE FROM slim WHERE k = 'a'"));
    assertEquals(1, billed("INSERT INTO plain VALUES (9, 'z')"));
  }

  @Test
  void theNaiveTableCostsTwoRowsAWrite() {
    sql.exec("CREATE TABLE things (id TEXT PRIMARY KEY, data TEXT)");
    for (int i = 0; i < 50; i++) {
      sql.exec("INSERT INTO things VALUES (?, ?)", "id" + i, "{}");
    }
    assertEquals(100, sql.rowsWritten());
  }

  @Test
  void thePlatformsLimitsHold() {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)");
    sql.exec("INSERT INTO t VALUES (1, ?)", "x".repeat(SqliteStorage.MAX_VALUE_BYTES));
    refused("2000000 bytes", "INSERT INTO t VALUES (2, ?)", "x".repeat(2_000_001));
    refused("2000000 bytes", "INSERT INTO t VALUES (2, ?)", "é".repeat(1_000_001));
    refused("100 bindings", "SELECT 1", new Object[101]);
    refused("100000 bytes", "SELECT '" + "x".repeat(100_000) + "'");
    refused("2 MB", "INSERT INTO t SELECT 3, v || v FROM t");
    assertEquals(1, count("t"));
  }

  @Test
  void aFileThatIsNoDatabaseIsLeftAsItIs() throws IOException {
    Path file = folder.resolve("bad.sqlite");
    byte[] content =
        "this is not a database, whatever its name says\n"
            .repeat(100)
            .getBytes(StandardCharsets.UTF_8);
    Files.write(file, content);
    SqliteStorage bad = at("bad.sqlite");
    for (int i = 0; i < 2; i++) {
      SqlException refused =
          assertThrows(SqlException.class, () -> bad.exec("CREATE TABLE t (k INTEGER)"));
      assertTrue(refused.corrupt());
      assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
      assertTrue(refused.getMessage().contains("namespace \"t\""), refused.getMessage());
      assertTrue(refused.getMessage().contains("backup"), refused.getMessage());
    }
    assertThrows(SqlException.class, () -> bad.transaction(() -> {}));
    assertArrayEquals(content, Files.readAllBytes(file));
    Files.delete(file);
    bad.exec("CREATE TABLE t (k INTEGER)");
    bad.close();
  }

  @Test
  void aDamagedPageIsReportedAsDamage() throws IOException {
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)");
    for (int i = 0; i < 100; i++) {
      sql.exec("INSERT INTO t VALUES (?, ?)", i, "x".repeat(1000));
    }
    sql.close();
    Path file = folder.resolve("a.sqlite");
    byte[] content = Files.readAllBytes(file);
    for (int i = 4096; i < content.length; i++) {
      content[i] = 0x55;
    }
    Files.write(file, content);
    SqlException refused = assertThrows(SqlException.class, () -> count("t"));
    assertTrue(refused.corrupt(), refused.getMessage());
    assertTrue(refused.getMessage().contains("is damaged"), refused.getMessage());
  }

  @Test
  void aFolderThatIsMissingIsSaid() {
    SqliteStorage lost = new SqliteStorage("namespace \"t\"", folder.resolve("no/a.sqlite"));
    String message = assertThrows(SqlException.class, () -> lost.exec("SELECT 1")).getMessage();
    assertTrue(message.contains("cannot be opened"), message);
  }

  @Test
  void awkwardPathsAreOnlyPaths() {
    SqliteStorage odd = at("a b%3f?mode=memory#x.sqlite");
    odd.exec("CREATE TABLE t (k INTEGER)");
    odd.close();
    assertTrue(Files.exists(folder.resolve("a b%3f?mode=memory#x.sqlite")));
  }

  private void refused(String reason, String statement, Object... bindings) {
    String message =
        assertThrows(SqlException.class, () -> sql.exec(statement, bindings)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  private double billed(String statement, Object... bindings) {
    double before = sql.rowsWritten();
    sql.exec(statement, bindings);
    return sql.rowsWritten() - before;
  }

  private double count(String table) {
    SqlCursor rows = sql.exec("SELECT count(*), max(v) FROM (SELECT *, 1 AS v FROM " + table + ")");
    assertTrue(rows.next());
    double count = rows.number(0);
    rows.close();
    return count;
  }

  private SqliteStorage at(String name) {
    return new SqliteStorage("namespace \"t\"", folder.resolve(name));
  }
}
