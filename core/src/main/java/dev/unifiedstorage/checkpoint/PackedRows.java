package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.LineWriter;
import dev.unifiedstorage.state.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /** The last lines, until they are measured. */
  private LineWriter unmeasured;

  private int unmeasuredChars;
  private List<Entry> entries;
  private int bytes;
  private double chars;
  private @Nullable String type;

  PackedRows(Json json) {
    this.json = json;
    begin();
  }

  private void begin() {
    body = json.writer();
    unmeasured = json.lines();
    unmeasuredChars = 0;
    entries = new ArrayList<>();
    bytes = 0;
    type = null;
  }

  boolean isEmpty() {
    return rows.isEmpty() && bytes == 0 && unmeasuredChars == 0;
  }

  /** The length of all rows so far. */
  double chars() {
    return chars;
  }

  void addDeletion(String id) {
    String line = "-" + ThingLine.quote(id, json);
    makeRoom(line);
    add(line);
  }

  void addThing(Entry entry, String line) {
    String entryType = entry.collection().type();
    makeRoom(line);
    if (!entryType.equals(type)) {
      add("@" + ThingLine.quote(entryType, json));
      type = entryType;
    }
    add(line);
    entries.add(entry);
  }

  /** The finished rows. */
  List<Row> finish() {
    cut();
    return rows;
  }

  /**
   * Begins a new row when a line would not fit into this one.
   *
   * <p>Lines are measured many at a time, and only once their bytes could matter: no character
   * takes more than three.
   */
  private void makeRoom(String line) {
    if (bytes + 3 * (unmeasuredChars + line.length() + 1) <= Tables.ROW_LIMIT_BYTES) {
      return;
    }
    measure();
    if (bytes > 0 && bytes + json.utf8Length(line) + 1 > Tables.ROW_LIMIT_BYTES) {
      cut();
    }
  }

  private void add(String line) {
    unmeasured.add(line);
    unmeasuredChars += line.length() + 1;
    chars += line.length() + 1;
  }

  private void measure() {
    String lines = unmeasured.text();
    bytes += json.utf8Length(lines);
    body.raw(lines);
    unmeasured = json.lines();
    unmeasuredChars = 0;
  }

  private void cut() {
    measure();
    if (bytes > 0) {
      rows.add(new Row(body.text(), bytes, entries));
      begin();
    }
  }
}
