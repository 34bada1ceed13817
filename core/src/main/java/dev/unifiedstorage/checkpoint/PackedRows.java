package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * The packed rows of one checkpoint in the making: lines, cut into rows of bounded size.
 *
 * <p>A line that starts with {@code @} names the type of the things below it, one with {@code -}
 * says that a thing was deleted, any other is a thing. Every row starts anew with its type, so that
 * each can be read by itself.
 */
final class PackedRows {
  /** One finished row: its text, and the entries whose newest version is in it. */
  record Row(String body, double bytes, List<Entry> entries) {}

  private final Json json;
  private final List<Row> rows = new ArrayList<>();
  private JsonWriter body;
  private List<Entry> entries = new ArrayList<>();
  private int bytes;
  private String type;

  PackedRows(Json json) {
    this.json = json;
    this.body = json.writer();
  }

  boolean isEmpty() {
    return rows.isEmpty() && bytes == 0;
  }

  void addDeletion(String id) {
    String quoted = ThingLine.quote(id, json);
    makeRoom(json.utf8Length(quoted) + 2);
    body.raw("-").raw(quoted).raw("\n");
  }

  void addThing(Entry entry, String line) {
    String entryType = entry.thing().type();
    makeRoom(json.utf8Length(line) + 1);
    if (!entryType.equals(type)) {
      String quoted = ThingLine.quote(entryType, json);
      body.raw("@").raw(quoted).raw("\n");
      bytes += json.utf8Length(quoted) + 2;
      type = entryType;
    }
    body.raw(line).raw("\n");
    entries.add(entry);
  }

  /** The finished rows. */
  List<Row> finish() {
    cut();
    return rows;
  }

  private void makeRoom(int lineBytes) {
    if (bytes > 0 && bytes + lineBytes > Tables.ROW_LIMIT_BYTES) {
      cut();
    }
    bytes += lineBytes;
  }

  private void cut() {
    if (bytes > 0) {
      rows.add(new Row(body.text(), bytes, entries));
      body = json.writer();
      entries = new ArrayList<>();
      bytes = 0;
      type = null;
    }
  }
}
