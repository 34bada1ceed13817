package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.SqlCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows that {@link Tables} wrote, each checked against its checksum.
 *
 * <p>What is void is passed over without being judged: a damaged row that nothing needs is no
 * reason not to start.
 */
public final class TableReader {
  private final Tables tables;
  private final Json json;

  public TableReader(Tables tables, Json json) {
    this.tables = tables;
    this.json = json;
  }

  /** The newest commit record and its transaction's number; null when there is none. */
  public @Nullable Latest latest() {
    tables.lookAgain();
    tables.found("", 0.0, 0);
    Latest newest = newest();
    if (tables.exists("collections")) {
      checkHeads("SELECT tx, type, substr(head, 1, 40) FROM collections", "collections[type=");
    }
    if (tables.exists("segments")) {
      checkHeads("SELECT tx, slot, substr(head, 1, 40) FROM segments", "segments[slot=");
    }
    if (newest != null) {
      tables.found(newest.table, newest.key, newest.tx);
    }
    return newest;
  }

  /**
   * Whose log the database holds, as its newest commit record says; the start that follows looks at
   * the others.
   */
  public Owner owner() {
    Latest newest = newest();
    return newest == null ? Owner.UNKNOWN : newest.record().owner();
  }

  private @Nullable Latest newest() {
    Latest best = null;
    if (tables.exists("segments")) {
      best =
          latestOf(
              "SELECT tx, slot, head FROM segments WHERE head IS NOT NULL ORDER BY tx DESC LIMIT 1",
              "segments",
              "slot");
    }
    if (tables.exists("collections")) {
      Latest other =
          latestOf(
              "SELECT tx, type, head FROM collections WHERE head IS NOT NULL ORDER BY tx DESC LIMIT"
                  + " 1",
              "collections",
              "type");
      best = best == null || (other != null && other.tx > best.tx) ? other : best;
    }
    return best;
  }

  /**
   * Sees to it that every commit record is of the transaction that its row names: the newest one
   * would not be found otherwise, and its row might look void.
   */
  private void checkHeads(String query, String rowPrefix) {
    SqlCursor cursor = tables.sql().exec(query + " WHERE head IS NOT NULL");
    while (cursor.next()) {
      String wrong = CommitRecord.wrongBeginning(String.valueOf(cursor.text(2)), cursor.number(0));
      if (!wrong.isEmpty()) {
        throw new CorruptRowException(rowPrefix + cursor.text(1) + "]", wrong);
      }
    }
  }

  /** A commit record with the number of the transaction that wrote it. */
  public record Latest(double tx, CommitRecord record, String table, Object key) {}

  private @Nullable Latest latestOf(String query, String table, String keyName) {
    SqlCursor cursor = tables.sql().exec(query);
    if (!cursor.next()) {
      return null;
    }
    String row = table + "[" + keyName + "=" + cursor.text(1) + "]";
    Object key =
        keyName.equals("slot") ? (Object) cursor.number(1) : String.valueOf(cursor.text(1));
    CommitRecord record = CommitRecord.parse(String.valueOf(cursor.text(2)), json, row);
    Latest latest = new Latest(cursor.number(0), record, table, key);
    cursor.close();
    return latest;
  }

  /** Visits the rows of {@code segments} in the order they were written, and finds free slots. */
  public void forEachSegment(CommitRecord record, Slots slots, Consumer<SegmentRow> visitor) {
    if (!tables.exists("segments")) {
      return;
    }
    int packedRows = 0;
    int deletionRows = 0;
    // Sorting in SQLite would copy every body into the sorter: sort the numbers, then read the
    // rows.
    List<double[]> order = new ArrayList<>();
    SqlCursor cursor = tables.sql().exec("SELECT slot, tx, kind, epoch, first_seq FROM segments");
    while (cursor.next()) {
      int slot = (int) cursor.number(0);
      slots.found(slot);
      tables.foundTx(cursor.number(1));
      boolean packed = cursor.number(2) == SegmentRow.Kind.PACKED.ordinal();
      // Only rows of events have an epoch: one that seems packed is damaged, and must not be void.
      boolean isVoid = packed && cursor.number(3) == 0 && cursor.number(1) < record.floorTx();
      if (isVoid) {
        slots.release(slot);
      } else if (cursor.number(2) == SegmentRow.Kind.DELETIONS.ordinal()
          && record.deletions().hasSlot(slot)) {
        // It stays where it is until somebody asks for what it holds.
        deletionRows++;
      } else {
        packedRows += packed ? 1 : 0;
        order.add(new double[] {cursor.number(1), cursor.number(4), slot});
      }
    }
    if (packedRows < record.packedRows()) {
      throw new CorruptRowException(
          "segments[kind=" + SegmentRow.Kind.PACKED.ordinal() + "]",
          "expected " + record.packedRows() + " that count, there are " + packedRows);
    }
    if (deletionRows < record.deletions().blocks().size()) {
      throw new CorruptRowException(
          "segments[kind=" + SegmentRow.Kind.DELETIONS.ordinal() + "]",
          "expected "
              + record.deletions().blocks().size()
              + " that the commit record names, there are "
              + deletionRows);
    }
    order.sort(
        (a, b) ->
            a[0] != b[0]
                ? Double.compare(a[0], b[0])
                : a[1] != b[1] ? Double.compare(a[1], b[1]) : Double.compare(a[2], b[2]));
    for (double[] entry : order) {
      visitor.accept(segment((int) entry[2]));
    }
  }

  /** The newest epoch that any readable commit record names, old ones too; 0 when there is none. */
  public double newestEpoch() {
    double epoch = 0;
    for (String table : List.of("segments", "collections")) {
      if (tables.exists(table)) {
        SqlCursor cursor =
            tables.sql().exec("SELECT head FROM " + table + " WHERE head IS NOT NULL");
        while (cursor.next()) {
          try {
            epoch =
                Math.max(
                    epoch,
                    CommitRecord.parse(String.valueOf(cursor.text(0)), json, table)
                        .point()
                        .epoch());
          } catch (CorruptRowException e) {
            // It is reported where it is looked for.
          }
        }
      }
    }
    return epoch;
  }

  /** The numbers of all rows of {@code segments}, whatever is in them. */
  public List<Integer> slots(Slots slots) {
    List<Integer> found = new ArrayList<>();
    if (!tables.exists("segments")) {
      return found;
    }
    SqlCursor cursor = tables.sql().exec("SELECT slot, tx FROM segments");
    while (cursor.next()) {
      int slot = (int) cursor.number(0);
      slots.found(slot);
      tables.foundTx(cursor.number(1));
      found.add(slot);
    }
    return found;
  }

  /** Sees to it that the next transaction is behind those of all small collections. */
  public void findTx() {
    if (tables.exists("collections")) {
      SqlCursor cursor = tables.sql().exec("SELECT tx FROM collections");
      while (cursor.next()) {
        tables.foundTx(cursor.number(0));
      }
    }
  }

  /** One row of {@code segments}, which must exist. */
  public SegmentRow segment(int slot) {
    String name = SegmentRow.name(slot);
    SqlCursor cursor =
        tables
            .sql()
            .exec(
                "SELECT kind, tx, epoch, first_seq, last_seq, sum, head, body FROM segments"
                    + " WHERE slot = ?",
                (double) slot);
    if (!cursor.next()) {
      throw new CorruptRowException(name, "it is missing");
    }
    int kind = (int) cursor.number(0);
    if (kind < 0 || kind >= SegmentRow.Kind.values().length || cursor.text(7) == null) {
      throw new CorruptRowException(
          name, "expected a kind from 0 to 3 and a body, kind is " + kind);
    }
    SegmentRow row =
        new SegmentRow(
            slot,
            SegmentRow.Kind.values()[kind],
            cursor.number(1),
            cursor.number(2),
            cursor.number(3),
            cursor.number(4),
            cursor.text(7));
    check(row.sum(cursor.text(6), json), cursor.number(5), name);
    cursor.close();
    return row;
  }

  /** Visits the rows of {@code collections}. */
  public void forEachCollection(Consumer<CollectionRow> visitor) {
    if (!tables.exists("collections")) {
      return;
    }
    SqlCursor cursor = tables.sql().exec("SELECT type, tx, sum, head, body FROM collections");
    while (cursor.next()) {
      String quotedType = cursor.text(0);
      String name = "collections[type=" + quotedType + "]";
      if (quotedType == null || quotedType.length() < 2 || cursor.text(4) == null) {
        throw new CorruptRowException(name, "expected a type and a body");
      }
      String type = ThingLine.unquote(quotedType, json);
      CollectionRow row = new CollectionRow(type, cursor.number(1), cursor.text(4));
      check(row.sum(cursor.text(3), json), cursor.number(2), name);
      tables.foundTx(row.tx());
      visitor.accept(row);
    }
  }

  /** Visits the rows of {@code things}. */
  public void forEachThing(Consumer<ThingRow> visitor) {
    if (!tables.exists("things")) {
      return;
    }
    SqlCursor cursor = tables.sql().exec("SELECT id, type, sum, line FROM things");
    while (cursor.next()) {
      visitor.accept(thing(cursor));
    }
  }

  /** Visits the rows of {@code things} of one type, without keeping any. */
  public void forEachThing(String type, Consumer<ThingRow> visitor) {
    SqlCursor cursor =
        tables
            .sql()
            .exec(
                "SELECT id, type, sum, line FROM things WHERE type = ?",
                ThingLine.quote(type, json));
    while (cursor.next()) {
      visitor.accept(thing(cursor));
    }
  }

  /** The first rows of one type in the order of the table, behind that of an id; null for all. */
  public List<ThingRow> thingsAfter(@Nullable String id, String type, int most) {
    SqlCursor cursor =
        tables
            .sql()
            .exec(
                "SELECT id, type, sum, line FROM things WHERE id > ? AND type = ? ORDER BY id"
                    + " LIMIT "
                    + most,
                id == null ? "" : ThingLine.quote(id, json),
                ThingLine.quote(type, json));
    List<ThingRow> rows = new ArrayList<>();
    while (cursor.next()) {
      rows.add(thing(cursor));
    }
    return rows;
  }

  /**
   * The row of one thing, or null; asked for only where there are such rows.
   *
   * <p>A row whose id is damaged is not found, but it still stands where it stood, and a search
   * that it misleads ends beside it. So a thing is absent only if both rows around the place where
   * it would stand are what was written.
   */
  public @Nullable ThingRow thing(String id) {
    if (!tables.exists("things")) {
      throw new CorruptRowException("things", "the table is missing");
    }
    String quotedId = ThingLine.quote(id, json);
    ThingRow row = nearest(">= ? ORDER BY id", quotedId);
    if (row != null && row.id().equals(id)) {
      return row;
    }
    nearest("< ? ORDER BY id DESC", quotedId);
    return null;
  }

  private @Nullable ThingRow nearest(String condition, String quotedId) {
    SqlCursor cursor =
        tables
            .sql()
            .exec(
                "SELECT id, type, sum, line FROM things WHERE id " + condition + " LIMIT 1",
                quotedId);
    ThingRow row = cursor.next() ? thing(cursor) : null;
    cursor.close();
    return row;
  }

  /** One row of {@code things}. */
  public record ThingRow(String id, String type, String line) {
    public String name() {
      return "things[id=" + id + "]";
    }
  }

  private ThingRow thing(SqlCursor cursor) {
    String quotedId = cursor.text(0);
    String quotedType = cursor.text(1);
    String line = cursor.text(3);
    String name = "things[id=" + quotedId + "]";
    if (quotedId == null || quotedType == null || line == null || quotedId.length() < 2) {
      throw new CorruptRowException(name, "expected an id, a type and a line");
    }
    check(Tables.sumOf(quotedId, quotedType, line), cursor.number(2), name);
    return new ThingRow(
        ThingLine.unquote(quotedId, json), ThingLine.unquote(quotedType, json), line);
  }

  private static void check(double expected, double actual, String row) {
    if (expected != actual) {
      throw new CorruptRowException(
          row, "expected checksum " + (int) actual + ", its content has " + (int) expected);
    }
  }
}
