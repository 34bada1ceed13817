package dev.unifiedstorage.jvm.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteUpdateListener;

/**
 * Rows written, as the platform bills them: one for each table row inserted, updated or deleted,
 * and one more for each index entry that goes with it.
 *
 * <p>A primary key costs no entry of its own in a {@code WITHOUT ROWID} table or when it is an
 * {@code INTEGER PRIMARY KEY}; any other one is an index. An update touches the indexes that have
 * one of the columns it sets. SQLite counts the rows itself; only for databases that have an index
 * at all, this class asks to be told of each row, because an upsert's count does not say whether it
 * inserted. Rows of a {@code WITHOUT ROWID} table are not told one by one: an update of one that
 * has indexes counts as touching them all. Statements that change the schema are not counted.
 */
final class BilledRows implements SQLiteUpdateListener {
  private static final Pattern TARGET =
      Pattern.compile(
          "(?is)^\\s*(?:INSERT(?:\\s+OR\\s+\\w+)?\\s+INTO|REPLACE\\s+INTO|UPDATE(?:\\s+OR\\s+\\w+)?"
              + "|DELETE\\s+FROM)\\s+(?:\\w+\\.)?[\"`\\[]?(\\w+)");
  private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*'");
  private static final Pattern SETS =
      Pattern.compile("(?is)\\bSET\\b(.*?)(?:\\bWHERE\\b|\\bRETURNING\\b|$)");
  private static final Pattern ASSIGNED = Pattern.compile("[\"`\\[]?(\\w+)[\"`\\]]?\\s*=");

  /** A table's indexes, each as the columns it holds. */
  private record Table(boolean withRowid, List<Set<String>> indexes) {}

  private final Map<String, Table> tables = new HashMap<>();
  private final List<String> inserted = new ArrayList<>();
  private int updated;

  /** Reads which tables have indexes; true when any has. */
  boolean readSchema(Connection connection) throws SQLException {
    tables.clear();
    boolean any = false;
    try (Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      Set<String> withoutRowid = new HashSet<>();
      try (ResultSet list = statement.executeQuery("PRAGMA main.table_list")) {
        while (list.next()) {
          if (list.getString("type").equals("table")) {
            names.add(list.getString("name"));
            if (list.getBoolean("wr")) {
              withoutRowid.add(list.getString("name"));
            }
          }
        }
      }
      for (String name : names) {
        boolean rowid = !withoutRowid.contains(name);
        List<Set<String>> indexes = indexes(statement, name, rowid);
        tables.put(name.toLowerCase(Locale.ROOT), new Table(rowid, indexes));
        any |= !indexes.isEmpty();
      }
    }
    return any;
  }

  private static List<Set<String>> indexes(Statement statement, String table, boolean withRowid)
      throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet list = statement.executeQuery("PRAGMA index_list(" + quoted(table) + ")")) {
      while (list.next()) {
        if (withRowid || !list.getString("origin").equals("pk")) {
          names.add(list.getString("name"));
        }
      }
    }
    List<Set<String>> indexes = new ArrayList<>();
    for (String name : names) {
      Set<String> columns = new HashSet<>();
      try (ResultSet info = statement.executeQuery("PRAGMA index_info(" + quoted(name) + ")")) {
        while (info.next()) {
          String column = info.getString("name");
          if (column != null) {
            columns.add(column.toLowerCase(Locale.ROOT));
          }
        }
      }
      indexes.add(columns);
    }
    return indexes;
  }

  /** What one statement that changed {@code changes} rows is billed. */
  long billed(String sql, long changes) {
    int updates = updated;
    List<String> rows = List.copyOf(inserted);
    updated = 0;
    inserted.clear();
    Table table = target(sql);
    if (table == null || table.indexes.isEmpty()) {
      return changes;
    }
    if (!table.withRowid || rows.isEmpty() && updates == 0) {
      return changes * (1 + table.indexes.size());
    }
    long entries = 0;
    for (String row : rows) {
      Table of = tables.get(row);
      entries += of == null ? 0 : of.indexes.size();
    }
    return Math.max(changes, rows.size() + updates)
        + entries
        + (long) updates * touched(table, sql);
  }

  /** Forgets rows told by a statement that failed. */
  void forget() {
    updated = 0;
    inserted.clear();
  }

  @Override
  public void onUpdate(Type type, String database, String table, long rowId) {
    if (type == Type.UPDATE) {
      updated++;
    } else {
      inserted.add(table.toLowerCase(Locale.ROOT));
    }
  }

  private @Nullable Table target(String sql) {
    Matcher matcher = TARGET.matcher(sql);
    return matcher.find() ? tables.get(matcher.group(1).toLowerCase(Locale.ROOT)) : null;
  }

  private static int touched(Table table, String sql) {
    Matcher sets = SETS.matcher(LITERAL.matcher(sql).replaceAll("''"));
    if (!sets.find()) {
      return table.indexes.size();
    }
    Set<String> columns = new HashSet<>();
    Matcher assigned = ASSIGNED.matcher(sets.group(1));
    while (assigned.find()) {
      columns.add(assigned.group(1).toLowerCase(Locale.ROOT));
    }
    int touched = 0;
    for (Set<String> index : table.indexes) {
      touched += index.stream().anyMatch(columns::contains) ? 1 : 0;
    }
    return touched;
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
