package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Thing;

/**
 * One thing as a line of a row: {@code "id" TAB version TAB createdAt TAB updatedAt TAB seq TAB
 * {fields}}.
 *
 * <p>Of a thing that was never updated, updatedAt is left out; before it stands, between two {@link
 * #EXPIRY} marks, when a thing expires that does. A line of before there were seqs has neither the
 * seq nor its tab, which fields tell from a seq by their brace. JSON text has no raw tab and no raw
 * line break, so a body is cut into lines, and a line into its parts, without parsing JSON. The
 * fields stay text until somebody touches them: a cold start of a large store parses nothing.
 */
public final class ThingLine {
  /** Stands around the instant at which a thing expires: no JSON text has it raw. */
  static final char EXPIRY = '\u001f';

  private static final String EXPIRY_TEXT = "\u001f";

  private ThingLine() {}

  /** The line of a thing, without its line break. */
  public static String write(Thing thing, Json json) {
    String fields = thing.fields().text(json);
    if (thing.expiresAtMs() != 0) {
      return writeExpiring(thing, fields, json);
    }
    return json.writer()
        .line(
            thing.id(),
            thing.version(),
            thing.createdAtMs(),
            thing.updatedAtMs(),
            thing.seq(),
            fields)
        .text();
  }

  private static String writeExpiring(Thing thing, String fields, Json json) {
    JsonWriter writer = json.writer().string(thing.id()).raw("\t").number(thing.version());
    writer.raw("\t").number(thing.createdAtMs()).raw("\t" + EXPIRY_TEXT);
    writer.number(thing.expiresAtMs()).raw(EXPIRY_TEXT);
    if (thing.updatedAtMs() != thing.createdAtMs()) {
      writer.number(thing.updatedAtMs());
    }
    if (thing.seq() != 0) {
      writer.raw("\t").number(thing.seq());
    }
    return writer.raw("\t").raw(fields).text();
  }

  /** When the thing expires whose line has its first {@link #EXPIRY} mark at {@code mark}. */
  static double expiresAtMs(String body, int mark, int end, Json json, String row) {
    int second = json.indexOf(body, EXPIRY, mark + 1);
    if (second < 0 || second >= end || second == mark + 1) {
      throw new CorruptRowException(row, "a line has no end of when its thing expires");
    }
    return wholeNumber(body, mark + 1, second, row);
  }

  /** The line without the id: what a row of the table of things holds. */
  public static String writeRest(Thing thing, Json json) {
    String line = write(thing, json);
    return line.substring(json.indexOf(line, '\t', 0) + 1);
  }

  /** The quoted id that the line starting at {@code start} begins with. */
  public static String quotedId(String body, int start, int end, Json json, String row) {
    int tab = json.indexOf(body, '\t', start);
    if (tab < 0 || tab >= end) {
      throw new CorruptRowException(row, "a line has no id");
    }
    return body.substring(start, tab);
  }

  /** The thing whose line stands between {@code start} and {@code end} of a body. */
  public static Thing read(String body, int start, int end, String type, Json json, String row) {
    String quotedId = quotedId(body, start, end, json, row);
    int rest = start + quotedId.length() + 1;
    return readRest(body, rest, end, unquote(quotedId, json), type, json, row);
  }

  /** The thing whose line, without the id, stands between {@code start} and {@code end}. */
  public static Thing readRest(
      String body, int start, int end, String id, String type, Json json, String row) {
    int afterVersion = json.indexOf(body, '\t', start);
    int afterCreated = json.indexOf(body, '\t', afterVersion + 1);
    int afterUpdated = json.indexOf(body, '\t', afterCreated + 1);
    if (afterVersion < 0 || afterCreated < 0 || afterUpdated < 0 || afterUpdated >= end) {
      throw new CorruptRowException(row, "the line of thing " + id + " has too few parts");
    }
    int fields = afterUpdated + 1;
    double seq = 0;
    if (fields < end && body.charAt(fields) != '{') {
      int afterSeq = json.indexOf(body, '\t', fields);
      if (afterSeq < 0 || afterSeq >= end) {
        throw new CorruptRowException(row, "the line of thing " + id + " has too few parts");
      }
      seq = wholeNumber(body, fields, afterSeq, row);
      fields = afterSeq + 1;
    }
    double createdAtMs = wholeNumber(body, afterVersion + 1, afterCreated, row);
    int updatedStart = afterCreated + 1;
    double expiresAtMs = 0;
    if (body.charAt(updatedStart) == EXPIRY) {
      expiresAtMs = expiresAtMs(body, updatedStart, afterUpdated, json, row);
      updatedStart = json.indexOf(body, EXPIRY, updatedStart + 1) + 1;
    }
    return Thing.loaded(
            id,
            type,
            wholeNumber(body, start, afterVersion, row),
            createdAtMs,
            afterUpdated == updatedStart
                ? createdAtMs
                : wholeNumber(body, updatedStart, afterUpdated, row),
            seq,
            body.substring(fields, end))
        .expiring(expiresAtMs);
  }

  /**
   * The event of the thing whose line starts at {@code start}, found without reading the thing; 0
   * in a line of before there were seqs.
   */
  static double seq(String body, int start, Json json, String row) {
    int at = start;
    for (int tabs = 0; tabs < 4; tabs++) {
      at = json.indexOf(body, '\t', at) + 1;
      if (at == 0) {
        throw new CorruptRowException(row, "a line has too few parts");
      }
    }
    return body.charAt(at) == '{' ? 0 : wholeNumber(body, at, json.indexOf(body, '\t', at), row);
  }

  /** A string out of its JSON text. */
  public static String unquote(String quoted, Json json) {
    if (json.indexOf(quoted, '\\', 0) < 0) {
      return quoted.substring(1, quoted.length() - 1);
    }
    return json.parse("{\"v\":" + quoted + "}").string("v");
  }

  /** A string as JSON text. */
  public static String quote(String value, Json json) {
    return json.writer().string(value).text();
  }

  /** The whole number, not negative, that stands between {@code start} and {@code end}. */
  public static double wholeNumber(String body, int start, int end, String row) {
    double value = 0;
    for (int i = start; i < end; i++) {
      int digit = body.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new CorruptRowException(row, "expected a number at character " + i);
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
