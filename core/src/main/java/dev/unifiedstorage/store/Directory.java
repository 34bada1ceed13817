package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.protocol.Route;
import java.util.Objects;

/**
 * The namespaces that have a store, in a database of their own, one row each, and how far all of
 * them have been looked for in the archive.
 *
 * <p>Stores say when they begin and when they are deleted; {@code GET /stores} is answered here.
 */
public final class Directory {
  /** Comes behind every name that begins as the text before it. */
  private static final String LAST = "\uffff";

  /**
   * A look at the archive.
   *
   * @param commit the newest one that was looked at
   * @param atMs when the look ended
   */
  public record Look(double commit, double atMs) {}

  /** Before the first look: nothing is behind it. */
  private static final Look NONE = new Look(Double.POSITIVE_INFINITY, 0);

  private final SqlStorage sql;
  private final Json json;
  private boolean made;
  private boolean looksMade;

  public Directory(SqlStorage sql, Json json) {
    this.sql = sql;
    this.json = json;
  }

  private void make() {
    if (!made) {
      sql.exec(
          "CREATE TABLE IF NOT EXISTS stores (namespace TEXT PRIMARY KEY, created_at REAL NOT NULL)"
              + " WITHOUT ROWID");
      made = true;
    }
  }

  private SqlCursor looks() {
    if (!looksMade) {
      sql.exec(
          "CREATE TABLE IF NOT EXISTS looks (id INTEGER PRIMARY KEY, last_commit REAL NOT NULL,"
              + " last_ms REAL NOT NULL, before_commit REAL NOT NULL, before_ms REAL NOT NULL)");
      looksMade = true;
    }
    return sql.exec("SELECT last_commit, last_ms, before_commit, before_ms FROM looks");
  }

  /**
   * The look at the archive before the last one: what became visible behind it is looked at twice,
   * so that a gap between two looks is seen by one of them.
   */
  public Look lastButOneLook() {
    SqlCursor row = looks();
    Look look = row.next() ? new Look(row.number(2), row.number(3)) : NONE;
    row.close();
    return look;
  }

  /** The archive was looked at once more. */
  public void looked(double commit, double atMs) {
    SqlCursor row = looks();
    Look last = row.next() ? new Look(row.number(0), row.number(1)) : new Look(commit, atMs);
    row.close();
    sql.exec(
        "INSERT INTO looks (id, last_commit, last_ms, before_commit, before_ms) VALUES (0, ?, ?, ?,"
            + " ?) ON CONFLICT (id) DO UPDATE SET last_commit = excluded.last_commit, last_ms ="
            + " excluded.last_ms, before_commit = excluded.before_commit, before_ms ="
            + " excluded.before_ms",
        commit,
        atMs,
        last.commit(),
        last.atMs());
  }

  /** Adds a namespace; one that is there stays as it is. */
  public void list(String namespace, double createdAtMs) {
    make();
    sql.exec(
        "INSERT INTO stores (namespace, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        namespace,
        createdAtMs);
  }

  /** Removes a namespace. */
  public void unlist(String namespace) {
    make();
    sql.exec("DELETE FROM stores WHERE namespace = ?", namespace);
  }

  /**
   * A page of what a client may know of, as the answer to a request.
   *
   * @param route one of {@link Route.Kind#STORES}
   * @param grant what the client may do: namespaces that it does not open are passed over
   */
  public String page(Route route, Grant grant) {
    make();
    String prefix = route.query().parameter("prefix");
    String after = route.query().parameter(Route.CURSOR);
    String from = prefix == null ? "" : prefix;
    // The name that a page ended with was shown.
    SqlCursor rows =
        sql.exec(
            "SELECT namespace, created_at FROM stores WHERE namespace >= ? AND namespace < ? AND"
                + " namespace > ? ORDER BY namespace",
            from,
            from + LAST,
            after == null ? "" : after);
    JsonWriter page = json.writer().raw("{\"stores\":[");
    int left = route.limit();
    String last = null;
    boolean more = false;
    while (!more && rows.next()) {
      String namespace = Objects.requireNonNull(rows.text(0));
      if (!grant.opens(namespace)) {
        continue;
      }
      more = left == 0;
      if (more) {
        continue;
      }
      page.raw(last == null ? "{\"namespace\":" : ",{\"namespace\":").string(namespace);
      page.raw(",\"createdAt\":").number(rows.number(1)).raw("}");
      last = namespace;
      left--;
    }
    rows.close();
    page.raw("]");
    if (more) {
      page.raw(",\"cursor\":").string(Objects.requireNonNull(last));
    }
    return page.raw("}").text();
  }
}
