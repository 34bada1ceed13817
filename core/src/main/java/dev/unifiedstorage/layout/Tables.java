package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.SqlStorage;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The three tables and every statement on them.
 *
 * <p>A table is made inside the first transaction that needs it, so that an object that is only
 * read writes no row. Keys are JSON text: it is ASCII where a raw string may hold what SQLite's
 * UTF-8 cannot, such as half of a surrogate pair.
 */
public final class Tables {
  /** The most bytes of text in one row; the platform's limit is 2,000,000 for a whole row. */
  public static final int ROW_LIMIT_BYTES = 1_500_000;

  private static final String SEGMENTS =
      "CREATE TABLE segments (slot INTEGER PRIMARY KEY, kind INTEGER NOT NULL, tx INTEGER NOT NULL,"
          + " epoch INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
          + " sum INTEGER NOT NULL, head TEXT, body TEXT NOT NULL)";
  private static final String COLLECTIONS =
      "CREATE TABLE collections (type TEXT PRIMARY KEY, tx INTEGER NOT NULL, sum INTEGER NOT NULL,"
          + " head TEXT, body TEXT NOT NULL) WITHOUT ROWID";
  private static final String THINGS =
      "CREATE TABLE things (id TEXT PRIMARY KEY, type TEXT NOT NULL, sum INTEGER NOT NULL,"
          + " line TEXT NOT NULL) WITHOUT ROWID";

  private static final String UPSERT_SEGMENT =
      "INSERT INTO segments (slot, kind, tx, epoch, first_seq, last_seq, sum, head, body)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (slot) DO UPDATE SET kind = excluded.kind, tx = excluded.tx,"
          + " epoch = excluded.epoch, first_seq = excluded.first_seq, last_seq = excluded.last_seq,"
          + " sum = excluded.sum, head = excluded.head, body = excluded.body";
  private static final String UPSERT_COLLECTION =
      "INSERT INTO collections (type, tx, sum, head, body) VALUES (?, ?, ?, ?, ?)"
          + " ON CONFLICT (type) DO UPDATE SET tx = excluded.tx, sum = excluded.sum,"
          + " head = excluded.head, body = excluded.body";
  private static final String UPSERT_THING =
      "INSERT INTO things (id, type, sum, line) VALUES (?, ?, ?, ?)"
          + " ON CONFLICT (id) DO UPDATE SET type = excluded.type, sum = excluded.sum,"
          + " line = excluded.line";

  private static final double MAX_TX = 1e15;

  /** As much of a commit record as has its transaction and who wrote it. */
  private static final int HEAD_CHARS = 60;

  private final SqlStorage sql;
  private final Json json;
  private final Set<String> existing = new HashSet<>();
  private boolean looked;
  private double lastTx;

  /** How the record in the meta slot begins, as it was found or written last; "" for none. */
  private String meta = "";

  /** Where the last row is that was found or written, and its transaction; "" for none. */
  private String lastTable = "";

  private Object lastKey = 0.0;
  private double lastRowTx;

  /** The newest transaction of any row that was found. */
  private double newestFound;

  /** Whether the meta slot is this instance's own. */
  private boolean holding;

  private boolean takenOver;

  public Tables(SqlStorage sql, Json json) {
    this.sql = sql;
    this.json = json;
  }

  public SqlStorage sql() {
    return sql;
  }

  /** The number of the next transaction; the number of one that fails is not used again. */
  public double nextTx() {
    return ++lastTx;
  }

  /** Says that a row of this transaction exists. */
  public void foundTx(double tx) {
    // Nothing could be counted on from a damaged one past this.
    if (tx < MAX_TX) {
      lastTx = Math.max(lastTx, tx);
      newestFound = Math.max(newestFound, tx);
    }
  }

  /** Whether a table exists; the first call asks SQLite. */
  public boolean exists(String table) {
    if (!looked) {
      SqlCursor names = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'");
      while (names.next()) {
        existing.add(names.text(0));
      }
      looked = true;
    }
    return existing.contains(table);
  }

  /** Asks SQLite again which tables there are: somebody else may have made some. */
  void lookAgain() {
    existing.clear();
    looked = false;
  }

  /**
   * Takes note of what there is before this instance has written anything.
   *
   * @param table of the newest row, "" when there is none
   */
  void found(String table, Object key, double tx) {
    meta = metaBeginning();
    lastTable = table;
    lastKey = key;
    lastRowTx = tx;
    newestFound = tx;
  }

  private String metaBeginning() {
    if (!exists("segments")) {
      return "";
    }
    SqlCursor cursor =
        sql.exec("SELECT substr(head, 1, " + HEAD_CHARS + ") FROM segments WHERE slot = 0");
    String beginning = cursor.next() ? cursor.text(0) : "";
    cursor.close();
    return beginning == null ? "" : beginning;
  }

  /**
   * Sees to it that the database is as this instance has left it.
   *
   * <p>Every instance's first commit writes the meta slot, so that one shows another instance; and
   * the row that was written last is missing from a file that has gone back in time. Before its own
   * first commit the rows of one that wrote the meta slot before would not show so: none may be
   * newer than what was found.
   */
  private void requireUnchanged() {
    if (!isUnchanged()) {
      throw new SqlException(
          sql.name()
              + " is not as this instance has left it: another one writes it, or it was replaced",
          false);
    }
  }

  /** Whether it is, as SQLite says now. */
  public boolean isUnchanged() {
    boolean there = holding ? hasLastRow() : lastTable.isEmpty() || hasNewest();
    takenOver |= !meta.equals(metaBeginning()) || !there;
    return !takenOver;
  }

  private boolean hasNewest() {
    // A file that took the place of this one may have tables that were not there.
    lookAgain();
    String from = " FROM segments WHERE tx < " + (long) MAX_TX;
    String other = " FROM collections WHERE tx < " + (long) MAX_TX;
    String query = exists("segments") ? "SELECT max(tx)" + from : "";
    if (exists("collections")) {
      query += (query.isEmpty() ? "" : " UNION ALL ") + "SELECT max(tx)" + other;
    }
    if (query.isEmpty()) {
      return false;
    }
    double newest = 0;
    SqlCursor cursor = sql.exec(query);
    while (cursor.next()) {
      newest = Math.max(newest, cursor.number(0));
    }
    return newest == Math.max(newestFound, lastRowTx);
  }

  private boolean hasLastRow() {
    if (!exists(lastTable)) {
      return false;
    }
    String key = lastTable.equals("segments") ? "slot" : "type";
    SqlCursor cursor = sql.exec("SELECT tx FROM " + lastTable + " WHERE " + key + " = ?", lastKey);
    boolean same = cursor.next() && cursor.number(0) == lastRowTx;
    cursor.close();
    return same;
  }

  /** Whether a transaction has found that the database is not as this instance has left it. */
  public boolean isTakenOver() {
    return takenOver;
  }

  private void wrote(String table, Object key, double tx) {
    lastTable = table;
    lastKey = key;
    lastRowTx = tx;
  }

  /** Goes on with an empty database; see {@link SqlStorage#setAside}. */
  public @Nullable String setAside() {
    meta = "";
    wrote("", 0.0, 0);
    newestFound = 0;
    lookAgain();
    return sql.setAside();
  }

  /** Runs a transaction; when it fails, tables it has made are gone again. */
  public void transaction(Runnable body) {
    String metaBefore = meta;
    String tableBefore = lastTable;
    Object keyBefore = lastKey;
    double txBefore = lastRowTx;
    boolean holdingBefore = holding;
    try {
      sql.transaction(
          () -> {
            requireUnchanged();
            body.run();
          });
    } catch (RuntimeException e) {
      lookAgain();
      meta = metaBefore;
      wrote(tableBefore, keyBefore, txBefore);
      holding = holdingBefore;
      throw e;
    }
  }

  public void writeSegment(SegmentRow row, @Nullable CommitRecord record) {
    ensure("segments", SEGMENTS);
    String head = record == null ? null : record.toText(row.tx(), json);
    sql.exec(
        UPSERT_SEGMENT,
        (double) row.slot(),
        (double) row.kind().ordinal(),
        row.tx(),
        row.epoch(),
        row.firstSeq(),
        row.lastSeq(),
        row.sum(head, json),
        head,
        row.body());
    wrote("segments", (double) row.slot(), row.tx());
    if (row.slot() == Slots.META && head != null) {
      meta = head.substring(0, Math.min(head.length(), HEAD_CHARS));
      holding = true;
    }
  }

  public void deleteSegment(int slot) {
    if (exists("segments")) {
      sql.exec("DELETE FROM segments WHERE slot = ?", (double) slot);
    }
  }

  public void writeCollection(CollectionRow row, @Nullable CommitRecord record) {
    ensure("collections", COLLECTIONS);
    String head = record == null ? null : record.toText(row.tx(), json);
    String type = quote(row.type());
    sql.exec(UPSERT_COLLECTION, type, row.tx(), row.sum(head, json), head, row.body());
    wrote("collections", type, row.tx());
  }

  public void deleteCollection(String type) {
    if (exists("collections")) {
      sql.exec("DELETE FROM collections WHERE type = ?", quote(type));
    }
  }

  public void writeThing(String id, String type, String line) {
    ensure("things", THINGS);
    String quotedId = quote(id);
    String quotedType = quote(type);
    sql.exec(UPSERT_THING, quotedId, quotedType, sumOf(quotedId, quotedType, line), line);
  }

  public void deleteThing(String id) {
    if (exists("things")) {
      sql.exec("DELETE FROM things WHERE id = ?", quote(id));
    }
  }

  /** Deletes the normalized rows of a whole collection. */
  public void deleteThings(String type) {
    if (exists("things")) {
      sql.exec("DELETE FROM things WHERE type = ?", quote(type));
    }
  }

  /** Deletes every row of the small collections and of the normalized ones. */
  public void deleteAllThings() {
    if (exists("collections")) {
      sql.exec("DELETE FROM collections");
    }
    if (exists("things")) {
      sql.exec("DELETE FROM things");
    }
  }

  /**
   * Deletes every row but that of the meta slot.
   *
   * @param keepingLog whether the rows of the event log stay
   */
  public void deleteAll(boolean keepingLog) {
    deleteAllThings();
    if (exists("segments")) {
      String log = keepingLog ? " AND kind <> " + SegmentRow.Kind.LOG.ordinal() : "";
      sql.exec("DELETE FROM segments WHERE slot <> " + Slots.META + log);
    }
  }

  private void ensure(String table, String ddl) {
    if (!exists(table)) {
      sql.exec(ddl);
      existing.add(table);
    }
  }

  private String quote(String value) {
    return ThingLine.quote(value, json);
  }

  /** The checksum of a row of {@code things}. */
  static double sumOf(String quotedId, String quotedType, String line) {
    return 31 * (31 * quotedId.hashCode() + quotedType.hashCode()) + line.hashCode();
  }
}
