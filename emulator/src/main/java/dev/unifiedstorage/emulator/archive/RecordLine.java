package dev.unifiedstorage.emulator.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.iceberg.types.Types;

/**
 * Takes a record of the log apart into columns, and holds it against {@link StreamSchema}.
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
  private static final int FIELDS = StreamSchema.FIELDS.size();
  private static final byte[][] NAMES = new byte[FIELDS][];
  private static final StreamSchema.Kind[] KINDS = new StreamSchema.Kind[FIELDS];

  /** The columns of the fields; {@link #NO_COLUMN} for a field that is checked and not kept. */
  private static final int[] COLUMNS = new int[FIELDS];

  private static final int NO_COLUMN = -1;
  private static final int MOST_DIGITS = 18;

  static {
    for (int i = 0; i < FIELDS; i++) {
      StreamSchema.Field field = StreamSchema.FIELDS.get(i);
      NAMES[i] = field.name().getBytes(StandardCharsets.UTF_8);
      KINDS[i] = field.kind();
      Types.NestedField column = EventsTable.SCHEMA.findField(field.name());
      COLUMNS[i] = column == null ? NO_COLUMN : EventsTable.SCHEMA.columns().indexOf(column);
    }
  }

  private byte[] bytes;
  private int at;
  private int end;

  /** Which fields of the record at hand have a value. */
  private final boolean[] found = new boolean[FIELDS];

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
    Arrays.fill(found, false);
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
      int field = field(nameFrom, at - 1);
      expect(':');
      token();
      int valueFrom = at;
      skipValue();
      if (field >= 0) {
        String wrong = set(row, field, valueFrom, at);
        misfit = misfit == null ? wrong : misfit;
      }
      if (token() == ',') {
        at++;
      }
    }
    if (bytes[at] != '}' || at >= end) {
      throw new ArrayIndexOutOfBoundsException();
    }
    for (int i = 0; i < FIELDS && misfit == null; i++) {
      if (!found[i] && StreamSchema.FIELDS.get(i).required()) {
        misfit = name(i) + ": expected a value, found none";
      }
    }
    return misfit;
  }

  private String set(EventRow row, int field, int from, int to) {
    byte first = bytes[from];
    found[field] = first != 'n';
    if (first == 'n') {
      put(row, field, null);
      return null;
    }
    return switch (KINDS[field]) {
      case INT64 -> setNumber(row, field, from, to);
      case STRING -> {
        if (first != '"') {
          yield wrong(field, from, to);
        }
        if (COLUMNS[field] != NO_COLUMN) {
          put(row, field, string(from + 1, to - 1));
        }
        yield null;
      }
      case JSON -> {
        if (first != '{') {
          yield wrong(field, from, to);
        }
        if (COLUMNS[field] != NO_COLUMN) {
          put(row, field, new String(bytes, from, to - from, StandardCharsets.UTF_8));
        }
        yield null;
      }
    };
  }

  private static void put(EventRow row, int field, Object value) {
    if (COLUMNS[field] != NO_COLUMN) {
      row.set(COLUMNS[field], value);
    }
  }

  private String wrong(int field, int from, int to) {
    return name(field) + ": expected " + KINDS[field].noun() + ", found " + excerpt(from, to);
  }

  private String setNumber(EventRow row, int field, int from, int to) {
    boolean negative = bytes[from] == '-';
    int digitsFrom = negative ? from + 1 : from;
    long value = 0;
    boolean whole = to > digitsFrom && to - digitsFrom <= MOST_DIGITS;
    for (int i = digitsFrom; i < to && whole; i++) {
      whole = bytes[i] >= '0' && bytes[i] <= '9';
      value = value * 10 + bytes[i] - '0';
    }
    if (whole) {
      put(row, field, negative ? -value : value);
      return null;
    }
    // Whole numbers can be written as 1.0 or 1e3, too.
    Double number = number(from, to);
    if (number == null || !StreamSchema.isWhole(number)) {
      return wrong(field, from, to);
    }
    put(row, field, number.longValue());
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

  private int field(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\\') {
        byte[] name = string(from, to).getBytes(StandardCharsets.UTF_8);
        return field(name, 0, name.length);
      }
    }
    return field(bytes, from, to);
  }

  private static int field(byte[] text, int from, int to) {
    for (int i = 0; i < FIELDS; i++) {
      if (NAMES[i].length == to - from
          && NAMES[i][0] == text[from]
          && Arrays.equals(NAMES[i], 0, to - from, text, from, to)) {
        return i;
      }
    }
    return -1;
  }

  private static String name(int field) {
    return StreamSchema.FIELDS.get(field).name();
  }

  private String excerpt(int from, int to) {
    int length = Math.min(60, Math.min(to, end) - from);
    return new String(bytes, from, length, StandardCharsets.UTF_8);
  }
}
