package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.LineWriter;
import dev.unifiedstorage.state.Deletion;
import java.util.List;
import java.util.function.Consumer;

/**
 * Deletions as lines of a row or of a commit record: {@code -seq TAB "type" TAB "id"}.
 *
 * <p>The sign tells them from the events that follow them in a commit record.
 */
public final class DeletionLines {
  static final char SIGN = '-';

  private DeletionLines() {}

  public static String write(List<Deletion> deletions, Json json) {
    LineWriter lines = json.lines();
    for (Deletion deletion : deletions) {
      lines.add(
          json.writer()
              .raw("-")
              .number(deletion.seq())
              .raw("\t")
              .string(deletion.type())
              .raw("\t")
              .string(deletion.id())
              .text());
    }
    return lines.text();
  }

  /** Visits the deletions of a text, in its order. */
  public static void readAll(String lines, Json json, String row, Consumer<Deletion> visitor) {
    int start = 0;
    while (start < lines.length()) {
      int end = json.indexOf(lines, '\n', start);
      int afterSeq = json.indexOf(lines, '\t', start);
      int afterType = json.indexOf(lines, '\t', afterSeq + 1);
      if (lines.charAt(start) != SIGN || end < 0 || afterSeq < 0 || afterType < 0) {
        throw new CorruptRowException(row, "the line of a deletion has too few parts");
      }
      visitor.accept(
          new Deletion(
              ThingLine.unquote(lines.substring(afterType + 1, end), json),
              ThingLine.unquote(lines.substring(afterSeq + 1, afterType), json),
              ThingLine.wholeNumber(lines, start + 1, afterSeq, row)));
      start = end + 1;
    }
  }

  /** Where the lines of deletions end that a text begins with. */
  static int end(String text, int start) {
    int end = start;
    while (end < text.length() && text.charAt(end) == SIGN) {
      end = text.indexOf('\n', end) + 1;
    }
    return end;
  }
}
