package dev.unifiedstorage.checkpoint;

import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.Lines;
import dev.unifiedstorage.layout.SegmentRow;
import dev.unifiedstorage.layout.TableReader;
import dev.unifiedstorage.layout.Tables;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.AwayRow;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The texts of packed rows, for the things in them that have left the memory.
 *
 * <p>Those that were asked for last are kept, a few megabytes: what was written together is mostly
 * read together. A text is that of one transaction's row; a later row in its slot is another one.
 */
final class RowTexts {
  /** How much text is kept: three of the largest rows. */
  private static final int MOST_BYTES = 3 * Tables.ROW_LIMIT_BYTES;

  /** What a row that is kept takes beside its text. */
  private static final int BESIDE_TEXT_BYTES = 200;

  /** A row as it was read. */
  private static final class Read {
    private final AwayRow row;
    private final SegmentRow text;

    /** For single lines: how wide its characters are is found out once. */
    private final Lines lines;

    private Read(AwayRow row, SegmentRow text, Json json) {
      this.row = row;
      this.text = text;
      this.lines = Lines.of(text, json);
    }

    private boolean isOf(AwayRow asked) {
      return row == asked;
    }

    private int bytes() {
      return lines.length() * lines.charBytes() + BESIDE_TEXT_BYTES;
    }
  }

  private final TableReader reader;
  private final Json json;

  /** By slot, the least recently used first. */
  private final Map<Integer, Read> kept = new LinkedHashMap<>();

  private int keptBytes;

  RowTexts(TableReader reader, Json json) {
    this.reader = reader;
    this.json = json;
  }

  /** The thing that an evicted entry stands for. */
  Thing thing(String id, Entry entry) {
    Thing thing = read(entry.awayRow()).lines.ownThing(entry.start(), entry.collection().type());
    if (!thing.id().equals(id)) {
      throw new CorruptRowException(
          SegmentRow.name(entry.awayRow().slot()),
          "expected thing " + id + ", got thing " + thing.id());
    }
    return thing;
  }

  /**
   * The text of a row.
   *
   * @throws CorruptRowException when it is not what was written
   */
  Lines lines(AwayRow row) {
    // Not the ones that are kept: they remember how far somebody has come.
    return Lines.of(read(row).text, json);
  }

  private Read read(AwayRow row) {
    Read read = kept.remove(row.slot());
    if (read == null || !read.isOf(row)) {
      keptBytes -= read == null ? 0 : read.bytes();
      read = new Read(row, reader.segment(row.slot()), json);
      if (read.text.tx() != row.tx()) {
        throw new CorruptRowException(
            SegmentRow.name(row.slot()),
            "expected transaction " + (long) row.tx() + ", got " + (long) read.text.tx());
      }
      keptBytes += read.bytes();
    }
    kept.put(row.slot(), read);
    makeRoom(read);
    return read;
  }

  /** Lets old texts go; the newest stays, however large it is. */
  private void makeRoom(Read newest) {
    Iterator<Read> oldest = kept.values().iterator();
    while (keptBytes > MOST_BYTES) {
      Read read = oldest.next();
      if (read == newest) {
        return;
      }
      keptBytes -= read.bytes();
      oldest.remove();
    }
  }
}
