package dev.unifiedstorage.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link SqlStorage} keeps. */
public abstract class SqlStorageContract {
  private static final class Thrown extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** An empty database; the test that made it closes it. */
  protected abstract SqlStorage empty() throws Exception;

  @Test
  void everyCaseOfTheTable() throws Exception {
    for (JsonNode one : Cases.of("sql").get("cases")) {
      SqlStorage sql = empty();
      for (JsonNode step : one.path("steps")) {
        step(sql, step, one.path("name").textValue());
      }
    }
  }

  private static void step(SqlStorage sql, JsonNode step, String name) {
    if (!step.has("transaction")) {
      exec(sql, step, name + ": " + step.path("exec").textValue());
      return;
    }
    Runnable body =
        () -> {
          step.path("transaction").forEach(inner -> step(sql, inner, name));
          if (step.path("thrown").booleanValue()) {
            throw new Thrown();
          }
        };
    if (step.path("thrown").booleanValue()) {
      assertThrows(Thrown.class, () -> sql.transaction(body), name);
    } else {
      sql.transaction(body);
    }
  }

  private static void exec(SqlStorage sql, JsonNode step, String what) {
    List<Object> bindings = new ArrayList<>();
    step.path("bindings").forEach(binding -> bindings.add(value(binding)));
    double before = sql.rowsWritten();
    if (step.path("refused").booleanValue()) {
      SqlException refused =
          assertThrows(
              SqlException.class,
              () -> drain(sql, step, bindings.toArray()),
              () -> "taken: " + what);
      assertFalse(refused.getMessage().isBlank(), what);
      assertFalse(refused.corrupt(), what);
    } else {
      drain(sql, step, bindings.toArray());
    }
    if (step.has("written")) {
      assertEquals(step.path("written").doubleValue(), sql.rowsWritten() - before, what);
    }
  }

  private static Object value(JsonNode binding) {
    if (binding.isObject()) {
      return binding.path("repeat").textValue().repeat(binding.path("times").intValue());
    }
    return binding.isNull() ? null : binding.isNumber() ? binding.doubleValue() : binding.asText();
  }

  /** Reads what the statement gives to its end, and compares it. */
  private static void drain(SqlStorage sql, JsonNode step, Object[] bindings) {
    SqlCursor cursor = sql.exec(step.path("exec").textValue(), bindings);
    JsonNode rows = step.path("rows");
    for (JsonNode row : rows) {
      assertTrue(cursor.next(), () -> "no row " + row);
      for (int i = 0; i < row.size(); i++) {
        JsonNode expected = row.get(i);
        if (expected.isNull()) {
          assertNull(cursor.text(i));
          assertEquals(0, cursor.number(i));
        } else if (expected.isNumber()) {
          assertEquals(expected.doubleValue(), cursor.number(i));
        } else {
          assertEquals(expected.textValue(), cursor.text(i));
        }
      }
    }
    assertFalse(cursor.next(), "more rows than expected");
    cursor.close();
  }

  @Test
  void aNumberReadAsTextIsWritten() throws Exception {
    SqlStorage sql = empty();
    SqlCursor row = sql.exec("SELECT 12, 'x', ?", 7);
    assertTrue(row.next());
    assertEquals("12", row.text(0));
    assertEquals(7, row.number(2));
    row.close();
  }

  @Test
  void aCursorGivenUpHoldsNothing() throws Exception {
    SqlStorage sql = empty();
    sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)");
    sql.exec("INSERT INTO t (k) VALUES (1), (2), (3)");
    SqlCursor rows = sql.exec("SELECT k FROM t");
    assertTrue(rows.next());
    rows.close();
    rows.close();
    sql.transaction(() -> sql.exec("DELETE FROM t"));
    assertFalse(sql.exec("SELECT k FROM t").next());
  }

  @Test
  void theBodysExceptionComesOutAsItIs() throws Exception {
    SqlStorage sql = empty();
    Thrown thrown = new Thrown();
    Thrown caught =
        assertThrows(
            Thrown.class,
            () ->
                sql.transaction(
                    () -> {
                      throw thrown;
                    }));
    assertSame(thrown, caught);
    assertThrows(SqlException.class, () -> sql.transaction(() -> sql.exec("SELEKT 1")));
    sql.transaction(() -> sql.exec("CREATE TABLE t (k INTEGER PRIMARY KEY)"));
    sql.exec("INSERT INTO t (k) VALUES (1)");
  }

  @Test
  void itHasANameForMessages() throws Exception {
    assertFalse(empty().name().isBlank());
  }
}
