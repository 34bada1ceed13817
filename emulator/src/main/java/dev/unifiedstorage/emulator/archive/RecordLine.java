package dev.unifiedstorage.emulator.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes a record of the log apart into columns.
 *
 * <p>Every record of the log is known to be JSON, so this one pass over its bytes need not check
 * the grammar. It looks at the outermost object only: the payload is copied as the text it is,
 * which is what its column holds. Of duplicate keys the last one counts; fields without a column
 * are passed over. A record that does not fit is reported by what is wrong with it.
 *
 * <p>A JSON library would build every object of the payload only to print it again, which takes
 * several times as long as all the rest.
 */
final class RecordLine {
  private static final byte[][] NAMES =
      EventsTable.SCHEMA.columns().stream()
          .map(field -> field.name().getBytes(StandardCharsets.UTF_8))
          .toArray(byte[][]::new);

  private static final boolean[] NUMERIC = new boolean[NAMES.length];
  private static final boolean[] REQUIRED = new boolean[NAMES.length];
  private static final int MOST_DIGITS = 18;
  private static final double MAX_WHOLE = 9007199254740992.0;

  static {
    for (int i = 0; i < NAMES.length; i++) {
      NUMERIC[i] = EventsTable.SCHEMA.columns().get(i).type().typeId().javaClass() == Long.class;
      REQUIRED[i] = EventsTable.SCHEMA.columns().get(i).isRequired();
    }
    // It is the sink's own, whatever a record says.
    NAMES[EventRow.INGEST_TS] = new byte[] {0};
    REQUIRED[EventRow.INGEST_TS] = false;
  }

  private byte[] bytes;
  private int at;
  private int end;

  /**
   * Fills {@code row} from a record.
   *
   * @return null, or why the record does not fit the table
   */
  String read(byte[] line, int from, int to, EventRow row) {
    bytes = line;
    at = from;
    end = to;
    row.clear();
    try {
      return readFields(row);
    } catch (ArrayIndexOutOfBoundsException e) {
      return "expected a JSON object, found " + excerpt(from, to);
    }
  }

  private String readFields(EventRow row) {
    expect('{');
    String misfit = null;
    for (byte next = token(); next == '"'; next = token()) {
      int nameFrom = at + 1;
      skipString();
      int column = column(nameFrom, at - 1);
      expect(':');
      token();
      int valueFrom = at;
      skipValue();
      if (column >= 0) {
        String wrong = set(row, column, valueFrom, at);
        misfit = misfit == null ? wrong : misfit;
      }
      if (token() == ',') {
        at++;
      }
    }
    if (bytes[at] != '}' || at >= end) {
      throw new ArrayIndexOutOfBoundsException();
    }
    for (int i = 0; i < NAMES.length && misfit == null; i++) {
      if (REQUIRED[i] && !row.has(i)) {
        misfit = name(i) + ": expected a value, found none";
      }
    }
    return misfit;
  }

  private String set(EventRow row, int column, int from, int to) {
    byte first = bytes[from];
    if (first == 'n') {
      row.set(column, null);
      return null;
    }
    if (NUMERIC[column]) {
      return setNumber(row, column, from, to);
    }
    byte wanted = column == EventRow.PAYLOAD ? (byte) '{' : (byte) '"';
    if (first != wanted) {
      String kind = column == EventRow.PAYLOAD ? "an object" : "a string";
      return name(column) + ": expected " + kind + ", found " + excerpt(from, to);
    }
    row.set(
        column,
        wanted == '{'
            ? new String(bytes, from, to - from, StandardCharsets.UTF_8)
            : string(from + 1, to - 1));
    return null;
  }

  private String setNumber(EventRow row, int column, int from, int to) {
    boolean negative = bytes[from] == '-';
    int digitsFrom = negative ? from + 1 : from;
    long value = 0;
    boolean whole = to > digitsFrom && to - digitsFrom <= MOST_DIGITS;
    for (int i = digitsFrom; i < to && whole; i++) {
      whole = bytes[i] >= '0' && bytes[i] <= '9';
      value = value * 10 + bytes[i] - '0';
    }
    if (whole) {
      row.set(column, negative ? -value : value);
      return null;
    }
    // Whole numbers can be written as 1.0 or 1e3, too.
    Double number = number(from, to);
    if (number == null || number != Math.rint(number) || Math.abs(number) > MAX_WHOLE) {
      return name(column) + ": expected a whole number, found " + excerpt(from, to);
    }
    row.set(column, number.longValue());
    return null;
  }

  private Double number(int from, int to) {
    try {
      return Double.valueOf(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A string's text; a surrogate without its other half, which UTF-8 lacks, becomes U+FFFD. */
  private String string(int from, int to) {
    int plain = from;
    while (plain < to && bytes[plain] != '\\') {
      plain++;
    }
    String start = new String(bytes, from, plain - from, StandardCharsets.UTF_8);
    if (plain == to) {
      return start;
    }
    StringBuilder text = new StringBuilder(start);
    String rest = new String(bytes, plain, to - plain, StandardCharsets.UTF_8);
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      if (c == '\\') {
        c = rest.charAt(++i);
        switch (c) {
          case 'b' -> c = '\b';
          case 'f' -> c = '\f';
          case 'n' -> c = '\n';
          case 'r' -> c = '\r';
          case 't' -> c = '\t';
          case 'u' -> {
            c = (char) Integer.parseInt(rest, i + 1, i + 5, 16);
            i += 4;
          }
          default -> {}
        }
      }
      text.append(c);
    }
    return new String(
        text.toString().getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
  }

  private void skipValue() {
    switch (bytes[at]) {
      case '"' -> skipString();
      case '{', '[' -> skipNested();
      default -> {
        while (bytes[at] != ',' && bytes[at] != '}' && bytes[at] > ' ') {
          at++;
        }
      }
    }
  }

  private void skipNested() {
    int depth = 0;
    do {
      switch (bytes[at]) {
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        case '"' -> {
          skipString();
          continue;
        }
        default -> {}
      }
      at++;
    } while (depth > 0);
  }

  /** From a quote to behind its partner. */
  private void skipString() {
    at++;
    while (bytes[at] != '"') {
      at += bytes[at] == '\\' ? 2 : 1;
    }
    at++;
  }

  private byte token() {
    while (bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
    return bytes[at];
  }

  private void expect(char c) {
    if (token() != c) {
      throw new ArrayIndexOutOfBoundsException();
    }
    at++;
  }

  private int column(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\\') {
        byte[] name = string(from, to).getBytes(StandardCharsets.UTF_8);
        return column(name, 0, name.length);
      }
    }
    return column(bytes, from, to);
  }

  private static int column(byte[] text, int from, int to) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].length == to - from
          && NAMES[i][0] == text[from]
          && Arrays.equals(NAMES[i], 0, to - from, text, from, to)) {
        return i;
      }
    }
    return -1;
  }

  private static String name(int column) {
    return EventsTable.SCHEMA.columns().get(column).name();
  }

  private String excerpt(int from, int to) {
    int length = Math.min(60, Math.min(to, end) - from);
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }
}
