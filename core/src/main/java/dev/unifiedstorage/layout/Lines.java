package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.StoredRow;
import dev.unifiedstorage.state.Thing;
import org.jspecify.annotations.Nullable;

/** The text of a row that holds things, each a {@link ThingLine}. */
public final class Lines implements StoredRow {
  private final String body;
  private final int slot;
  private final Json json;
  private final String name;
  private final double lastSeq;

  /** Null until somebody has asked. */
  private @Nullable Boolean wide;

  /** Where the first backslash is that {@link #id} has not passed. */
  private int backslash = -1;

  /** Where the first mark of an expiry is that {@link #expiresAtMs(int, int)} has not passed. */
  private int expiry = -1;

  private Lines(String body, int slot, Json json, String name, double lastSeq) {
    this.body = body;
    this.slot = slot;
    this.json = json;
    this.name = name;
    this.lastSeq = lastSeq;
  }

  public static Lines of(SegmentRow row, Json json) {
    String name = SegmentRow.name(row.slot());
    return new Lines(row.body(), row.slot(), json, name, row.lastSeq());
  }

  public static Lines of(CollectionRow row, Json json) {
    String name = "collections[type=" + row.type() + "]";
    return new Lines(row.body(), 0, json, name, Double.POSITIVE_INFINITY);
  }

  /** Where the line that starts at {@code start} ends: at its line break. */
  public int end(int start) {
    int end = json.indexOf(body, '\n', start);
    if (end < 0) {
      throw new CorruptRowException(name, "its last line has no end");
    }
    return end;
  }

  /** Where the first line of a thing at or after {@code start} starts. */
  public int firstThing(int start) {
    int at = start;
    while (body.charAt(at) != '"') {
      at = end(at) + 1;
    }
    return at;
  }

  /** The id of the thing whose line starts at {@code start}; called with rising starts. */
  public String id(int start, int end) {
    if (backslash < start) {
      int found = json.indexOf(body, '\\', start);
      backslash = found < 0 ? body.length() : found;
    }
    if (backslash < end) {
      return ThingLine.unquote(ThingLine.quotedId(body, start, end, json, name), json);
    }
    int tab = json.indexOf(body, '\t', start);
    if (tab < 0 || tab >= end) {
      throw new CorruptRowException(name, "a line has no id");
    }
    return body.substring(start + 1, tab - 1);
  }

  /** When the thing of a line expires, 0 when it stays; called with rising starts. */
  public double expiresAtMs(int start, int end) {
    if (expiry < start) {
      int found = json.indexOf(body, ThingLine.EXPIRY, start);
      expiry = found < 0 ? body.length() : found;
    }
    return expiry < end ? ThingLine.expiresAtMs(body, expiry, end, json, name) : 0;
  }

  @Override
  public double expiresAtMs(int start) {
    int end = end(start);
    int at = start;
    for (int i = 0; i < 3; i++) {
      at = json.indexOf(body, '\t', at) + 1;
    }
    return at > start && at < end && body.charAt(at) == ThingLine.EXPIRY
        ? ThingLine.expiresAtMs(body, at, end, json, name)
        : 0;
  }

  @Override
  public Thing thing(int start, String type) {
    return ThingLine.read(body, start, end(start), type, json, name);
  }

  /**
   * The same thing, read from a copy of its line, so that it does not keep this text; in V8 the
   * characters of the copy are as wide as they are here.
   */
  public Thing ownThing(int start, String type) {
    String line = json.copy(body.substring(start, end(start)));
    Thing thing = ThingLine.read(line, 0, line.length(), type, json, name);
    if (isWide()) {
      thing.fields().widened();
    }
    return thing;
  }

  private boolean isWide() {
    if (wide == null) {
      wide = json.isWide(body);
    }
    return wide;
  }

  @Override
  public int charBytes() {
    return isWide() ? 2 : 1;
  }

  /** Where the text ends. */
  public int length() {
    return body.length();
  }

  /** The type that a line names for those below it, or null when it names none. */
  public @Nullable String type(int start, int end) {
    return body.charAt(start) == '@'
        ? ThingLine.unquote(body.substring(start + 1, end), json)
        : null;
  }

  /** Whether a thing's line starts there. */
  public boolean isThing(int start) {
    return body.charAt(start) == '"';
  }

  @Override
  public String id(int start) {
    return ThingLine.unquote(ThingLine.quotedId(body, start, end(start), json, name), json);
  }

  @Override
  public double lastSeq() {
    return lastSeq;
  }

  @Override
  public double seq(int start) {
    return ThingLine.seq(body, start, json, name);
  }

  @Override
  public int length(int start) {
    return end(start) - start;
  }

  @Override
  public int slot() {
    return slot;
  }
}
